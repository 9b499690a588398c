use std::{path::Path, process::Output};

use crate::{
    http::ask,
    program::{Serve, eventually, text, zk_attendance},
};

fn key(folder: &Path, arguments: &[&str]) -> Output {
    zk_attendance()
        .arg("key")
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .output()
        .unwrap()
}

fn create(folder: &Path, name: &str, role: &str) -> String {
    let done = key(folder, &["create", "--name", name, "--role", role]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let printed = text(&done.stdout);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    printed.trim().to_owned()
}

#[test]
fn a_key_made_while_the_server_runs_opens_it_and_a_revoked_one_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Serve::start_with(folder.path(), &[]);
    let status = |header: &str| ask(serve.address, "GET", "/api/users", &[header], "").status;
    let made = create(folder.path(), "script", "viewer");
    let bearer = format!("Authorization: Bearer {made}");
    assert_eq!(status(&bearer), 200);
    assert_eq!(status(&format!("X-API-Key: {made}")), 200);

    let revoked = key(folder.path(), &["revoke", "script"]);
    assert!(revoked.status.success(), "{}", text(&revoked.stderr));
    eventually("the end of the key", || {
        (status(&bearer) == 401).then_some(())
    });
}

#[test]
fn roles_open_as_much_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Serve::start_with(folder.path(), &[]);
    let viewer = format!(
        "Authorization: Bearer {}",
        create(folder.path(), "v", "viewer")
    );
    let admin = format!(
        "Authorization: Bearer {}",
        create(folder.path(), "a", "admin")
    );
    let settings = r#"{"auto_export": false}"#;
    let post = |header: &str| {
        ask(
            serve.address,
            "POST",
            "/api/export-config",
            &[header],
            settings,
        )
        .status
    };
    assert_eq!(post(&viewer), 403);
    assert_eq!(post(&admin), 200);
}

#[test]
fn the_list_shows_names_and_roles_but_never_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let made = create(folder.path(), "payroll script", "operator");
    let listed = text(&key(folder.path(), &["list"]).stdout);
    assert!(
        listed.contains("payroll script") && listed.contains("operator"),
        "{listed}"
    );
    assert!(!listed.contains(&made));
}

#[test]
fn a_role_that_does_not_exist_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let done = key(folder.path(), &["create", "--name", "x", "--role", "boss"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("viewer"));
}

#[test]
fn revoking_what_is_not_there_fails_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), "somebody", "viewer");
    let done = key(folder.path(), &["revoke", "nobody"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("nobody"));
}

#[test]
fn a_list_in_the_wrong_folder_says_so_and_makes_nothing_there() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("misspelt");
    for arguments in [&["list"][..], &["revoke", "1"]] {
        let done = key(&folder, arguments);
        assert_eq!(done.status.code(), Some(1));
        let said = text(&done.stderr);
        assert!(
            said.contains("no ledger") && said.contains("misspelt"),
            "{said}"
        );
    }
    assert!(!folder.exists());
}

#[test]
fn keys_need_no_sealing_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.key"), "damaged").unwrap();
    create(folder.path(), "me", "admin");
    assert!(key(folder.path(), &["list"]).status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_that_could_not_be_printed_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let full = || {
        std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let to_full = |arguments: &[&str]| {
        let mut child = zk_attendance()
            .arg("key")
            .args(arguments)
            .arg("--data-dir")
            .arg(folder.path())
            .stdout(full())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        child.wait().unwrap().code()
    };
    assert_eq!(
        to_full(&["create", "--name", "x", "--role", "admin"]),
        Some(1)
    );
    assert_eq!(to_full(&["list"]), Some(1));
    let listed = text(&key(folder.path(), &["list"]).stdout);
    assert!(listed.contains("x (revoked)"), "{listed}");
}
