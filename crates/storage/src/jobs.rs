//! Work that somebody asked for and that goes on in the background.

use domain::{JobId, TerminalId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{moment, moment_opt},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    SendAttendance,
    ImportUsers,
    ExamineDevice,
    ClearLog,
    CopyUsers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Running,
    Done,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub state: JobState,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub request: Value,
    /// Of a send job: how far it has come, as [`crate::SendJobProgress`].
    pub result: Option<Value>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    state: String,
    created_at: i64,
    finished_at: Option<i64>,
    request: String,
    result: Option<String>,
    /// When the last of a send job's records was done.
    last_done_at: Option<i64>,
}

impl Store {
    /// A send job is done when none of its records waits any more; nobody has to say so.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>> {
        const SELECT: &str = "SELECT id, kind, state, created_at, finished_at, request, result,
                (SELECT MAX(o.done_at) FROM job_items i JOIN outbox o ON o.id = i.outbox_id
                    WHERE i.job_id = jobs.id) AS last_done_at
            FROM jobs WHERE id = ?";
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let last_done_at = moment_opt(row.last_done_at)?;
        let mut job = Job::try_from(row)?;
        let is_queued = job.state == JobState::Running && job.result.is_some();
        if job.kind == JobKind::SendAttendance
            && is_queued
            && let Some(progress) = self.send_job_progress(id).await?
        {
            if progress.waiting == 0 {
                job.state = JobState::Done;
                job.finished_at = Some(last_done_at.unwrap_or(job.created_at));
            }
            job.result = Some(
                serde_json::to_value(progress)
                    .map_err(|error| StoreError::damaged(error.to_string()))?,
            );
        }
        Ok(Some(job))
    }

    /// Of a job that a caller of ours runs; those of [`JobKind::SendAttendance`] begin with their records.
    pub async fn start_job(&self, kind: JobKind, request: Value, now: Timestamp) -> Result<JobId> {
        const INSERT: &str = "INSERT INTO jobs (kind, state, created_at, request)
            VALUES (?, 'running', ?, ?) RETURNING id";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let id: i64 = sqlx::query_scalar(INSERT)
                    .bind(kind.as_str())
                    .bind(now.as_millisecond())
                    .bind(request.to_string())
                    .fetch_one(conn)
                    .await?;
                Ok(JobId(id))
            })
        })
        .await
    }

    /// What came of a job so far.
    pub async fn note_job(&self, id: JobId, result: Value) -> Result<()> {
        const NOTE: &str = "UPDATE jobs SET result = ? WHERE id = ? AND state = 'running'";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(NOTE)
                    .bind(result.to_string())
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The last jobs at a terminal, newest first, before one of them or from the newest on; only the newest thousand of all
    /// are looked at.
    pub async fn jobs_at(
        &self,
        terminal: TerminalId,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<Job>> {
        const SELECT: &str = "SELECT id, kind, state, created_at, finished_at, request, result,
                NULL AS last_done_at
            FROM jobs WHERE id > (SELECT COALESCE(MAX(id), 0) - 1000 FROM jobs) AND id < ?
                AND kind IN ('examine_device', 'clear_log', 'copy_users')
                AND ? IN (json_extract(request, '$.device'), json_extract(request, '$.to'))
            ORDER BY id DESC LIMIT ?";
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(terminal.0)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(Job::try_from).collect()
    }

    /// What came of a job, whether it was done or failed.
    pub async fn finish_job(
        &self,
        id: JobId,
        state: JobState,
        result: Value,
        now: Timestamp,
    ) -> Result<()> {
        const FINISH: &str = "UPDATE jobs SET state = ?, finished_at = ?, result = ? WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(FINISH)
                    .bind(state.as_str())
                    .bind(now.as_millisecond())
                    .bind(result.to_string())
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

impl JobKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SendAttendance => "send_attendance",
            Self::ImportUsers => "import_users",
            Self::ExamineDevice => "examine_device",
            Self::ClearLog => "clear_log",
            Self::CopyUsers => "copy_users",
        }
    }
}

impl JobState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl TryFrom<Row> for Job {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let value = |text: &str| {
            serde_json::from_str(text)
                .map_err(|error| StoreError::damaged(format!("a job holds no JSON: {error}")))
        };
        Ok(Self {
            id: JobId(row.id),
            kind: match row.kind.as_str() {
                "send_attendance" => JobKind::SendAttendance,
                "import_users" => JobKind::ImportUsers,
                "examine_device" => JobKind::ExamineDevice,
                "clear_log" => JobKind::ClearLog,
                "copy_users" => JobKind::CopyUsers,
                other => return Err(StoreError::damaged(format!("{other:?} is no kind of job"))),
            },
            state: match row.state.as_str() {
                "running" => JobState::Running,
                "done" => JobState::Done,
                "failed" => JobState::Failed,
                other => {
                    return Err(StoreError::damaged(format!(
                        "{other:?} is no state of a job"
                    )));
                }
            },
            created_at: moment(row.created_at)?,
            finished_at: moment_opt(row.finished_at)?,
            request: value(&row.request)?,
            result: row.result.as_deref().map(value).transpose()?,
        })
    }
}
