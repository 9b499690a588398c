use super::{
    super::lint_escapes::check,
    {places, tree},
};

#[test]
fn an_expectation_with_its_reason_passes() {
    let good = tree(&[(
        "a.rs",
        "// #[allow(dead_code)] is a comment\n#[expect(\n    clippy::x,\n    reason = \"[why]\"\n)]\nfn a() {}\n#[test]\nfn b() { let s = \"#[ignore]\"; }",
    )]);
    assert_eq!(check(&good), []);
}

#[test]
fn a_bare_allow_is_found() {
    let bad = tree(&[(
        "a.rs",
        "fn a() {}\n#[allow(dead_code)]\nfn b() {}\n#![allow(x)]",
    )]);
    assert_eq!(places(&check(&bad)), ["a.rs:2", "a.rs:4"]);
}

#[test]
fn an_expectation_without_reason_is_found() {
    let bad = tree(&[("a.rs", "#[expect(dead_code)]\nfn b() {}")]);
    assert_eq!(places(&check(&bad)), ["a.rs:1"]);
}

#[test]
fn an_ignored_test_is_found() {
    let bad = tree(&[("a.rs", "#[test]\n#[ignore = \"slow\"]\nfn b() {}")]);
    assert_eq!(places(&check(&bad)), ["a.rs:2"]);
}
