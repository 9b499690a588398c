//! Unfinished work has an issue, or it is forgotten.

use super::{finding::Finding, rust_text::RustText, tree::Tree};

const CODE: &[&str] = &["js", "mjs", "css", "html", "sql", "sh", "py", "toml"];
const WORDS: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let notes = match file.extension() {
            Some("rs") => RustText::parse(&file.text).comments,
            Some(extension) if CODE.contains(&extension) => file
                .lines()
                .map(|(number, line)| (number, line.to_owned()))
                .collect(),
            _ => continue,
        };
        for (line, note) in notes {
            let is_open = note
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| WORDS.contains(&word));
            if is_open && !names_issue(&note) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "unfinished work without an issue",
                    "finish it, or write its issue's number beside it as #12",
                ));
            }
        }
    }
    findings
}

fn names_issue(note: &str) -> bool {
    note.split('#')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
