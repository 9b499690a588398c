//! Tests stand beside the code, in `tests.rs`; a crate's outer tests are one binary, `tests/it/main.rs`.

use super::{finding::Finding, rust_text::RustText, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let code = RustText::parse(&file.text).code;
        for (at, _) in code.match_indices("mod tests") {
            let (head, rest) = code.split_at(at);
            let after = rest.trim_start_matches("mod tests").trim_start();
            if after.starts_with('{') {
                findings.push(Finding::new(
                    &file.path,
                    head.matches('\n').count() + 1,
                    "tests inside the file",
                    "move them to tests.rs beside it",
                ));
            }
        }
        if let Some((_, inner)) = file.path.split_once("/tests/")
            && file.path.starts_with("crates/")
            && !file.path.contains("/src/")
            && !inner.contains('/')
        {
            findings.push(Finding::new(
                &file.path,
                0,
                "each file here is linked as a program of its own",
                "make it a module of tests/it/main.rs",
            ));
        }
    }
    findings
}
