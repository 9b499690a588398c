//! Each check fails on a bad sample and passes on a good one.

mod edges;
mod leaks;
mod licences;
mod lint_escapes;
mod lockfiles;
mod metadata;
mod migrations;
mod names;
mod places;
mod reasons;
mod rust_text;
mod sizes;
mod sql;
mod todos;

use super::{
    finding::Finding,
    tree::{File, Tree},
};

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree {
        files: files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect(),
    }
}

/// Where the findings are: `path:line`.
fn places(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{}:{}", finding.path, finding.line))
        .collect()
}
