//! A ledger in memory, and the one client that all stories use.

use std::{path::Path, sync::OnceLock};

use storage::{Sealer, Store};
use tempfile::TempDir;

use crate::{OutboundPolicy, client::OutboundClient};

pub(super) fn policy() -> OutboundPolicy {
    OutboundPolicy {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
    }
}

/// One for all stories: it takes long to read the authorities that it trusts.
pub(super) fn client() -> OutboundClient {
    static CLIENT: OnceLock<OutboundClient> = OnceLock::new();
    CLIENT
        .get_or_init(|| OutboundClient::new(policy()).unwrap())
        .clone()
}

pub(super) async fn open(dir: &Path) -> Store {
    Store::open(dir, Sealer::new([7; 32])).await.unwrap()
}

/// In memory, where there is such a place: nobody pulls the plug here.
pub(super) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// An empty ledger, made once.
pub(super) async fn template() -> &'static TempDir {
    static TEMPLATE: tokio::sync::OnceCell<TempDir> = tokio::sync::OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let dir = folder();
            open(dir.path()).await.close().await.unwrap();
            dir
        })
        .await
}
