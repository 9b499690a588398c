//! SQL stands in `storage` only, lists its columns, and never changes a punch.

use super::{
    finding::Finding,
    rust_text::RustText,
    tree::{File, Tree, numbered},
};

const HOME: &str = "crates/storage/";
/// Has to write down what it looks for.
const OURSELVES: &str = "xtask/src/tidy/sql.rs";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        if file.is_test() || file.path == OURSELVES {
            continue;
        }
        for (line, text) in RustText::parse(&file.text).strings {
            if is_sql(&text) {
                judge(file, line, &text, &mut findings);
            }
        }
    }
    for file in tree.with_extension("sql") {
        for (line, text) in numbered(&file.text) {
            let statement = text.split("--").next().unwrap_or_default();
            judge(file, line, statement, &mut findings);
        }
    }
    findings
}

fn judge(file: &File, line: usize, text: &str, findings: &mut Vec<Finding>) {
    let mut tell = |what: &str, remedy: &str| {
        findings.push(Finding::new(&file.path, line, what, remedy));
    };
    if !file.path.starts_with(HOME) {
        tell(
            "SQL outside storage",
            "give `Store` a method that says what is wanted, beside the aggregate that it is about",
        );
    }
    let words: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let has = |wanted: &[&str]| {
        words
            .windows(wanted.len())
            .any(|window| window.iter().zip(wanted).all(|(a, b)| a == b))
    };
    if has(&["select", "*"]) {
        tell("SELECT * breaks when a column is added", "list the columns");
    }
    if has(&["update", "punches"]) || has(&["delete", "from", "punches"]) {
        tell(
            "a statement changes the ledger of punches",
            "the ledger is append-only: add a correction instead",
        );
    }
}

/// Whether a string literal reads as a statement: by how it begins, or by what only SQL writes in capitals.
fn is_sql(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c == '\\' || c == '(')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let mut words = words.iter().map(String::as_str);
    let begins = match (words.next(), words.next()) {
        (Some("select"), Some(_)) => words.any(|word| word == "from") || text.contains("SELECT"),
        (Some("update"), Some(_)) => words.next() == Some("set"),
        (Some("create" | "drop" | "alter"), Some("table" | "index" | "unique" | "view")) => {
            text.starts_with(char::is_uppercase)
        }
        (Some("insert" | "replace"), Some("into" | "or"))
        | (Some("delete"), Some("from"))
        | (Some("pragma" | "savepoint"), Some(_))
        | (Some("begin"), Some("immediate" | "exclusive" | "transaction")) => true,
        _ => false,
    };
    begins
        || ["SELECT ", "INSERT INTO ", "DELETE FROM ", " VALUES ("]
            .iter()
            .any(|sign| text.contains(sign))
}
