use super::{
    super::sizes::check,
    {places, tree},
};

#[test]
fn files_within_the_limits_pass() {
    let (longest, longest_script) = ("\n".repeat(600), "\n".repeat(150));
    let good = tree(&[
        ("crates/a/src/lib.rs", longest.as_str()),
        ("crates/server/assets/live.js", longest_script.as_str()),
        ("e2e/pages/pages.test.js", longest.as_str()),
        ("docs/long.md", "\n\n".repeat(600).as_str()),
    ]);
    assert_eq!(check(&good), []);
}

#[test]
fn a_source_that_grew_too_long_is_found() {
    let bad = tree(&[("crates/a/src/lib.rs", "\n".repeat(601).as_str())]);
    assert_eq!(places(&check(&bad)), ["crates/a/src/lib.rs:601"]);
}

#[test]
fn a_page_script_that_grew_too_long_is_found() {
    let bad = tree(&[("crates/server/assets/live.js", "\n".repeat(151).as_str())]);
    assert_eq!(places(&check(&bad)), ["crates/server/assets/live.js:151"]);
}
