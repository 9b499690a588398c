//! Answers as people read them: a sentence, then a table where there is one.

use serde_json::Value;

use super::{
    ask::Answer,
    request::{Table, Wish},
};

pub(super) fn told(answer: &Answer, wish: &Wish) -> String {
    let mut text = format!("{}\n", answer.message);
    if let Some(table) = &wish.table
        && let Some(rows) = answer.data.get(table.rows).and_then(Value::as_array)
        && !rows.is_empty()
    {
        text.push('\n');
        text.push_str(&aligned(table, rows));
    }
    text
}

fn aligned(table: &Table, rows: &[Value]) -> String {
    let headings = table
        .columns
        .iter()
        .map(|(heading, _)| (*heading).to_owned());
    let mut lines: Vec<Vec<String>> = vec![headings.collect()];
    lines.extend(rows.iter().map(|row| {
        table
            .columns
            .iter()
            .map(|(_, key)| cell(row.get(*key).unwrap_or(&Value::Null)))
            .collect()
    }));
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| {
            lines
                .iter()
                .filter_map(|line| line.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for line in &lines {
        let padded: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        // A terminal's text must not command this one.
        Value::String(text) => text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect(),
        Value::Array(list) => list.iter().map(item).collect::<Vec<_>>().join(" "),
        Value::Object(_) => value.to_string(),
    }
}

/// What a list in a cell says of one of its entries.
fn item(value: &Value) -> String {
    let of = |key| value.get(key).map(cell);
    match (of("finger"), of("text"), value.get("remedy")) {
        (Some(finger), _, _) => finger,
        (None, Some(text), Some(Value::String(remedy))) => format!("{text} {remedy}"),
        (None, Some(text), _) => text,
        (None, None, _) => cell(value),
    }
}
