use std::{net::TcpListener, time::Duration};

use crate::{
    http,
    program::{Serve, Terminal, run, text, zk_attendance},
};

#[test]
fn a_wrong_flag_is_a_usage_error() {
    let done = run(&["--colour"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("--colour"));
}

#[test]
fn no_auth_beyond_loopback_is_a_usage_error_that_says_what_to_do() {
    let done = run(&["serve", "--no-auth", "--listen", "0.0.0.0:5000"]);
    assert_eq!(done.status.code(), Some(2));
    let said = text(&done.stderr);
    assert!(
        said.contains("loopback") && said.contains("key create"),
        "{said}"
    );
}

#[test]
fn config_check_shows_every_value_and_masks_the_secret_key() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "ab".repeat(32);
    let done = zk_attendance()
        .args(["config", "check", "--data-dir"])
        .arg(folder.path())
        .env("ZK_ATTENDANCE_POLL_INTERVAL", "10s")
        .env("ZK_ATTENDANCE_SECRET_KEY", &secret)
        .output()
        .unwrap();
    let said = text(&done.stdout);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(said.contains("poll_interval = \"10s\""), "{said}");
    assert!(said.contains("listen = \"127.0.0.1:5000\""), "{said}");
    assert!(said.contains("secret_key = \"***\""), "{said}");
    assert!(!said.contains(&secret));
}

#[test]
fn a_toml_file_is_overruled_by_a_variable_and_that_by_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let file = "poll_interval = '30s'\nlisten = '127.0.0.1:7001'\nlog = 'debug'\n";
    std::fs::write(folder.path().join("zk-attendance.toml"), file).unwrap();
    let done = zk_attendance()
        .args([
            "config",
            "check",
            "--listen",
            "127.0.0.1:7003",
            "--data-dir",
        ])
        .arg(folder.path())
        .env("ZK_ATTENDANCE_LISTEN", "127.0.0.1:7002")
        .env("ZK_ATTENDANCE_POLL_INTERVAL", "20s")
        .output()
        .unwrap();
    let said = text(&done.stdout);
    assert!(said.contains("listen = \"127.0.0.1:7003\""), "{said}");
    assert!(said.contains("poll_interval = \"20s\""), "{said}");
    assert!(said.contains("log = \"debug\""), "{said}");
}

#[test]
fn a_second_instance_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Serve::start(folder.path());
    let done = zk_attendance()
        .args([
            "serve",
            "--no-auth",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
        ])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("another zk-attendance already serves"));
}

#[test]
fn a_taken_port_is_named_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = zk_attendance()
        .args(["serve", "--no-auth", "--listen", &address, "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
}

#[test]
fn healthz_needs_no_key_and_everything_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Serve::start_with(folder.path(), &[]);
    assert_eq!(http::get(serve.address, "/healthz").status, 200);
    assert_eq!(http::get(serve.address, "/openapi.json").status, 200);
    let refused = http::get(serve.address, "/api/users");
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["code"], "unauthorized");
    assert!(
        refused
            .head
            .to_ascii_lowercase()
            .contains("www-authenticate: bearer")
    );
}

#[test]
fn sigterm_ends_it_cleanly_within_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = Serve::start(folder.path());
    let (status, took) = serve.process.terminate();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[cfg(unix)]
#[test]
fn the_data_folder_and_its_key_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let _serve = Serve::start(&folder);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("secret.key")), 0o600);
}

#[test]
fn a_pull_of_a_log_that_does_not_add_up_has_an_exit_code_of_its_own() {
    let terminal = Terminal::start(&[
        "--users",
        "2",
        "--records",
        "5",
        "--counters",
        "one-too-many",
    ]);
    let done = run(&["pull", &terminal.address.to_string()]);
    let (said, rows) = (text(&done.stderr), text(&done.stdout).lines().count());
    assert_eq!((done.status.code(), rows), (Some(3), 6), "{said}");
    assert!(said.contains("does not add up"), "{said}");
    let help = run(&["pull", "--help"]);
    assert!(text(&help.stdout).contains("3 the log was read to its end"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_pull_that_cannot_write_says_where() {
    let terminal = Terminal::start(&["--users", "2", "--records", "5"]);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let done = zk_attendance()
        .args(["pull", &terminal.address.to_string()])
        .stdout(full)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stderr);
    assert!(said.contains("write to standard output"), "{said}");
}
