//! A disk that takes no more, and takes it again: `prlimit` says how far files may grow, and a write beyond fails as on a
//! full disk.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    http::{ask, get},
    line::{arrived, connect, deliver_to, log_of, sorted},
    program::{Running, Terminal, address_in, eventually, zk_attendance},
    receiver::Receiver,
};

/// `serve` whose standard error goes to a file on the same disk, as services and shells do it.
struct Serve {
    process: Running,
    address: SocketAddr,
}

impl Serve {
    fn start(folder: &Path) -> Self {
        let log = folder.join("serve.log");
        let program = zk_attendance();
        let mut shell = Command::new("sh");
        shell
            // Otherwise the system ends a program that writes beyond the limit.
            .args([
                "-c",
                "trap '' XFSZ; log=$1; shift; exec \"$0\" \"$@\" 2>\"$log\"",
            ])
            .arg(program.get_program())
            .arg(&log)
            .args([
                "serve",
                "--no-auth",
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
            ])
            .arg(folder.join("data"));
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
            .env("ZK_ATTENDANCE_POLL_INTERVAL", "10s")
            .env("ZK_ATTENDANCE_OUTBOUND_ALLOW", "127.0.0.0/8");
        let process = Running::start(shell);
        let address = eventually("the server", || {
            let said = fs::read_to_string(&log).ok()?;
            let line = said.lines().find(|line| line.contains("serving http://"))?;
            Some(address_in(line))
        });
        Self { process, address }
    }

    fn limit_files(&self, bytes: &str) {
        let done = Command::new("prlimit")
            .args(["--pid", &self.process.id().to_string()])
            .arg(format!("--fsize={bytes}:"))
            .status()
            .unwrap();
        assert!(done.success());
    }

    fn device(&self) -> Value {
        get(self.address, "/api/v1/devices").json()["data"]["devices"][0].clone()
    }
}

#[test]
fn a_full_disk_is_said_in_plain_words_loses_nothing_and_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(&["--users", "20", "--records", "300", "--punch-every", "1"]);
    let receiver = Receiver::start();
    let mut serve = Serve::start(folder.path());
    deliver_to(serve.address, &receiver);
    connect(serve.address, terminal.address, &json!({}));
    eventually("the first records", || {
        (arrived(&receiver.requests()).len() >= 300).then_some(())
    });

    serve.limit_files("0");
    let said = eventually("a word about the disk", || {
        let told = serve.device()["last_error"].as_str()?.to_owned();
        told.contains("disk").then_some(told)
    });
    assert!(said.contains("the disk of the ledger"), "{said}");
    let before = receiver.requests().len();
    let change = json!({ "batch_size": 7 }).to_string();
    let path = "/api/v1/destinations/default";
    let json = ["Content-Type: application/json"];
    let refused = ask(serve.address, "PATCH", path, &json, &change);
    assert_eq!(refused.status, 503, "{}", refused.body);
    let said = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(said.contains("the disk of the ledger"), "{said}");
    let held = log_of(terminal.address, &[]).len();
    eventually("punches that nobody can store", || {
        (log_of(terminal.address, &[]).len() > held + 2).then_some(())
    });
    // What cannot be written down is not sent.
    assert_eq!(receiver.requests().len(), before);
    assert_eq!(serve.process.ended(), None);

    serve.limit_files("unlimited");
    let held = log_of(terminal.address, &[]);
    eventually("what was punched meanwhile", || {
        let arrived = arrived(&receiver.requests());
        held.iter()
            .all(|punch| arrived.contains(punch))
            .then_some(())
    });
    let arrived = sorted(arrived(&receiver.requests()));
    let mut once = arrived.clone();
    once.dedup();
    assert_eq!(arrived, once);
    assert_eq!(serve.process.ended(), None);
}
