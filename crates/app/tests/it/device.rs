//! `device`, against a server that runs.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    http::{get, post},
    program::{Serve, Terminal, eventually, text, zk_attendance},
};

struct Done {
    code: Option<i32>,
    said: String,
    complained: String,
}

fn device(server: &str, arguments: &[&str]) -> Done {
    let done = zk_attendance()
        .args(["device", "--server", server])
        .args(arguments)
        .output()
        .unwrap();
    Done {
        code: done.status.code(),
        said: text(&done.stdout),
        complained: text(&done.stderr),
    }
}

fn good(server: &str, arguments: &[&str]) -> String {
    let done = device(server, arguments);
    assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.complained);
    done.said
}

#[test]
fn where_the_server_is_may_be_said_behind_the_command_too() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Serve::start(folder.path());
    let data_dir = folder.path().to_str().unwrap();
    let server = serve.address.to_string();
    let done = zk_attendance()
        .args([
            "device",
            "list",
            "--server",
            &server,
            "--data-dir",
            data_dir,
        ])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}

#[test]
fn a_terminal_is_commanded_through_the_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Serve::start(folder.path());
    let gate = Terminal::start(&["--users", "3", "--records", "5", "--serial", "GATE1"]);
    let connect = json!({ "ip": "127.0.0.1", "port": gate.address.port() });
    assert_eq!(post(serve.address, "/api/connect", &connect).status, 200);
    eventually("the punches", || {
        let data = get(serve.address, "/api/attendance").json();
        (data["data"]["count"] == 5).then_some(())
    });
    let server = serve.address.to_string();
    let listed = good(&server, &["list"]);
    assert!(
        listed.contains("1 devices") && listed.contains("GATE1"),
        "{listed}"
    );
    for (arguments, says) in [
        (&["unlock", "GATE1", "--seconds", "2"][..], "open for 2 s"),
        (&["voice", "1", "10"], "sound 10"),
        (&["lcd", "1", "Closed today"], "line 1"),
        (&["lcd", "1", "--clear"], "display"),
        (&["state", "1"], "the device"),
        (&["enable", "1"], "can punch"),
        (&["clock", "1", "--set"], "the clock is set"),
        (&["clock", "1"], "the clock is right"),
        (&["read", "1"], "5 = 5 stored + 0 repeats + 0 unreadable"),
        (&["reconcile", "1"], "DIFFERENCE"),
        (&["templates", "1", "--read"], "fingerprints of"),
        (&["unreadable", "1"], "0 rows"),
        (&["operations", "1"], "clock set"),
        (&["held"], "0 records are held"),
        (&["release", "--dry-run"], "0 records would be released"),
    ] {
        let said = good(&server, arguments);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let json: Value = serde_json::from_str(&good(&server, &["list", "--json"])).unwrap();
    assert_eq!(json["devices"][0]["serial_number"], "GATE1");

    let wrong = device(&server, &["clear", "1", "--serial", "another"]);
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.complained.contains("serial_number"),
        "{}",
        wrong.complained
    );
    let cleared = good(&server, &["clear", "1", "--serial", "GATE1"]);
    assert!(
        cleared.contains("the log is cleared: 5 punches"),
        "{cleared}"
    );
    assert!(cleared.contains("counted_after"), "{cleared}");
    let nobody = device(&server, &["unlock", "99"]);
    assert_eq!(nobody.code, Some(1));
    assert!(
        nobody.complained.contains("no device is known"),
        "{}",
        nobody.complained
    );
}

#[test]
fn without_a_server_it_says_so_and_what_to_do() {
    let done = device("127.0.0.1:1", &["list"]);
    assert_eq!(done.code, Some(1));
    assert!(
        done.complained.contains("no server answers at http://")
            && done.complained.contains("zk-attendance serve"),
        "{}",
        done.complained
    );
}

#[test]
fn the_servers_address_comes_from_its_settings_and_the_key_from_a_file_or_variable() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Serve::start_with(folder.path(), &[]);
    let settings = format!("listen = \"{}\"\n", serve.address);
    std::fs::write(folder.path().join("zk-attendance.toml"), settings).unwrap();
    let here = |arguments: &[&str], key: Option<&str>| {
        let mut command = zk_attendance();
        command.args(["device", "--data-dir"]).arg(folder.path());
        command.args(arguments);
        if let Some(key) = key {
            command.env("ZK_ATTENDANCE_API_KEY", key);
        }
        command.output().unwrap()
    };
    let closed = here(&["list"], None);
    assert_eq!(closed.status.code(), Some(1));
    let complained = text(&closed.stderr);
    assert!(
        complained.contains("ZK_ATTENDANCE_API_KEY") && complained.contains("--api-key-file"),
        "{complained}"
    );
    let key = create_key(folder.path());
    let open = here(&["list"], Some(&key));
    assert!(open.status.success(), "{}", text(&open.stderr));
    let file = folder.path().join("key.txt");
    std::fs::write(&file, format!("{key}\n")).unwrap();
    let open = here(&["list", "--api-key-file", file.to_str().unwrap()], None);
    assert!(open.status.success(), "{}", text(&open.stderr));
    let forbidden = here(&["unlock", "1"], Some(&key));
    assert!(
        text(&forbidden.stderr).contains("operator"),
        "{}",
        text(&forbidden.stderr)
    );
}

fn create_key(folder: &Path) -> String {
    let made = zk_attendance()
        .args([
            "key",
            "create",
            "--name",
            "reader",
            "--role",
            "viewer",
            "--data-dir",
        ])
        .arg(folder)
        .output()
        .unwrap();
    text(&made.stdout).trim().to_owned()
}
