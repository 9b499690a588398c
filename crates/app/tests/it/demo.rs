//! The demo, as somebody starts it who looks at the program for the first time.

use std::path::Path;

use crate::{
    http,
    program::{Running, address_in, eventually, zk_attendance},
};

fn demo(folder: &Path) -> Running {
    let mut command = zk_attendance();
    command
        .args(["demo", "--data-dir", "kept"])
        .current_dir(folder)
        .env("TMPDIR", folder);
    Running::start(command)
}

#[test]
fn a_kept_folder_shows_the_next_demo_without_looking_for_the_terminals_of_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = demo(folder.path());
    first.wait_for("Ctrl-C");
    first.terminate();
    let mut second = demo(folder.path());
    let address = address_in(&second.wait_for("open this"));
    eventually("three connected terminals", || {
        let answer = http::get(address, "/api/sync-status");
        answer.body.contains("3 of 3 devices").then_some(())
    });
    let runs = http::get(address, "/api/v1/sync-runs").json();
    let failed = runs["data"].to_string().contains("\"failed\"");
    assert!(!failed, "{runs}");
}

#[test]
fn it_leaves_no_temporary_folder_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = zk_attendance();
    command
        .arg("demo")
        .current_dir(folder.path())
        .env("TMPDIR", folder.path());
    let mut demo = Running::start(command);
    let line = demo.wait_for("data folder");
    assert!(line.contains(folder.path().to_str().unwrap()), "{line}");
    let (status, _) = demo.terminate();
    assert!(status.success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
