//! Where settings come from, as an administrator writes them.

use std::{path::Path, process::Output};

use crate::program::{text, zk_attendance};

fn check(arguments: &[&str], variables: &[(&str, &str)], folder: &Path) -> Output {
    zk_attendance()
        .args(["config", "check"])
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_settings_file_elsewhere_may_name_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, format!("data_dir = {data:?}\n")).unwrap();
    let file = file.to_str().unwrap();
    let said = text(&check(&["--config", file], &[], folder.path()).stdout);
    assert!(
        said.contains(&format!("data_dir = {data:?}  # {file}")),
        "{said}"
    );
    let overruled = [("ZK_ATTENDANCE_DATA_DIR", "123")];
    let said = text(&check(&["--config", file], &overruled, folder.path()).stdout);
    assert!(
        said.contains("data_dir = \"123\"  # variable ZK_ATTENDANCE_DATA_DIR"),
        "{said}"
    );
}

#[test]
fn a_settings_file_in_the_data_folder_may_not_name_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zk-attendance.toml");
    std::fs::write(file, "data_dir = '/elsewhere'\n").unwrap();
    let done = check(&["--data-dir", "."], &[], folder.path());
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("too late"));
}

#[test]
fn each_value_is_shown_with_who_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zk-attendance.toml"), "log_days = 3\n").unwrap();
    let variables = [("ZK_ATTENDANCE_POLL_INTERVAL", "20s")];
    let flags = ["--data-dir", ".", "--listen", "127.0.0.1:7003"];
    let said = text(&check(&flags, &variables, folder.path()).stdout);
    for line in [
        "listen = \"127.0.0.1:7003\"  # flag --listen",
        "data_dir = \".\"  # flag --data-dir",
        "poll_interval = \"20s\"  # variable ZK_ATTENDANCE_POLL_INTERVAL",
        "zone = \"system\"  # default",
    ] {
        assert!(said.lines().any(|said| said == line), "{line} in {said}");
    }
    assert!(said.contains("log_days = 3  # ") && said.contains("zk-attendance.toml"));
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("ZK_ATTENDANCE_DATA_DIR", ""),
        ("ZK_ATTENDANCE_SECRET_KEY", ""),
        ("ZK_ATTENDANCE_LISTEN", ""),
        ("ZK_ATTENDANCE_OUTBOUND_ALLOW", ""),
    ];
    let done = check(&[], &variables, folder.path());
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("data_dir = \"zk-attendance-data\"  # default"));
}

#[test]
fn a_misspelt_variable_is_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("ZK_ATTENDANCE_POL_INTERVAL", "10s")];
    let done = check(&[], &variables, folder.path());
    assert!(done.status.success());
    assert!(
        text(&done.stdout).contains("ZK_ATTENDANCE_POL_INTERVAL is set, but nothing here reads it")
    );
}

#[test]
fn what_is_wrong_in_the_file_is_a_usage_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for (content, said) in [
        ("pol_interval = '10s'", "there is no setting pol_interval"),
        ("poll_interval = [1", "TOML"),
        (
            "poll_interval = true",
            "poll_interval: a text or a whole number",
        ),
    ] {
        std::fs::write(folder.path().join("zk-attendance.toml"), content).unwrap();
        let done = check(&["--data-dir", "."], &[], folder.path());
        assert_eq!(done.status.code(), Some(2), "{content}");
        let error = text(&done.stderr);
        assert!(
            error.contains(said) && error.contains("zk-attendance.toml"),
            "{error}"
        );
    }
    let done = check(&["--config", "missing.toml"], &[], folder.path());
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("missing.toml"));
}
