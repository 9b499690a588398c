//! Statements that take many rows at once, each value as a parameter: half the work of taking them out of JSON.

/// How many rows a statement takes, so that few different statements do for any number of them.
const STEPS: [usize; 4] = [1_000, 100, 10, 1];

/// `head` followed by so many times `row`, and `tail`.
pub(crate) fn statement(head: &str, row: &str, count: usize, tail: &str) -> String {
    let mut text = String::with_capacity(head.len() + count * (row.len() + 1) + tail.len());
    text.push_str(head);
    for index in 0..count {
        if index > 0 {
            text.push(',');
        }
        text.push_str(row);
    }
    text.push_str(tail);
    text
}

/// Rows by so many as one statement takes.
pub(crate) fn in_steps<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let step = STEPS.into_iter().find(|step| *step <= rows.len())?;
        let (now, rest) = rows.split_at_checked(step)?;
        rows = rest;
        Some(now)
    })
}
