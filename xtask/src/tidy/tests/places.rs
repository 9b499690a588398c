//! Where tests stand, and what tasks and queues belong to.

use super::{
    super::{inline_tests, stray_tasks},
    {places, tree},
};

#[test]
fn tests_beside_the_code_pass() {
    let good = tree(&[
        ("crates/a/src/lib.rs", "#[cfg(test)]\nmod tests;"),
        ("crates/a/src/tests/pins.rs", ""),
        ("crates/a/tests/it/main.rs", "mod reads;"),
    ]);
    assert_eq!(inline_tests::check(&good), []);
}

#[test]
fn tests_inside_the_code_are_found() {
    let bad = tree(&[(
        "crates/a/src/pin.rs",
        "fn a() {}\n#[cfg(test)]\nmod tests {\n}",
    )]);
    assert_eq!(
        places(&inline_tests::check(&bad)),
        ["crates/a/src/pin.rs:3"]
    );
}

#[test]
fn a_second_integration_binary_is_found() {
    let bad = tree(&[("crates/a/tests/reads.rs", "")]);
    assert_eq!(inline_tests::check(&bad).len(), 1);
}

#[test]
fn tracked_tasks_and_bounded_queues_pass() {
    let good = tree(&[
        (
            "crates/a/src/lib.rs",
            "tracker.spawn(run()); let (a, b) = mpsc::channel(16);",
        ),
        ("crates/a/tests/it/main.rs", "tokio::spawn(run());"),
    ]);
    assert_eq!(stray_tasks::check(&good), []);
}

#[test]
fn a_task_that_nobody_tracks_is_found() {
    let bad = tree(&[(
        "crates/a/src/lib.rs",
        "\ntokio::spawn(run());\nmpsc::unbounded_channel();",
    )]);
    assert_eq!(
        places(&stray_tasks::check(&bad)),
        ["crates/a/src/lib.rs:2", "crates/a/src/lib.rs:3"]
    );
}
