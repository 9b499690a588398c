use super::{
    super::leaks::check,
    {places, tree},
};

#[test]
fn plain_text_passes() {
    let good = tree(&[(
        "README.md",
        "see https://crates.io/crates/serde\nput the file in the data folder\nGET /api/users zka_short",
    )]);
    assert_eq!(check(&good), []);
}

#[test]
fn paths_of_one_machine_are_found() {
    let bad = tree(&[("run.sh", "true\ncd /root/main\nls /home/me\n")]);
    assert_eq!(places(&check(&bad)), ["run.sh:2", "run.sh:3"]);
}

#[test]
fn download_hosts_are_found() {
    let bad = tree(&[(
        "e2e/package-lock.json",
        "\"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\"",
    )]);
    assert_eq!(places(&check(&bad)), ["e2e/package-lock.json:1"]);
}

#[test]
fn secrets_are_found() {
    for secret in [
        "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        format!("key = AKIA{}", "A1".repeat(8)),
        format!("Bearer zka_{}", "x".repeat(43)),
    ] {
        let bad = tree(&[("a.toml", secret.as_str())]);
        assert_eq!(check(&bad).len(), 1, "{secret}");
    }
}
