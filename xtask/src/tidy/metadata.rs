use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// What `cargo metadata` says of our crates and of everything that they stand on.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) ours: Vec<OurCrate>,
    pub(super) foreign: Vec<ForeignCrate>,
}

#[derive(Debug, Default)]
pub(super) struct OurCrate {
    pub(super) name: String,
    /// Its `Cargo.toml`, from the root.
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
    /// Names of every crate that a normal build of this one compiles.
    pub(super) closure: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_ours: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Dev,
    Build,
}

#[derive(Debug)]
pub(super) struct ForeignCrate {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: Option<String>,
}

impl Metadata {
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let answer = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(root)
            .output()
            .context("run cargo metadata")?;
        if !answer.status.success() {
            bail!(
                "cargo metadata --locked failed: {}",
                String::from_utf8_lossy(&answer.stderr).trim()
            );
        }
        let json = serde_json::from_slice(&answer.stdout).context("read cargo metadata's JSON")?;
        Self::parse(&json, root)
    }

    pub(super) fn parse(json: &Value, root: &Path) -> anyhow::Result<Self> {
        let names: BTreeMap<&str, &str> = list(json, "packages")
            .iter()
            .filter_map(|package| Some((text(package, "id")?, text(package, "name")?)))
            .collect();
        let graph = graph(json);
        let mut metadata = Self::default();
        for package in list(json, "packages") {
            let id = text(package, "id").context("a package without id")?;
            let name = text(package, "name")
                .context("a package without name")?
                .to_owned();
            if package.get("source").is_some_and(Value::is_null) {
                let manifest = Path::new(text(package, "manifest_path").unwrap_or_default());
                metadata.ours.push(OurCrate {
                    name,
                    manifest: manifest
                        .strip_prefix(root)
                        .unwrap_or(manifest)
                        .display()
                        .to_string(),
                    dependencies: list(package, "dependencies")
                        .iter()
                        .filter_map(dependency)
                        .collect(),
                    closure: closure(&graph, id)
                        .iter()
                        .filter_map(|id| names.get(id))
                        .map(|name| (*name).to_owned())
                        .collect(),
                });
            } else {
                metadata.foreign.push(ForeignCrate {
                    name,
                    version: text(package, "version").unwrap_or_default().to_owned(),
                    licence: text(package, "license").map(str::to_owned),
                });
            }
        }
        Ok(metadata)
    }
}

fn dependency(json: &Value) -> Option<Dependency> {
    Some(Dependency {
        name: text(json, "name")?.to_owned(),
        kind: match text(json, "kind") {
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        },
        is_ours: json.get("path").is_some(),
    })
}

/// Which package needs which for a normal build.
fn graph(json: &Value) -> BTreeMap<&str, Vec<&str>> {
    let Some(resolve) = json.get("resolve") else {
        return BTreeMap::new();
    };
    list(resolve, "nodes")
        .iter()
        .filter_map(|node| {
            let needs = list(node, "deps")
                .iter()
                .filter(|dep| {
                    list(dep, "dep_kinds")
                        .iter()
                        .any(|kind| kind.get("kind").is_none_or(Value::is_null))
                })
                .filter_map(|dep| text(dep, "pkg"))
                .collect();
            Some((text(node, "id")?, needs))
        })
        .collect()
}

fn closure<'a>(graph: &BTreeMap<&'a str, Vec<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut todo = vec![from];
    while let Some(id) = todo.pop() {
        for next in graph.get(id).into_iter().flatten() {
            if seen.insert(*next) {
                todo.push(next);
            }
        }
    }
    seen
}

fn list<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(json: &'a Value, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str()
}
