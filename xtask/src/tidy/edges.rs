//! Which crate may stand on which: the table of `ARCHITECTURE.md`.

use super::{
    finding::Finding,
    metadata::{Kind, Metadata, OurCrate},
};

/// Of ours: who may import whom; a test compares it with `ARCHITECTURE.md`. `app` may import everything but test-kit,
/// test-kit anything.
pub(super) const ALLOWED: &[(&str, &[&str])] = &[
    ("zk-wire", &[]),
    ("zk-client", &["zk-wire"]),
    ("zk-terminal", &["zk-wire"]),
    ("zk-doctor", &["zk-client", "zk-wire"]),
    ("zk-fuzz", &["zk-wire"]),
    ("domain", &[]),
    ("storage", &["domain"]),
    ("collector", &["domain", "storage", "zk-client", "zk-wire"]),
    ("delivery", &["domain", "storage"]),
    (
        "server",
        &["domain", "storage", "collector", "delivery", "zk-doctor"],
    ),
    ("xtask", &[]),
];

/// Of others: who alone may name them. The demo's receiver in `app` answers HTTP with axum too.
const RESERVED: &[(&[&str], &[&str])] = &[
    (
        &[
            "axum",
            "tower",
            "tower-http",
            "utoipa",
            "utoipa-axum",
            "askama",
        ],
        &["server", "app"],
    ),
    (
        &["sqlx", "rusqlite", "tokio-postgres", "diesel"],
        &["storage"],
    ),
    (
        &["reqwest", "hyper", "hyper-util", "ureq", "rustls"],
        &["delivery"],
    ),
];

/// Without I/O: nothing in their whole tree may be a run time.
const WITHOUT_IO: &[&str] = &["zk-wire", "domain"];
const RUN_TIMES: &[&str] = &["tokio", "async-std", "smol", "mio"];

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    metadata
        .ours
        .iter()
        .flat_map(|our| {
            let mut findings = between_ours(our);
            findings.extend(to_reserved(our));
            findings.extend(to_run_times(our));
            findings
        })
        .collect()
}

fn between_ours(our: &OurCrate) -> Vec<Finding> {
    let allowed = ALLOWED.iter().find(|(name, _)| *name == our.name);
    if allowed.is_none() && our.name != "app" && our.name != "test-kit" {
        return vec![Finding::new(
            &our.manifest,
            0,
            format!("the crate {} is not in the table of edges", our.name),
            "add it to ARCHITECTURE.md and to xtask/src/tidy/edges.rs, with what it may import",
        )];
    }
    our.dependencies
        .iter()
        .filter(|dependency| dependency.is_ours && dependency.name != our.name)
        .filter(|dependency| match (dependency.kind, dependency.name.as_str()) {
            // Tests may stand on anything but the binary.
            (Kind::Dev, name) => name == "app",
            (Kind::Normal | Kind::Build, "test-kit") => true,
            (Kind::Normal | Kind::Build, name) => {
                allowed.is_some_and(|(_, may)| !may.contains(&name))
            }
        })
        .map(|dependency| {
            let remedy = if dependency.name == "test-kit" {
                "make it a dev-dependency".to_owned()
            } else {
                "move the code to where both may see it, or change the table in ARCHITECTURE.md and say why".to_owned()
            };
            Finding::new(
                &our.manifest,
                0,
                format!("{} must not import {}", our.name, dependency.name),
                remedy,
            )
        })
        .collect()
}

fn to_reserved(our: &OurCrate) -> Vec<Finding> {
    our.dependencies
        .iter()
        .filter(|dependency| dependency.kind != Kind::Dev)
        .filter_map(|dependency| {
            let (_, owners) = RESERVED
                .iter()
                .find(|(names, _)| names.contains(&dependency.name.as_str()))?;
            (!owners.contains(&our.name.as_str())).then(|| {
                Finding::new(
                    &our.manifest,
                    0,
                    format!("{} must not name {}", our.name, dependency.name),
                    format!("only {} may; ask that crate to do it", owners.join(", ")),
                )
            })
        })
        .collect()
}

fn to_run_times(our: &OurCrate) -> Vec<Finding> {
    if !WITHOUT_IO.contains(&our.name.as_str()) {
        return Vec::new();
    }
    RUN_TIMES
        .iter()
        .filter(|name| our.closure.contains(**name))
        .map(|name| {
            Finding::new(
                &our.manifest,
                0,
                format!("{} is without I/O, yet {name} is in its tree", our.name),
                "find what brings it with `cargo tree -i`, and move the I/O to another crate",
            )
        })
        .collect()
}
