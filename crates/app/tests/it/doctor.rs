//! `doctor` and `scan` as people type them.

use crate::program::{Terminal, run, text, zk_attendance};

#[test]
fn a_healthy_terminal_is_exit_code_0_and_plain_text() {
    let terminal = Terminal::start(&["--users", "5", "--records", "200"]);
    let done = run(&["doctor", &terminal.address.to_string()]);
    let said = text(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{said}{}", text(&done.stderr));
    assert!(
        said.contains("ok        log          The log can be read: 200 punches"),
        "{said}"
    );
    assert!(
        said.ends_with("\nNothing is wrong with this terminal.\n"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "colours are for screens");
}

#[test]
fn a_missing_key_is_exit_code_1_and_its_remedy() {
    let terminal = Terminal::start(&["--comm-key", "4711"]);
    let address = terminal.address.to_string();
    let done = run(&["doctor", &address]);
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stdout);
    assert!(said.contains("failed    key"), "{said}");
    assert!(said.contains("Give it with --key."), "{said}");
}

#[test]
fn the_key_comes_from_a_flag_a_file_or_a_variable() {
    let terminal = Terminal::start(&["--comm-key", "4711"]);
    let address = terminal.address.to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "4711\n").unwrap();

    let by_flag = run(&["doctor", &address, "--key", "4711"]);
    assert_eq!(by_flag.status.code(), Some(0), "{}", text(&by_flag.stdout));
    let by_file = zk_attendance()
        .args(["doctor", &address, "--key-file"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(by_file.status.code(), Some(0), "{}", text(&by_file.stdout));
    let by_variable = zk_attendance()
        .args(["doctor", &address])
        .env("ZK_COMM_KEY", "4711")
        .output()
        .unwrap();
    assert_eq!(
        by_variable.status.code(),
        Some(0),
        "{}",
        text(&by_variable.stdout)
    );
    let nonsense = zk_attendance()
        .args(["doctor", &address])
        .env("ZK_COMM_KEY", "geheim")
        .output()
        .unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
    let said = text(&nonsense.stderr);
    assert!(
        said.contains("ZK_COMM_KEY") && !said.contains("geheim"),
        "{said}"
    );
}

#[test]
fn nobody_at_the_address_is_exit_code_1_in_words() {
    let done = run(&["doctor", "127.0.0.1", "--port", "1", "--timeout", "0.5"]);
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stdout);
    assert!(said.contains("failed    reachability"), "{said}");
    assert!(said.contains("127.0.0.1:1"), "{said}");
}

#[test]
fn json_is_one_object_with_a_step_each() {
    let terminal = Terminal::start(&[]);
    let done = run(&["doctor", &terminal.address.to_string(), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["outcome"], "ok");
    assert_eq!(report["steps"].as_array().unwrap().len(), 9);
    assert_eq!(report["device"]["serial"], "ZKEMU0000001");
}

#[test]
fn a_capture_goes_into_a_new_file_and_over_none() {
    let terminal = Terminal::start(&["--serial", "CEXA204760917"]);
    let address = terminal.address.to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("conversation.txt");
    let capture = || {
        zk_attendance()
            .args(["doctor", &address, "--capture"])
            .arg(&file)
            .output()
            .unwrap()
    };
    let done = capture();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.starts_with("zk-capture 1\n"), "{kept}");
    assert!(
        !kept.contains("43455841323034373630393137"),
        "the serial number"
    );
    let again = capture();
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), kept);
}

#[test]
fn a_wrong_zone_is_a_usage_error() {
    let done = run(&["doctor", "127.0.0.1", "--zone", "Mars/Olympus"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("Europe/Madrid"));
}

#[test]
fn what_is_known_of_models_is_listed_without_a_terminal() {
    let done = run(&["doctor", "--list-quirks"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("rows-of-49-bytes (MB40-VL"));
    assert_eq!(run(&["doctor"]).status.code(), Some(2));
}

#[test]
fn a_scan_lists_who_answers() {
    let terminal = Terminal::start(&[]);
    let port = terminal.address.port().to_string();
    let done = run(&["scan", "127.0.0.1", "--port", &port]);
    let said = text(&done.stdout);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(said.contains("127.0.0.1  tcp   ZKEMU0000001"), "{said}");
    let done = run(&["scan", "127.0.0.1", "--port", &port, "--format", "json"]);
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(found[0]["serial"], "ZKEMU0000001");
    assert_eq!(found[0]["key"], "not_needed");
}

#[test]
fn a_scan_of_other_peoples_addresses_or_of_too_many_needs_force() {
    for addresses in ["8.8.8.0/24", "10.0.0.0/8"] {
        let done = run(&["scan", addresses]);
        assert_eq!(done.status.code(), Some(2), "{addresses}");
        assert!(text(&done.stderr).contains("--force"));
    }
    assert_eq!(run(&["scan", "office"]).status.code(), Some(2));
}
