//! What we stand on is permissive, and there is one TLS and one cryptography back end.

use super::{finding::Finding, metadata::Metadata};

/// As `deny.toml` has them.
pub(super) const PERMISSIVE: &[&str] = &[
    "Apache-2.0",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// As `deny.toml` has them. `openssl-probe` only looks where a system keeps its certificates: it stays.
pub(super) const BANNED: &[&str] = &[
    "aws-lc-fips-sys",
    "aws-lc-rs",
    "aws-lc-sys",
    "native-tls",
    "openssl",
    "openssl-src",
    "openssl-sys",
];

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for foreign in &metadata.foreign {
        let name = format!("{} {}", foreign.name, foreign.version);
        match &foreign.licence {
            Some(licence) if is_permissive(licence) => {}
            Some(licence) => findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("{name} is licensed {licence}"),
                "replace it; only permissive licences are compatible with ours",
            )),
            None => findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("{name} names no licence"),
                "replace it, or settle its licence with its authors first",
            )),
        }
        if BANNED.contains(&foreign.name.as_str()) {
            findings.push(Finding::new(
                "Cargo.lock",
                0,
                format!("{name} is a second TLS or cryptography back end"),
                "find what brings it with `cargo tree -i`, and switch that feature off; we use rustls with ring",
            ));
        }
    }
    findings
}

/// Whether an SPDX expression can be satisfied with permissive licences alone.
pub(super) fn is_permissive(expression: &str) -> bool {
    // The slash is the old way to write OR.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let answer = any_of(&mut words);
    answer && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>) -> bool {
    let mut answer = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        answer |= all_of(words);
    }
    answer
}

fn all_of(words: &mut Words<'_>) -> bool {
    let mut answer = one(words);
    while words.next_if_eq(&"AND").is_some() {
        answer &= one(words);
    }
    answer
}

fn one(words: &mut Words<'_>) -> bool {
    match words.next() {
        Some("(") => {
            let answer = any_of(words);
            words.next_if_eq(&")").is_some() && answer
        }
        Some(name) => {
            // An exception to a licence only ever allows more.
            if words.next_if_eq(&"WITH").is_some() {
                words.next();
            }
            PERMISSIVE.contains(&name)
        }
        None => false,
    }
}
