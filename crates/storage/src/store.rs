use std::{path::Path, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::Instant;

use crate::{
    Result, Sealer, StoreError, Weight, known_rows::learn_all, punch_totals::Counted,
    writer::Writer,
};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Name of the ledger's file in the data folder.
pub const FILE: &str = "ledger.db";
/// How long a connection waits for another process's write, such as a `key` command beside a running server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What the writer keeps of the file in memory, in KiB, so that the indexes it adds to need not be read again; with half
/// of it a large ledger is read and written more, with twice of it no less.
const WRITER_CACHE: &str = "-16384";
/// Pages of the write-ahead log after which they are moved into the file; a transaction of a large log touches one to
/// two thousand, and each move waits for the disk.
const CHECKPOINT_PAGES: &str = "8000";
/// To how many bytes that log is cut once all of it is in the file; a large log of a terminal makes it longer.
const LOG_KEPT: &str = "33554432";
/// What a savepoint may have to undo is kept in memory: as a temporary file it was as much again to write as the ledger.
const WRITER_TEMPORARY: &str = "MEMORY";
/// How long an opening leaves alone a file that somebody else is making.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const READERS: u32 = 4;
/// How long a read waits for one of the readers' connections.
const READER_TIMEOUT: Duration = Duration::from_secs(10);

/// The ledger; cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    reader: SqlitePool,
    writer: Writer,
    sealer: Sealer,
    counted: Counted,
}

impl Store {
    /// Opens the ledger in a folder, creates it where there is none, and brings its tables up to date.
    pub async fn open(dir: &Path, sealer: Sealer) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(dir.join(FILE))
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .statement_cache_capacity(200)
            .disable_statement_logging();
        let writing = options
            .clone()
            .create_if_missing(true)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("journal_size_limit", LOG_KEPT)
            .pragma("temp_store", WRITER_TEMPORARY);
        let connection = connect(&writing).await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READER_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self {
            inner: Arc::new(Inner {
                reader,
                writer: Writer::start(connection),
                sealer,
                counted: Counted::default(),
            }),
        })
    }

    /// Ends all that was queued, then closes the file. Later calls fail with `Closed`.
    pub async fn close(&self) -> Result<()> {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
        Ok(())
    }

    /// For statements that only read, and read all their rows at once.
    pub(crate) fn reader(&self) -> &SqlitePool {
        &self.inner.reader
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }

    pub(crate) fn counted(&self) -> &Counted {
        &self.inner.counted
    }

    /// Runs a closure in the next transaction, and gives its value once that is committed. When the closure fails, what
    /// it did is undone and nobody else's work is.
    ///
    /// A write that was queued is done, also when its caller goes away meanwhile.
    pub(crate) async fn write<T, F>(&self, weight: Weight, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        self.inner.writer.write(weight, work).await
    }
}

/// Opens the file for writing, with its tables up to date.
///
/// Whoever meets another process that is just making the file a write-ahead one is turned away at once, whatever the
/// timeout says: `SQLite` does not wait there. So we do.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connect_once(options).await {
            Err(StoreError::Busy) if Instant::now() < deadline => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            done => return done,
        }
    }
}

async fn connect_once(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    // A table that others refer to can be made anew only where nobody looks at references meanwhile.
    let mut connection = options.clone().foreign_keys(false).connect().await?;
    migrate(&mut connection).await?;
    sqlx::query("PRAGMA foreign_keys = ON")
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

/// All in one transaction, so that two processes that open a new ledger at once do not get into each other's way.
async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS.run(&mut *transaction).await?;
    learn_all(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}
