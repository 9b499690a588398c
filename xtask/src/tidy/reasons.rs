//! Each direct dependency has its reason in `docs/adr/`, and each reason its dependency.

use std::collections::BTreeMap;

use super::{
    finding::Finding,
    metadata::Metadata,
    tree::{File, Tree},
};

pub(super) fn check(metadata: &Metadata, tree: &Tree) -> Vec<Finding> {
    let records: Vec<&File> = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("docs/adr/"))
        .collect();
    let mut first_user = BTreeMap::new();
    for our in &metadata.ours {
        for dependency in our.dependencies.iter().filter(|it| !it.is_ours) {
            first_user
                .entry(dependency.name.as_str())
                .or_insert(our.manifest.as_str());
        }
    }
    let outlived = records
        .iter()
        .flat_map(|file| parts(file))
        .filter(|(_, _, name)| !first_user.contains_key(name))
        .map(|(path, line, name)| {
            Finding::new(
                path,
                line,
                format!("nothing of ours needs {name} any more"),
                "take its line out; why it went belongs under the decisions",
            )
        });
    let unexplained = first_user
        .iter()
        .filter(|(name, _)| {
            let quoted = format!("`{name}`");
            !records.iter().any(|file| file.text.contains(&quoted))
        })
        .map(|(name, manifest)| {
            Finding::new(
                manifest,
                0,
                format!("nothing in docs/adr says why we need {name}"),
                format!("write a line with `{name}` there: what it saves, its licence, who maintains it; or do without it"),
            )
        });
    outlived.chain(unexplained).collect()
}

/// The parts that have a row in one of a record's tables, with its line.
fn parts(file: &File) -> impl Iterator<Item = (&str, usize, &str)> {
    file.lines()
        .filter(|(_, line)| line.starts_with("| `"))
        .flat_map(move |(number, line)| {
            let cell = line.split('|').nth(1).unwrap_or_default();
            let quoted = cell.split('`').skip(1).step_by(2);
            quoted.map(move |name| (file.path.as_str(), number, name))
        })
}
