use super::super::{
    licences::{BANNED, PERMISSIVE, check, is_permissive},
    metadata::{ForeignCrate, Metadata},
};

fn count(name: &str, licence: Option<&str>) -> usize {
    check(&Metadata {
        ours: Vec::new(),
        foreign: vec![ForeignCrate {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
        }],
    })
    .len()
}

#[test]
fn expressions_that_permissive_licences_satisfy_pass() {
    for expression in [
        "MIT",
        "MIT/Apache-2.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
    ] {
        assert!(is_permissive(expression), "{expression}");
    }
}

#[test]
fn expressions_that_need_another_licence_fail() {
    for expression in [
        "GPL-3.0",
        "MPL-2.0",
        "MIT AND GPL-3.0-only",
        "(MIT OR Apache-2.0) AND MPL-2.0",
        "MIT GPL-3.0",
        "(MIT",
        "",
    ] {
        assert!(!is_permissive(expression), "{expression}");
    }
}

#[test]
fn a_crate_without_licence_is_found() {
    assert_eq!(count("serde", Some("MIT OR Apache-2.0")), 0);
    assert_eq!(count("serde", None), 1);
}

#[test]
fn a_second_tls_back_end_is_found() {
    assert_eq!(count("openssl-probe", Some("MIT")), 0);
    assert_eq!(count("openssl-sys", Some("MIT")), 1);
    assert_eq!(count("aws-lc-rs", Some("ISC")), 1);
}

#[test]
fn deny_toml_says_the_same() {
    let deny = include_str!("../../../../deny.toml");
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let allowed: Vec<String> = deny
        .lines()
        .skip_while(|line| *line != "allow = [")
        .skip(1)
        .take_while(|line| *line != "]")
        .filter_map(quoted)
        .collect();
    let banned: Vec<String> = deny
        .lines()
        .filter(|line| line.contains("crate = "))
        .filter_map(quoted)
        .collect();
    assert_eq!(allowed, PERMISSIVE);
    assert_eq!(banned, BANNED);
}
