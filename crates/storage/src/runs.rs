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

/// How a read ended: what the terminal says it has is `stored` now or before, `repeats` or `unreadable`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunResult {
    pub terminal_says: Option<u32>,
    pub seen: u64,
    pub stored: u64,
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
    pub terminal_says: Option<u32>,
    pub seen: u64,
    pub stored: u64,
    pub repeats: u64,
    pub unreadable: u64,
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
    terminal_says: Option<i64>,
    seen: i64,
    stored: i64,
    repeats: i64,
    unreadable: i64,
    error_code: Option<String>,
    error: Option<String>,
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
            "UPDATE sync_runs SET outcome = ?, finished_at = ?, terminal_says = ?, seen = ?,
                stored = ?, repeats = ?, unreadable = ?, error_code = ?, error = ?
            WHERE id = ?";
        let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let outcome = if result.error.is_some() {
                    RunOutcome::Failed
                } else {
                    RunOutcome::Ok
                };
                let (code, text) = result.error.unzip();
                sqlx::query(FINISH)
                    .bind(outcome.as_str())
                    .bind(at.as_millisecond())
                    .bind(result.terminal_says)
                    .bind(number(result.seen))
                    .bind(number(result.stored))
                    .bind(number(result.repeats))
                    .bind(number(result.unreadable))
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
            WHERE state = 'running' AND (kind = 'import_users' OR result IS NULL)";
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
        const ALL: &str = "SELECT id, terminal_id, kind, outcome, started_at, finished_at, tries, terminal_says, seen,
                stored, repeats, unreadable, error_code, error
            FROM sync_runs WHERE id < ?2 AND ?1 IS NULL ORDER BY id DESC LIMIT ?3";
        const OF_ONE: &str =
            "SELECT id, terminal_id, kind, outcome, started_at, finished_at, tries, terminal_says,
                seen, stored, repeats, unreadable, error_code, error
            FROM sync_runs WHERE id < ?2 AND terminal_id = ?1 ORDER BY id DESC LIMIT ?3";
        let rows: Vec<Row> = sqlx::query_as(if terminal.is_some() { OF_ONE } else { ALL })
            .bind(terminal.map(|id| id.0))
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(SyncRun::try_from).collect()
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
            terminal_says: row
                .terminal_says
                .map(|says| narrow(says, "sync_runs.terminal_says"))
                .transpose()?,
            seen: narrow(row.seen, "sync_runs.seen")?,
            stored: narrow(row.stored, "sync_runs.stored")?,
            repeats: narrow(row.repeats, "sync_runs.repeats")?,
            unreadable: narrow(row.unreadable, "sync_runs.unreadable")?,
            error_code: row.error_code,
            error: row.error,
        })
    }
}
