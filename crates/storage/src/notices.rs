//! What people are told: a terminal replaced, a destination paused …

use domain::{DestinationId, TerminalId};
use jiff::Timestamp;
use serde::Serialize;

use crate::{Result, Store, StoreError, Weight, columns::moment};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeLevel {
    Info,
    Warning,
    Error,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    pub at: Timestamp,
    pub level: NoticeLevel,
    /// A stable word for programs.
    pub code: String,
    pub terminal_id: Option<TerminalId>,
    pub destination_id: Option<DestinationId>,
    pub text: String,
}

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    pub id: i64,
    pub at: Timestamp,
    pub level: NoticeLevel,
    pub code: String,
    pub terminal_id: Option<TerminalId>,
    pub destination_id: Option<DestinationId>,
    pub text: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: i64,
    level: String,
    code: String,
    terminal_id: Option<i64>,
    destination_id: Option<i64>,
    text: String,
}

impl Store {
    pub async fn tell(&self, notice: NewNotice) -> Result<()> {
        const INSERT: &str =
            "INSERT INTO notices (at, level, code, terminal_id, destination_id, text)
            VALUES (?, ?, ?, ?, ?, ?)";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(INSERT)
                    .bind(notice.at.as_millisecond())
                    .bind(notice.level.as_str())
                    .bind(notice.code)
                    .bind(notice.terminal_id.map(|id| id.0))
                    .bind(notice.destination_id.map(|id| id.0))
                    .bind(notice.text)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Newest first; `before` is the last id of the page before.
    pub async fn notices(&self, before: Option<i64>, limit: u32) -> Result<Vec<Notice>> {
        const SELECT: &str = "SELECT id, at, level, code, terminal_id, destination_id, text
            FROM notices WHERE id < ? ORDER BY id DESC LIMIT ?";
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Notice::try_from).collect()
    }
}

impl NoticeLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl TryFrom<Row> for Notice {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            at: moment(row.at)?,
            level: match row.level.as_str() {
                "info" => NoticeLevel::Info,
                "warning" => NoticeLevel::Warning,
                "error" => NoticeLevel::Error,
                other => {
                    return Err(StoreError::damaged(format!(
                        "{other:?} is no level of a notice"
                    )));
                }
            },
            code: row.code,
            terminal_id: row.terminal_id.map(TerminalId),
            destination_id: row.destination_id.map(DestinationId),
            text: row.text,
        })
    }
}
