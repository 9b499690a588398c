//! No secret, no path of somebody's machine, no download host in a tracked file.

use super::{finding::Finding, tree::Tree};

/// This check and its tests have to write down what they look for.
const OURSELVES: &[&str] = &["xtask/src/tidy/leaks.rs", "xtask/src/tidy/tests/leaks.rs"];

const PLACES: &[&str] = &["/root/", "/home/", "/work/", "/Users/", "C:\\Users\\"];
const HOSTS: &[&str] = &[
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "files.pythonhosted.org",
    "pypi.org/simple",
    "index.crates.io",
    "static.crates.io",
    "--index-url",
    "--extra-index-url",
    "--registry=",
    "artifactory",
];
const KEY_BLOCKS: &[&str] = &["PRIVATE KEY-----", "PGP PRIVATE KEY BLOCK"];
/// Beginnings of tokens, and how many letters and digits must follow to take it for a real one.
const TOKENS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ghp_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("npm_", 36),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("zka_", 43),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if OURSELVES.contains(&file.path.as_str()) {
            continue;
        }
        for (number, line) in file.lines() {
            if let Some((what, remedy)) = judge(line) {
                findings.push(Finding::new(&file.path, number, what, remedy));
            }
        }
    }
    findings
}

fn judge(line: &str) -> Option<(String, &'static str)> {
    if let Some(place) = PLACES.iter().find(|place| line.contains(**place)) {
        return Some((
            format!("a path of one machine, {place}"),
            "write it relative to the repository, or take it as an argument",
        ));
    }
    if let Some(host) = HOSTS.iter().find(|host| line.contains(**host)) {
        return Some((
            format!("a download host or its setting, {host}"),
            "leave it to the configuration of the machine that builds",
        ));
    }
    if KEY_BLOCKS.iter().any(|block| line.contains(block)) {
        return Some((
            "a private key".to_owned(),
            "make keys when the test runs, and never commit one",
        ));
    }
    let (start, _) = TOKENS.iter().find(|(start, length)| {
        line.match_indices(start).any(|(at, _)| {
            let rest = line.get(at + start.len()..).unwrap_or_default();
            let run = rest
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
                .count();
            run >= *length
        })
    })?;
    Some((
        format!("what looks like a secret, {start}…"),
        "revoke it if it is real; make one when the test runs",
    ))
}
