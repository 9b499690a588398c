use super::{
    super::lockfiles::check,
    {places, tree},
};

#[test]
fn one_registry_and_no_download_host_pass() {
    let good = tree(&[
        (
            "Cargo.lock",
            "name = \"serde\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"",
        ),
        (
            "e2e/pages/package-lock.json",
            "{\n  \"node_modules/a\": {\n    \"integrity\": \"sha512-x\"\n  }\n}",
        ),
    ]);
    assert_eq!(check(&good), []);
}

#[test]
fn another_registry_is_found() {
    let bad = tree(&[(
        "fuzz/Cargo.lock",
        "\nsource = \"git+https://example.org/a\"",
    )]);
    assert_eq!(places(&check(&bad)), ["fuzz/Cargo.lock:2"]);
}

#[test]
fn a_package_tied_to_a_host_is_found() {
    let bad = tree(&[(
        "e2e/package-lock.json",
        "{\n  \"resolved\": \"https://example.org/a.tgz\"\n}",
    )]);
    assert_eq!(places(&check(&bad)), ["e2e/package-lock.json:2"]);
}
