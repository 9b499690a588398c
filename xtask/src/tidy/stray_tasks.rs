//! Every task belongs to a `TaskTracker`, and every queue has a bound.

use super::{
    finding::Finding,
    rust_text::RustText,
    tree::{Tree, numbered},
};

const STRAYS: &[(&str, &str, &str)] = &[
    (
        "tokio::spawn(",
        "a task that nobody waits for",
        "spawn it on the TaskTracker that is passed in",
    ),
    (
        "unbounded_channel",
        "a queue without a bound",
        "use tokio::sync::mpsc::channel with a bound, and decide what happens when it is full",
    ),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let exempt = file.path.starts_with("crates/test-kit/") || file.path.starts_with("xtask/");
        if file.is_test() || exempt {
            continue;
        }
        for (number, line) in numbered(&RustText::parse(&file.text).code) {
            for (sign, what, remedy) in STRAYS {
                if line.contains(sign) {
                    findings.push(Finding::new(&file.path, number, *what, *remedy));
                }
            }
        }
    }
    findings
}
