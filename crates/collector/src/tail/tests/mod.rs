mod approach;
mod need;
mod search;

use domain::LogPosition;

use super::Ends;

/// A row that is told from all others by its number.
fn row(number: usize) -> Vec<u8> {
    let mut row = vec![0xaa; 40];
    row[..8].copy_from_slice(&u64::try_from(number).unwrap().to_le_bytes());
    row
}

fn log(numbers: impl IntoIterator<Item = usize>) -> Vec<u8> {
    numbers.into_iter().flat_map(row).collect()
}

/// After a log of these rows was read.
fn position(numbers: impl IntoIterator<Item = usize>) -> LogPosition {
    let (mut ends, mut rows) = (Ends::default(), 0);
    for number in numbers {
        ends.push(&row(number));
        rows += 1;
    }
    ends.into_position(rows, "40".to_owned(), 40, None)
}
