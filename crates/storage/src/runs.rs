//! Sync runs: contacts that read something, or failed.

use domain::{SyncRunId, TerminalId};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{moment, moment_opt, narrow},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    /// A contact that came to nothing.
    Contact,
    Users,
    Punches,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunOutcome {
    Running,
    Ok,
    Failed,
}

/// How a log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadHow {
    /// From its beginning to its end.
    Full,
    /// From its last known rows on.
    Tail,
    /// Its last part, in which the last known rows were found again.
    Window,
    /// Not at all: the counters are as they were.
    Counters,
}

/// How a read ended. Of a full one the terminal's count is `stored` + `stored_before` + `repeats` + `unreadable`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunResult {
    pub how: Option<ReadHow>,
    pub terminal_says: Option<u32>,
    pub seen: u64,
    pub stored: u64,
    /// Rows that the ledger had already.
    pub stored_before: u64,
    /// Rows that say the same as an earlier row of this read.
    pub repeats: u64,
    pub unreadable: u64,
    /// A stable word and a text; `None` when it went well.
    pub error: Option<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncRun {
    pub id: SyncRunId,
    pub terminal_id: TerminalId,
    pub kind: RunKind,
    pub outcome: RunOutcome,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Contacts in a row that failed for the same cause.
    pub tries: u32,
    pub how: Option<ReadHow>,
    pub terminal_says: Option<u32>,
    pub seen: u64,
    pub stored: u64,
    pub stored_before: u64,
    pub repeats: u64,
    pub unreadable: u64,
    /// Of a full read: how many rows the terminal says it has beyond those that came, less than 0 where more came. An
    /// alarm unless it is 0.
    pub difference: Option<i64>,
    pub error_code: Option<String>,
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    terminal_id: i64,
    kind: String,
    outcome: String,
    started_at: i64,
    finished_at: Option<i64>,
    tries: i64,
    how: Option<String>,
    terminal_says: Option<i64>,
    seen: i64,
    stored: i64,
    stored_before: i64,
    repeats: i64,
    unreadable: i64,
    difference: Option<i64>,
    error_code: Option<String>,
    error: Option<String>,
}

macro_rules! select_runs {
    ($rest:literal) => {
        concat!(
            "SELECT id, terminal_id, kind, outcome, started_at, finished_at, tries, how, terminal_says, seen, stored,
                stored_before, repeats, unreadable, difference, error_code, error
            FROM sync_runs ",
            $rest
        )
    };
}

