//! `cargo xtask tidy`: the rules of the house as a failing test.
//!
//! One check a file. A check is a pure function from what is in the repository ([`Tree`], or the answer of
//! `cargo metadata`) to findings, so that its test shows it failing on a bad sample and passing on a good one.

mod edges;
mod finding;
mod inline_tests;
mod leaks;
mod licences;
mod lint_escapes;
mod lockfiles;
mod metadata;
mod migrations;
mod names;
mod reasons;
mod rust_text;
mod sizes;
mod sql;
mod stray_tasks;
#[cfg(test)]
mod tests;
mod todos;
mod tree;

use std::{
    io::{self, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};

use self::{finding::Finding, metadata::Metadata, tree::Tree};

/// What a check reads.
enum Check {
    Files(fn(&Tree) -> Vec<Finding>),
    Crates(fn(&Metadata) -> Vec<Finding>),
    Both(fn(&Metadata, &Tree) -> Vec<Finding>),
}

const CHECKS: &[(&str, Check)] = &[
    ("edges between crates", Check::Crates(edges::check)),
    ("licences and banned crates", Check::Crates(licences::check)),
    ("reasons for dependencies", Check::Both(reasons::check)),
    ("one registry", Check::Files(lockfiles::check)),
    ("SQL only in storage", Check::Files(sql::check)),
    ("migrations", Check::Files(migrations::check)),
    ("file sizes", Check::Files(sizes::check)),
    ("names", Check::Files(names::check)),
    ("lint escapes", Check::Files(lint_escapes::check)),
    (
        "tests beside, not inside",
        Check::Files(inline_tests::check),
    ),
    ("stray tasks and queues", Check::Files(stray_tasks::check)),
    ("unfinished work", Check::Files(todos::check)),
    ("secrets and private places", Check::Files(leaks::check)),
];

/// Runs every check and prints what it found.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the folder of xtask has no parent")?;
    let tree = Tree::read(root)?;
    let metadata = Metadata::read(root)?;
    let mut out = io::stdout().lock();
    let mut total = 0;
    for (name, check) in CHECKS {
        let mut findings = match check {
            Check::Files(check) => check(&tree),
            Check::Crates(check) => check(&metadata),
            Check::Both(check) => check(&metadata, &tree),
        };
        findings.sort();
        total += findings.len();
        for finding in findings {
            writeln!(out, "{finding} [{name}]")?;
        }
    }
    if total > 0 {
        bail!("{total} findings break the rules of the house; CONTRIBUTING.md says why they exist");
    }
    writeln!(
        out,
        "tidy: {} checks over {} files, nothing found",
        CHECKS.len(),
        tree.files.len()
    )?;
    Ok(())
}
