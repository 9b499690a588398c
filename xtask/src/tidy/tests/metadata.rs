use std::path::Path;

use serde_json::json;

use super::super::metadata::{Kind, Metadata};

#[test]
fn ours_and_others_are_told_apart_and_dev_edges_stay_out_of_the_tree() {
    let answer = json!({
        "packages": [
            {
                "id": "a", "name": "zk-wire", "version": "0.0.0", "source": null,
                "manifest_path": "/repo/crates/zk-wire/Cargo.toml", "license": "MIT",
                "dependencies": [
                    { "name": "thiserror", "kind": null },
                    { "name": "tokio", "kind": "dev" },
                    { "name": "domain", "kind": null, "path": "/repo/crates/domain" },
                ],
            },
            { "id": "b", "name": "thiserror", "version": "2.0.0", "source": "registry+x", "license": "MIT" },
            { "id": "c", "name": "tokio", "version": "1.0.0", "source": "registry+x", "license": null },
        ],
        "resolve": { "nodes": [
            { "id": "a", "deps": [
                { "pkg": "b", "dep_kinds": [{ "kind": null }] },
                { "pkg": "c", "dep_kinds": [{ "kind": "dev" }] },
            ] },
        ] },
    });
    let metadata = Metadata::parse(&answer, Path::new("/repo")).unwrap();
    let [ours] = metadata.ours.as_slice() else {
        panic!("one crate is ours");
    };
    assert_eq!(ours.manifest, "crates/zk-wire/Cargo.toml");
    assert_eq!(ours.closure.iter().collect::<Vec<_>>(), ["thiserror"]);
    assert_eq!(ours.dependencies[1].kind, Kind::Dev);
    assert!(ours.dependencies[2].is_ours);
    assert_eq!(metadata.foreign.len(), 2);
    assert_eq!(metadata.foreign[1].licence, None);
}