impl Store {
    pub async fn start_run(
        &self,
        terminal: TerminalId,
        kind: RunKind,
        now: Timestamp,
    ) -> Result<SyncRunId> {
        const INSERT: &str = "INSERT INTO sync_runs (terminal_id, kind, outcome, started_at)
            VALUES (?, ?, 'running', ?) RETURNING id";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let id: i64 = sqlx::query_scalar(INSERT)
                    .bind(terminal.0)
                    .bind(kind.as_str())
                    .bind(now.as_millisecond())
                    .fetch_one(conn)
                    .await?;
                Ok(SyncRunId(id))
            })
        })
        .await
    }

    pub async fn finish_run(&self, run: SyncRunId, result: RunResult, at: Timestamp) -> Result<()> {
        const FINISH: &str =
            "UPDATE sync_runs SET outcome = ?, finished_at = ?, how = ?, terminal_says = ?, seen = ?, stored = ?,
                stored_before = ?, repeats = ?, unreadable = ?, difference = ?, error_code = ?, error = ?
            WHERE id = ?";
        let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let outcome = if result.error.is_some() {
                    RunOutcome::Failed
                } else {
                    RunOutcome::Ok
                };
                let difference = result.difference();
                let (code, text) = result.error.unzip();
                sqlx::query(FINISH)
                    .bind(outcome.as_str())
                    .bind(at.as_millisecond())
                    .bind(result.how.map(ReadHow::as_str))
                    .bind(result.terminal_says)
                    .bind(number(result.seen))
                    .bind(number(result.stored))
                    .bind(number(result.stored_before))
                    .bind(number(result.repeats))
                    .bind(number(result.unreadable))
                    .bind(difference)
                    .bind(code)
                    .bind(text)
                    .bind(run.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// A contact that failed. In a row of failures for the same cause, with no success between, all share one run.
    pub async fn record_failed_contact(
        &self,
        terminal: TerminalId,
        code: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<()> {
        const AGAIN: &str = "UPDATE sync_runs SET tries = tries + 1, finished_at = ?3, error = ?4
            WHERE id = (SELECT MAX(id) FROM sync_runs WHERE terminal_id = ?1)
                AND kind = 'contact' AND outcome = 'failed' AND error_code = ?2
                AND finished_at >= COALESCE((SELECT last_contact_at FROM terminals WHERE id = ?1), finished_at)";
        const FIRST: &str = "INSERT INTO sync_runs (terminal_id, kind, outcome, started_at, finished_at, error_code, error)
            VALUES (?1, 'contact', 'failed', ?3, ?3, ?2, ?4)";
        let (code, text) = (code.to_owned(), text.to_owned());
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                for statement in [AGAIN, FIRST] {
                    let done = sqlx::query(statement)
                        .bind(terminal.0)
                        .bind(&code)
                        .bind(now.as_millisecond())
                        .bind(&text)
                        .execute(&mut *conn)
                        .await?;
                    if done.rows_affected() > 0 {
                        break;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    /// At the start: what was running when the program ended will not go on.
    pub async fn abandon_runs(&self, now: Timestamp) -> Result<()> {
        const RUNS: &str =
            "UPDATE sync_runs SET outcome = 'failed', finished_at = ?, error_code = 'interrupted',
                error = 'the program ended during this read; the next contact reads again'
            WHERE outcome = 'running'";
        // A send job that was queued goes on by itself: its records are in the outbox.
        const JOBS: &str = "UPDATE jobs SET state = 'failed', finished_at = ?,
                result = json_object('error', 'the program ended during this job; ask for it again')
            WHERE state = 'running' AND (kind <> 'send_attendance' OR result IS NULL)";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                for statement in [RUNS, JOBS] {
                    sqlx::query(statement)
                        .bind(now.as_millisecond())
                        .execute(&mut *conn)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Newest first, of one terminal or all; `before` is the last id of the page before.
    pub async fn sync_runs(
        &self,
        terminal: Option<TerminalId>,
        before: Option<SyncRunId>,
        limit: u32,
    ) -> Result<Vec<SyncRun>> {
        const ALL: &str = select_runs!("WHERE id < ?2 AND ?1 IS NULL ORDER BY id DESC LIMIT ?3");
        const OF_ONE: &str =
            select_runs!("WHERE id < ?2 AND terminal_id = ?1 ORDER BY id DESC LIMIT ?3");
        let rows: Vec<Row> = sqlx::query_as(if terminal.is_some() { OF_ONE } else { ALL })
            .bind(terminal.map(|id| id.0))
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(SyncRun::try_from).collect()
    }

    /// The full reads of a terminal that went well, newest first: how the terminal's own count and the ledger compare.
    pub async fn reconciliations(&self, terminal: TerminalId, limit: u32) -> Result<Vec<SyncRun>> {
        self.reconciliations_before(terminal, None, limit).await
    }

    /// The same, page by page; `before` is the last id of the page before.
    pub async fn reconciliations_before(
        &self,
        terminal: TerminalId,
        before: Option<SyncRunId>,
        limit: u32,
    ) -> Result<Vec<SyncRun>> {
        const SELECT: &str = select_runs!(
            "WHERE terminal_id = ? AND id < ? AND how = 'full' AND outcome = 'ok' ORDER BY id DESC LIMIT ?"
        );
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(terminal.0)
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(SyncRun::try_from).collect()
    }

    /// The last full read of each terminal in which the terminal's count and what came of it do not add up.
    pub async fn differences(&self) -> Result<Vec<SyncRun>> {
        const SELECT: &str = select_runs!(
            "WHERE id IN (SELECT (SELECT MAX(r.id) FROM sync_runs r
                    WHERE r.terminal_id = t.id AND r.how = 'full' AND r.outcome = 'ok') FROM terminals t)
                AND difference <> 0 ORDER BY terminal_id"
        );
        let rows: Vec<Row> = sqlx::query_as(SELECT).fetch_all(self.reader()).await?;
        rows.into_iter().map(SyncRun::try_from).collect()
    }
}

impl RunResult {
    /// Of a full read: what the terminal says it has, less all that came.
    pub fn difference(&self) -> Option<i64> {
        let says = self
            .terminal_says
            .filter(|_| self.how == Some(ReadHow::Full))?;
        let came = [
            self.stored,
            self.stored_before,
            self.repeats,
            self.unreadable,
        ];
        let came = came.into_iter().fold(0_u64, u64::saturating_add);
        Some(i64::from(says).saturating_sub(i64::try_from(came).unwrap_or(i64::MAX)))
    }
}

impl ReadHow {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Tail => "tail",
            Self::Window => "window",
            Self::Counters => "counters",
        }
    }

    fn from_stored(word: &str) -> Result<Self> {
        match word {
            "full" => Ok(Self::Full),
            "tail" => Ok(Self::Tail),
            "window" => Ok(Self::Window),
            "counters" => Ok(Self::Counters),
            other => Err(StoreError::damaged(format!(
                "{other:?} is no way to read a log"
            ))),
        }
    }
}

impl RunKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Users => "users",
            Self::Punches => "punches",
        }
    }
}

impl RunOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Failed => "failed",
        }
    }
}

impl TryFrom<Row> for SyncRun {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: SyncRunId(row.id),
            terminal_id: TerminalId(row.terminal_id),
            kind: match row.kind.as_str() {
                "contact" => RunKind::Contact,
                "users" => RunKind::Users,
                "punches" => RunKind::Punches,
                other => {
                    return Err(StoreError::damaged(format!(
                        "{other:?} is no kind of sync run"
                    )));
                }
            },
            outcome: match row.outcome.as_str() {
                "running" => RunOutcome::Running,
                "ok" => RunOutcome::Ok,
                "failed" => RunOutcome::Failed,
                other => {
                    return Err(StoreError::damaged(format!(
                        "{other:?} is no outcome of a sync run"
                    )));
                }
            },
            started_at: moment(row.started_at)?,
            finished_at: moment_opt(row.finished_at)?,
            tries: narrow(row.tries, "sync_runs.tries")?,
            how: row.how.as_deref().map(ReadHow::from_stored).transpose()?,
            terminal_says: row
                .terminal_says
                .map(|says| narrow(says, "sync_runs.terminal_says"))
                .transpose()?,
            seen: narrow(row.seen, "sync_runs.seen")?,
            stored: narrow(row.stored, "sync_runs.stored")?,
            stored_before: narrow(row.stored_before, "sync_runs.stored_before")?,
            repeats: narrow(row.repeats, "sync_runs.repeats")?,
            unreadable: narrow(row.unreadable, "sync_runs.unreadable")?,
            difference: row.difference,
            error_code: row.error_code,
            error: row.error,
        })
    }
}
