//! A lint is silenced where it is wrong, with the reason, and only as long as it would speak.

use super::{finding::Finding, rust_text::RustText, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let code = RustText::parse(&file.text).code;
        for (line, name, body) in attributes(&code) {
            match name {
                "allow" => findings.push(Finding::new(
                    &file.path,
                    line,
                    "a bare #[allow] outlives its cause",
                    "write #[expect(lint, reason = \"…\")]",
                )),
                "expect" if !body.contains("reason") => findings.push(Finding::new(
                    &file.path,
                    line,
                    "a lint is silenced without saying why",
                    "add reason = \"…\"",
                )),
                "ignore" => findings.push(Finding::new(
                    &file.path,
                    line,
                    "an ignored test proves nothing",
                    "mend the test or delete it",
                )),
                _ => {}
            }
        }
    }
    findings
}

/// Every `#[name body]` and `#![name body]` with the line it begins on.
fn attributes(code: &str) -> Vec<(usize, &str, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices('#') {
        let (head, rest) = code.split_at(at);
        let rest = rest.trim_start_matches('#').trim_start_matches('!');
        let Some(inside) = rest.strip_prefix('[') else {
            continue;
        };
        let mut depth = 1;
        let end = inside.find(|c| {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let inside = end.and_then(|end| inside.get(..end)).unwrap_or(inside);
        let name_end = inside
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(inside.len());
        let (name, body) = inside.split_at(name_end);
        found.push((head.matches('\n').count() + 1, name, body));
    }
    found
}
