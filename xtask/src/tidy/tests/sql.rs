use super::{
    super::sql::check,
    {places, tree},
};

#[test]
fn listed_columns_inside_storage_pass() {
    let good = tree(&[
        (
            "crates/storage/src/punches.rs",
            "const A: &str = \"SELECT id, count(*) FROM punches WHERE id > ?\";\nconst B: &str = \"UPDATE destinations SET retry_at = ?\";",
        ),
        (
            "crates/storage/migrations/0001_ledger.sql",
            "-- never update punches\nCREATE TABLE punches (id INTEGER);",
        ),
    ]);
    assert_eq!(check(&good), []);
}

#[test]
fn words_that_only_look_like_sql_pass_everywhere() {
    let good = tree(&[(
        "crates/server/src/api/devices.rs",
        "// SELECT * FROM nowhere\nlet a = \"select a terminal first\";\nlet b = \"delete the user\";\nlet c = \"insert the key\";\nlet d = \"update set\";",
    )]);
    assert_eq!(check(&good), []);
}

#[test]
fn statements_outside_storage_are_found() {
    let bad = tree(&[(
        "crates/server/src/api/devices.rs",
        "let a = \"select id from terminals\";\nlet b = r#\"\n  INSERT INTO terminals (id) VALUES (?)\"#;\nlet c = \"PRAGMA user_version\";",
    )]);
    assert_eq!(
        places(&check(&bad)),
        [
            "crates/server/src/api/devices.rs:1",
            "crates/server/src/api/devices.rs:2",
            "crates/server/src/api/devices.rs:4"
        ]
    );
}

#[test]
fn tests_may_look_into_the_database() {
    let good = tree(&[(
        "crates/app/tests/it/ledger.rs",
        "let a = \"SELECT id FROM punches\";",
    )]);
    assert_eq!(check(&good), []);
}

#[test]
fn all_columns_at_once_are_found() {
    let bad = tree(&[(
        "crates/storage/src/a.rs",
        "\nlet a = \"SELECT * FROM terminals\";",
    )]);
    assert_eq!(places(&check(&bad)), ["crates/storage/src/a.rs:2"]);
}

#[test]
fn a_change_of_the_ledger_is_found() {
    let bad = tree(&[(
        "crates/storage/src/a.rs",
        "let a = \"UPDATE punches SET pin = ?\";\nlet b = \"DELETE FROM punches WHERE id = ?\";",
    )]);
    assert_eq!(check(&bad).len(), 2);
}
