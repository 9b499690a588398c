//! Lock files name one registry, and never the host that somebody's machine downloads from.

use super::{finding::Finding, tree::Tree};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        match file.path.rsplit('/').next() {
            Some("Cargo.lock") => {
                for (number, line) in file.lines() {
                    if let Some(source) = line.strip_prefix("source = ")
                        && source.trim_matches('"') != REGISTRY
                    {
                        findings.push(Finding::new(
                            &file.path,
                            number,
                            format!("a crate comes from {source}"),
                            "take it from the one registry, or do without it",
                        ));
                    }
                }
            }
            Some("package-lock.json" | "npm-shrinkwrap.json") => {
                for (number, line) in file.lines() {
                    if line.trim_start().starts_with("\"resolved\": \"http") {
                        findings.push(Finding::new(
                            &file.path,
                            number,
                            "a package is tied to one download host",
                            "write the lock with `npm install --omit-lockfile-registry-resolved`; `integrity` is what pins it",
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    findings
}
