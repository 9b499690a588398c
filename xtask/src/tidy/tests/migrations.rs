use super::{
    super::migrations::check,
    {places, tree},
};

const HOME: &str = "crates/storage/migrations";

fn found(names: &[&str]) -> Vec<String> {
    let paths: Vec<String> = names.iter().map(|name| format!("{HOME}/{name}")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
    places(&check(&tree(&files)))
}

#[test]
fn numbers_without_gaps_pass() {
    assert_eq!(found(&["0001_ledger.sql", "0002_people.sql"]), [""; 0]);
}

#[test]
fn a_gap_is_found_once() {
    assert_eq!(
        found(&["0001_ledger.sql", "0003_people.sql", "0004_more.sql"]),
        [format!("{HOME}/0003_people.sql:0")]
    );
}

#[test]
fn two_of_one_number_are_found() {
    assert_eq!(found(&["0001_ledger.sql", "0001_people.sql"]).len(), 1);
}

#[test]
fn a_name_without_number_is_found() {
    assert_eq!(found(&["ledger.sql"]), [format!("{HOME}/ledger.sql:0")]);
}
