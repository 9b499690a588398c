use super::super::{
    edges::{ALLOWED, check},
    finding::Finding,
    metadata::{Dependency, Kind, Metadata, OurCrate},
};

fn judge(name: &str, dependencies: &[(&str, Kind, bool)], closure: &[&str]) -> Vec<Finding> {
    check(&Metadata {
        ours: vec![OurCrate {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies: dependencies
                .iter()
                .map(|(name, kind, is_ours)| Dependency {
                    name: (*name).to_owned(),
                    kind: *kind,
                    is_ours: *is_ours,
                })
                .collect(),
            closure: closure.iter().map(|name| (*name).to_owned()).collect(),
        }],
        foreign: Vec::new(),
    })
}

#[test]
fn architecture_md_has_the_same_table() {
    let written: Vec<(&str, Vec<&str>)> = include_str!("../../../../ARCHITECTURE.md")
        .lines()
        .skip_while(|line| !line.ends_with("| of ours it may import |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let may = match *cells.last()? {
                "anything" | "everything but test-kit" => return None,
                "–" => Vec::new(),
                names => names.split(", ").collect(),
            };
            Some((cells[0].trim_matches('`'), may))
        })
        .collect();
    let checked: Vec<(&str, Vec<&str>)> = ALLOWED
        .iter()
        .filter(|(name, _)| *name != "xtask")
        .map(|(name, may)| (*name, may.to_vec()))
        .collect();
    assert_eq!(written, checked);
}

#[test]
fn an_edge_of_the_table_passes() {
    assert_eq!(judge("storage", &[("domain", Kind::Normal, true)], &[]), []);
    assert_eq!(
        judge("app", &[("zk-terminal", Kind::Normal, true)], &[]),
        []
    );
    assert_eq!(
        judge("test-kit", &[("storage", Kind::Normal, true)], &[]),
        []
    );
}

#[test]
fn an_edge_against_the_flow_is_found() {
    let findings = judge("storage", &[("delivery", Kind::Normal, true)], &[]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, "crates/storage/Cargo.toml");
    assert_eq!(findings[0].what, "storage must not import delivery");
}

#[test]
fn test_kit_serves_tests_only() {
    assert_eq!(judge("delivery", &[("test-kit", Kind::Dev, true)], &[]), []);
    assert_eq!(
        judge("delivery", &[("test-kit", Kind::Normal, true)], &[]).len(),
        1
    );
    assert_eq!(
        judge("app", &[("test-kit", Kind::Normal, true)], &[]).len(),
        1
    );
}

#[test]
fn tests_may_stand_on_any_crate_but_the_binary() {
    assert_eq!(
        judge("collector", &[("zk-terminal", Kind::Dev, true)], &[]),
        []
    );
    assert_eq!(
        judge("collector", &[("app", Kind::Dev, true)], &[]).len(),
        1
    );
}

#[test]
fn a_crate_that_the_table_does_not_know_is_found() {
    assert_eq!(judge("reports", &[], &[]).len(), 1);
}

#[test]
fn parts_with_one_owner_stay_with_it() {
    assert_eq!(judge("storage", &[("sqlx", Kind::Normal, false)], &[]), []);
    assert_eq!(
        judge("server", &[("sqlx", Kind::Normal, false)], &[]).len(),
        1
    );
    assert_eq!(
        judge("collector", &[("axum", Kind::Normal, false)], &[]).len(),
        1
    );
    assert_eq!(
        judge("server", &[("reqwest", Kind::Normal, false)], &[]).len(),
        1
    );
    assert_eq!(judge("server", &[("reqwest", Kind::Dev, false)], &[]), []);
}

#[test]
fn a_run_time_deep_in_the_tree_of_a_crate_without_io_is_found() {
    assert_eq!(judge("zk-wire", &[], &["thiserror"]), []);
    assert_eq!(judge("zk-wire", &[], &["thiserror", "tokio"]).len(), 1);
    assert_eq!(judge("zk-client", &[], &["tokio"]), []);
}
