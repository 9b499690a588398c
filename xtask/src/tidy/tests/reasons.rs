use super::{
    super::{
        metadata::{Dependency, Kind, Metadata, OurCrate},
        reasons::check,
    },
    {places, tree},
};

fn uses_serde() -> Metadata {
    Metadata {
        ours: vec![OurCrate {
            name: "domain".to_owned(),
            manifest: "crates/domain/Cargo.toml".to_owned(),
            dependencies: vec![Dependency {
                name: "serde".to_owned(),
                kind: Kind::Normal,
                is_ours: false,
            }],
            ..OurCrate::default()
        }],
        foreign: Vec::new(),
    }
}

#[test]
fn a_part_with_its_reason_passes() {
    let good = tree(&[("docs/adr/0001-parts.md", "| `serde` | reads JSON |")]);
    assert_eq!(check(&uses_serde(), &good), []);
}

#[test]
fn a_part_without_reason_is_found() {
    let bad = tree(&[
        ("docs/adr/0001-parts.md", "| part | what it saves |"),
        ("README.md", "`serde`"),
    ]);
    assert_eq!(
        places(&check(&uses_serde(), &bad)),
        ["crates/domain/Cargo.toml:0"]
    );
}

#[test]
fn a_reason_that_outlived_its_part_is_found() {
    let bad = tree(&[(
        "docs/adr/0001-parts.md",
        "| part | what it saves |\n| `serde`, `serde_json` | every JSON body |",
    )]);
    assert_eq!(
        places(&check(&uses_serde(), &bad)),
        ["docs/adr/0001-parts.md:2"]
    );
}
