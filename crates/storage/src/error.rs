use std::sync::Arc;

use sqlx::migrate::MigrateError;

/// Why the ledger did not do what it was asked; told apart by what the caller can do next.
///
/// Cheap to clone, because all that wait for one commit hear of its failure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It contradicts what is already there; the text says what.
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    NotFound(String),
    /// Nothing of the write was stored; the same write succeeds once there is room.
    #[error(
        "the disk of the ledger is full; nothing was stored by this write. Free some space on it"
    )]
    Full,
    /// Nothing of the write was stored; the same write may succeed later.
    #[error(
        "another program keeps the ledger locked; if it is a backup or an SQL shell, let it end"
    )]
    Busy,
    /// Nothing of the write was stored. Not only disks fail so: a quota that is used up does too.
    #[error(
        "the disk of the ledger fails ({0}); check it, whether a quota leaves room there, and the permissions of the data \
         folder"
    )]
    Io(String),
    /// Something else than this program wrote into the file, or the disk did.
    #[error("the ledger is damaged ({0}); restore it from a backup")]
    Damaged(String),
    #[error(
        "the ledger was written by another version of this program ({0}); use that version or a newer one"
    )]
    OtherVersion(String),
    #[error("the ledger is closed already")]
    Closed,
    /// A fault of ours, or of `SQLite`.
    #[error("the ledger failed: {0}")]
    Database(#[source] Arc<sqlx::Error>),
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    pub fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    pub fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict(what.into())
    }

    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound(what.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(reported) => {
                match reported.code().and_then(|code| code.parse::<i32>().ok()) {
                    Some(code) => Self::of_code(code, reported.message())
                        .unwrap_or_else(|| Self::other(error)),
                    None => Self::other(error),
                }
            }
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::Io(cause) => Self::Io(cause.to_string()),
            _ => Self::other(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::OtherVersion(other.to_string()),
        }
    }
}

impl StoreError {
    /// `SQLite`'s result codes; the lowest byte is the kind, the rest its details.
    fn of_code(code: i32, message: &str) -> Option<Self> {
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        const READONLY: i32 = 8;
        const IOERR: i32 = 10;
        const CORRUPT: i32 = 11;
        const FULL: i32 = 13;
        const CANTOPEN: i32 = 14;
        const NOTADB: i32 = 26;
        match code & 0xff {
            BUSY | LOCKED => Some(Self::Busy),
            FULL => Some(Self::Full),
            READONLY | IOERR | CANTOPEN => Some(Self::Io(message.to_owned())),
            CORRUPT | NOTADB => Some(Self::Damaged(message.to_owned())),
            _ => None,
        }
    }

    fn other(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}
