//! A shell that gives few files to its programs.

use std::process::Command;

use crate::program::{Running, address_in, zk_attendance};

/// Soft limit of open files, too few for what is started here.
const FEW: &str = "ulimit -S -n 64 && exec \"$0\" \"$@\"";

fn with_few_files(arguments: &[&str]) -> Command {
    let program = zk_attendance();
    let mut shell = Command::new("sh");
    shell.args(["-c", FEW]).arg(program.get_program());
    shell.args(arguments);
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

#[test]
fn more_terminals_run_than_the_shell_allows_files() {
    let mut gates = Running::start(with_few_files(&[
        "terminal",
        "--listen",
        "127.0.0.1:0",
        "--count",
        "80",
        "--users",
        "1",
    ]));
    for _ in 0..80 {
        address_in(&gates.wait_for("listens on"));
    }
}

#[test]
fn serve_takes_as_many_files_as_it_can_get() {
    let dir = tempfile::tempdir().unwrap();
    let mut serve = with_few_files(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    serve.arg(dir.path()).env("ZK_ATTENDANCE_LOG", "debug");
    let said = Running::start(serve).wait_for("may be open at a time");
    let limit = said.split_whitespace().find_map(|word| word.parse().ok());
    assert!(limit > Some(64_u64), "{said}");
}
