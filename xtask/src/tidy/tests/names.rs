use super::{
    super::names::check,
    {places, tree},
};

#[test]
fn names_of_subjects_pass() {
    let good = tree(&[(
        "crates/storage/src/punches.rs",
        "// a service for helpers\npub struct PunchPage;\nimpl tower::Service for A { type Error = E; }\nlet utils = 1;",
    )]);
    assert_eq!(check(&good), []);
}

#[test]
fn files_and_folders_that_say_nothing_are_found() {
    let bad = tree(&[
        ("crates/app/src/utils.rs", ""),
        ("e2e/test-helpers/a.js", ""),
        ("crates/common/src/lib.rs", ""),
    ]);
    assert_eq!(check(&bad).len(), 3);
}

#[test]
fn modules_and_types_that_say_nothing_are_found() {
    let bad = tree(&[("a.rs", "mod common;\n\npub(crate) struct DeviceManager;")]);
    assert_eq!(places(&check(&bad)), ["a.rs:1", "a.rs:3"]);
}
