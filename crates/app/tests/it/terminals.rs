//! `terminal` as other programs use it: many at once, with faults and orders, and from a capture.

use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    net::SocketAddr,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use crate::program::{run, text, zk_attendance};

/// `terminal` with a pipe to its standard input.
struct Ordered {
    child: Child,
    orders: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Ordered {
    fn start(flags: &[&str]) -> Self {
        let mut child = zk_attendance()
            .args(["terminal", "--listen", "127.0.0.1:0"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            orders,
            said,
        }
    }

    fn line(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }

    fn address(&mut self) -> SocketAddr {
        let line = self.line();
        let mut words = line.split_whitespace();
        words.find_map(|word| word.parse().ok()).unwrap()
    }

    fn order(&mut self, order: &str) -> String {
        writeln!(self.orders, "{order}").unwrap();
        self.line()
    }
}

impl Drop for Ordered {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rows(address: SocketAddr) -> Option<usize> {
    let done = run(&["pull", &address.to_string(), "--format", "jsonl"]);
    done.status
        .success()
        .then(|| text(&done.stdout).lines().count())
}

#[test]
fn several_terminals_do_what_lines_on_standard_input_say() {
    let mut terminals = Ordered::start(&["--count", "2", "--users", "5", "--records", "2000"]);
    let (one, other) = (terminals.address(), terminals.address());
    assert_ne!(one, other);
    assert_eq!(terminals.order("fill 10"), "10 rows more");
    assert_eq!((rows(one), rows(other)), (Some(2_010), Some(2_010)));
    assert_eq!(terminals.order("fault truncate=1000"), "set");
    assert_eq!(rows(one), None);
    assert_eq!(terminals.order("fault none"), "set");
    assert_eq!(terminals.order("punch 3"), "3 punched");
    assert_eq!(rows(other), Some(2_013));
    assert!(terminals.order("dance").starts_with("error: "));
    let told = terminals.order("state");
    assert_eq!(
        told,
        "ZKEMU0000001 with 5 users, 0 templates, 2013 rows, faults: none | ZKEMU0000002 with 5 users, 0 templates, 2013 rows, faults: none"
    );
}

#[test]
fn faults_are_given_on_the_command_line() {
    let flags = [
        "--records",
        "50",
        "--fault",
        "busy=refuse",
        "--fault",
        "garbage=3",
    ];
    let mut terminal = Ordered::start(&flags);
    let address = terminal.address();
    assert_eq!(rows(address), None);
    assert!(
        terminal
            .order("state")
            .ends_with("faults: busy=refuse garbage=3")
    );
    let wrong = run(&["terminal", "--fault", "gabrage=3"]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = text(&wrong.stderr);
    assert!(said.contains("the names are none, cut, cut-all"), "{said}");
    let help = text(&run(&["terminal", "--help"]).stdout);
    assert!(
        help.contains("udp-loss=PERCENT") && help.contains("punch N"),
        "{help}"
    );
}

#[test]
fn a_capture_by_doctor_is_answered_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terminal.capture");
    let mut terminal = Ordered::start(&["--users", "5", "--records", "200"]);
    let address = terminal.address().to_string();
    let file = file.to_str().unwrap();
    let there = run(&["doctor", &address, "--capture", file]);
    drop(terminal);

    let mut replay = Ordered::start(&["--replay", file]);
    let address = replay.address().to_string();
    let here = run(&["doctor", &address]);
    let said = text(&here.stdout);
    assert_eq!(here.status.code(), there.status.code(), "{said}");
    assert!(said.contains("The log can be read: 200 punches"), "{said}");
}
