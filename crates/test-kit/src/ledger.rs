#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say so at once"
)]

use std::{ops::Deref, path::Path};

use domain::{NewPunch, Terminal};
use jiff::Timestamp;
use storage::{Intake, Sealer, Store};
use tempfile::TempDir;

use crate::terminal_at;

/// A ledger in a folder that goes away with it; used as the [`Store`] it holds.
pub struct TempLedger {
    store: Store,
    dir: TempDir,
}

impl TempLedger {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let store = Self::open(dir.path()).await;
        Self { store, dir }
    }

    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// The folder with the file of the ledger.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Another store on the same file, as another process has it.
    pub async fn beside(&self) -> Store {
        Self::open(self.dir.path()).await
    }

    /// Ends and starts again, as the program does.
    pub async fn restart(&mut self) {
        self.store.close().await.expect("the ledger closes");
        self.store = Self::open(self.dir.path()).await;
    }

    /// Registers a terminal that said its serial number already.
    pub async fn known_terminal(&self, address: &str, serial: &str, now: Timestamp) -> Terminal {
        let terminal = self
            .store
            .register_terminal(terminal_at(address), now)
            .await
            .expect("a free address");
        self.store
            .identify_terminal(terminal.id, serial, Some(serial), now)
            .await
            .expect("a new serial number");
        self.store
            .terminal(terminal.id)
            .await
            .expect("the ledger answers")
            .expect("it was just registered")
    }

    /// Stores punches of a terminal as a read does; gives how many were new.
    pub async fn take_in(
        &self,
        terminal: &Terminal,
        punches: Vec<NewPunch>,
        now: Timestamp,
    ) -> u64 {
        self.store
            .ingest(Intake::of(terminal.id, punches), now)
            .await
            .expect("the ledger takes punches")
            .stored
    }

    async fn open(dir: &Path) -> Store {
        Store::open(dir, Sealer::new([7; 32]))
            .await
            .expect("the ledger opens")
    }
}

impl Deref for TempLedger {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
