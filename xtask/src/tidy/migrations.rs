//! Migrations are numbered 0001, 0002, … without gaps: they only go forward, one after the other.

use std::collections::BTreeMap;

use super::{finding::Finding, tree::Tree};

const HOME: &str = "crates/storage/migrations/";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbers = BTreeMap::new();
    for file in &tree.files {
        let Some(name) = file.path.strip_prefix(HOME) else {
            continue;
        };
        let number = name
            .split_once('_')
            .filter(|(digits, rest)| {
                digits.len() == 4 && file.extension() == Some("sql") && !rest.contains('/')
            })
            .and_then(|(digits, _)| digits.parse::<u32>().ok());
        match number {
            None => findings.push(Finding::new(
                &file.path,
                0,
                "not the name of a migration",
                "name it NNNN_what_it_brings.sql",
            )),
            Some(number) => {
                if let Some(other) = numbers.insert(number, file.path.as_str()) {
                    findings.push(Finding::new(
                        &file.path,
                        0,
                        format!("the number of {other} too"),
                        "give the younger one the next free number",
                    ));
                }
            }
        }
    }
    for (expected, (number, path)) in (1..).zip(&numbers) {
        if *number != expected {
            findings.push(Finding::new(
                path,
                0,
                format!("migration {expected:04} is missing before it"),
                "number migrations without gaps",
            ));
            break;
        }
    }
    findings
}
