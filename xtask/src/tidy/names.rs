//! Names say what is inside. Those that say nothing collect everything.

use super::{
    finding::Finding,
    rust_text::RustText,
    tree::{Tree, numbered},
};

const SAY_NOTHING: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "manager", "service", "services", "misc",
];
const DEFINES: &[&str] = &["mod", "struct", "enum", "trait", "type", "union"];
const REMEDY: &str = "name it after its subject";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if let Some(word) = empty_word(&file.path) {
            findings.push(Finding::new(
                &file.path,
                0,
                format!("`{word}` in a name says nothing"),
                REMEDY,
            ));
        }
    }
    for file in tree.with_extension("rs") {
        for (number, line) in numbered(&RustText::parse(&file.text).code) {
            let words: Vec<&str> = line
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|word| !word.is_empty())
                .collect();
            for pair in words.windows(2) {
                if let [keyword, name] = pair
                    && DEFINES.contains(keyword)
                    && let Some(word) = empty_word(&snake(name))
                {
                    findings.push(Finding::new(
                        &file.path,
                        number,
                        format!("`{word}` in the name {name} says nothing"),
                        REMEDY,
                    ));
                }
            }
        }
    }
    findings
}

fn empty_word(name: &str) -> Option<&str> {
    name.split(|c: char| !c.is_alphanumeric())
        .find(|word| SAY_NOTHING.contains(word))
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
