//! Each direct dependency has its reason in `docs/adr/`.

use std::collections::BTreeMap;

use super::{finding::Finding, metadata::Metadata, tree::Tree};

pub(super) fn check(metadata: &Metadata, tree: &Tree) -> Vec<Finding> {
    let records: Vec<&str> = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("docs/adr/"))
        .map(|file| file.text.as_str())
        .collect();
    let mut first_user = BTreeMap::new();
    for our in &metadata.ours {
        for dependency in our.dependencies.iter().filter(|it| !it.is_ours) {
            first_user
                .entry(dependency.name.as_str())
                .or_insert(our.manifest.as_str());
        }
    }
    first_user
        .into_iter()
        .filter(|(name, _)| {
            let quoted = format!("`{name}`");
            !records.iter().any(|text| text.contains(&quoted))
        })
        .map(|(name, manifest)| {
            Finding::new(
                manifest,
                0,
                format!("nothing in docs/adr says why we need {name}"),
                format!("write a line with `{name}` there: what it saves, its licence, who maintains it; or do without it"),
            )
        })
        .collect()
}
