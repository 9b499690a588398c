//! The data folder, as it may be found.

use serde_json::json;

use crate::{
    http,
    program::{Serve, run, text},
};

#[test]
fn a_file_in_place_of_the_folder_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    std::fs::write(&file, "").unwrap();
    let done = run(&["serve", "--no-auth", "--data-dir", file.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stderr);
    assert!(
        said.contains("is no folder") && said.contains("--data-dir"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn what_is_in_it_is_for_its_owner_only_also_where_others_may_enter_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let _serve = Serve::start(folder.path());
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
}

#[test]
fn the_command_for_the_first_key_can_be_pasted() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("it's here");
    let mut serve = Serve::spawn(&folder, &[]);
    let line = serve.wait_for("key create");
    let command = line.split_once("zk-attendance ").unwrap().1;
    let made = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{} {command}", env!("CARGO_BIN_EXE_zk-attendance")))
        .current_dir("/")
        .output()
        .unwrap();
    assert!(made.status.success(), "{command}: {}", text(&made.stderr));
    assert!(text(&made.stdout).starts_with("zka_"));
}

#[test]
fn a_lost_secret_key_is_told_once_with_the_terminal_that_suffers() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Serve::start(folder.path());
    let device = json!({"name": "Gate", "address": "127.0.0.1:1", "key": 777, "enabled": false});
    let made = http::post(serve.address, "/api/v1/devices", &device);
    assert!(made.status < 300, "{}", made.body);
    serve.process.terminate();
    std::fs::remove_file(folder.path().join("secret.key")).unwrap();

    let serve = Serve::start(folder.path());
    let notices = http::get(serve.address, "/api/v1/notices").json();
    let notices = notices["data"]["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0]["code"], "comm_key_lost");
    assert!(notices[0]["text"].as_str().unwrap().contains("Gate"));
}

#[test]
fn a_wrong_settings_file_of_the_seed_is_told_once_until_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let notices = || {
        let mut serve = Serve::start(folder.path());
        let answer = http::get(serve.address, "/api/v1/notices").json();
        serve.process.terminate();
        answer["data"]["notices"].as_array().unwrap().len()
    };
    std::fs::write(&file, "not JSON").unwrap();
    assert_eq!(notices(), 1);
    assert_eq!(notices(), 1);
    std::fs::write(&file, r#"{"port": "x"}"#).unwrap();
    assert_eq!(notices(), 2);
}
