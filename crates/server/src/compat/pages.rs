//! Long answers, sent page by page while the ledger is read: never the whole of it is in memory, and no statement is
//! open while a slow client reads.

use std::{mem, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use domain::Punch;
use futures_util::stream::try_unfold;
use serde_json::Value;
use storage::{PunchCursor, PunchFilter, Store};

use super::{csv, groups::Days};
use crate::{
    actions::{Labels, PunchView, cursor_at, punch_views, write_cursor},
    download,
    envelope::{Word, head, tail},
    problem::Problem,
};

/// Rows that are read, and in memory, at one time.
const PAGE: u32 = 1_000;

/// Punches that match, page by page.
pub(super) struct Pages {
    store: Store,
    filter: PunchFilter,
    after: Option<PunchCursor>,
    /// How many may still follow; `None`: all.
    left: Option<u64>,
    ended: bool,
}

impl Pages {
    pub(super) fn new(
        store: Store,
        filter: PunchFilter,
        after: Option<PunchCursor>,
        limit: Option<u64>,
    ) -> Self {
        Self {
            store,
            filter,
            after,
            left: limit,
            ended: false,
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<Punch>>, Problem> {
        let size = self.left.map_or(PAGE, |left| {
            u32::try_from(left).map_or(PAGE, |left| left.min(PAGE))
        });
        if self.ended || size == 0 {
            return Ok(None);
        }
        let page = self.store.punches(&self.filter, self.after, size).await?;
        let length = u32::try_from(page.len()).unwrap_or(u32::MAX);
        self.ended = length < size;
        self.left = self.left.map(|left| left.saturating_sub(u64::from(length)));
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.after = Some(cursor_at(last));
        Ok(Some(page))
    }

    /// Where the next page begins, if there is more.
    async fn rest(&self) -> Result<Option<PunchCursor>, Problem> {
        if self.ended {
            return Ok(None);
        }
        let more = self.store.punches(&self.filter, self.after, 1).await?;
        Ok(if more.is_empty() { None } else { self.after })
    }
}

/// What is made of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Records,
    Groups,
    Csv,
    /// CSV for spreadsheets, which take much for something else than it is.
    Sheet,
}

/// An answer that is made while it is sent.
pub(super) struct Streamed {
    pub(super) pages: Pages,
    pub(super) labels: Labels,
    pub(super) form: Form,
    /// Records in the answer, or groups.
    pub(super) limit: Option<u64>,
    pub(super) total: u64,
    pub(super) message: String,
    pub(super) request_id: Arc<str>,
}

impl Streamed {
    pub(super) fn into_answer(self) -> Response {
        let form = self.form;
        let writing = Writing {
            answer: self,
            stage: Stage::Head,
            count: 0,
            days: Days::default(),
        };
        let body = Body::from_stream(try_unfold(writing, Writing::step));
        match form {
            Form::Csv | Form::Sheet => download::file("attendance.csv", download::CSV, body),
            Form::Records | Form::Groups => {
                let mut response = body.into_response();
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
        }
    }
}

struct Writing {
    answer: Streamed,
    stage: Stage,
    /// Entries written.
    count: u64,
    days: Days,
}

#[derive(Clone, Copy)]
enum Stage {
    Head,
    Rows,
    Done,
}

impl Writing {
    /// The next piece of the body. An error here cuts the answer off, so that nobody takes it for whole.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, Problem> {
        let piece = match self.stage {
            Stage::Head => {
                self.stage = Stage::Rows;
                self.head()
            }
            Stage::Rows => match self.rows().await {
                Ok(piece) => piece,
                Err(problem) => {
                    tracing::error!(request = %self.answer.request_id, "an answer was cut off: {problem:?}");
                    return Err(problem);
                }
            },
            Stage::Done => return Ok(None),
        };
        Ok(Some((piece.into(), self)))
    }

    fn head(&self) -> Vec<u8> {
        let key = match self.answer.form {
            Form::Csv => return csv::head(&csv::PUNCHES),
            Form::Sheet => return csv::sheet_head(&csv::PUNCHES),
            Form::Records => "records",
            Form::Groups => "groups",
        };
        format!("{}{{\"{key}\":[", head(Word::Success, &self.answer.message)).into_bytes()
    }

    async fn rows(&mut self) -> Result<Vec<u8>, Problem> {
        let Some(page) = self.answer.pages.next().await? else {
            return self.end().await;
        };
        match self.answer.form {
            Form::Csv => csv::rows(&self.views(page).await?),
            Form::Sheet => csv::sheet_rows(&self.views(page).await?),
            Form::Records => {
                let views = self.views(page).await?;
                self.write(&views)
            }
            Form::Groups => {
                let mut piece = Vec::new();
                let cursors: Vec<PunchCursor> = page.iter().map(cursor_at).collect();
                for (view, cursor) in self.views(page).await?.into_iter().zip(cursors) {
                    if let Some(day) = self.days.add(view, cursor) {
                        piece.extend(self.write(&day)?);
                        if self.answer.limit.is_some_and(|limit| self.count >= limit) {
                            piece.extend(self.foot(self.days.whole()));
                            return Ok(piece);
                        }
                    }
                }
                Ok(piece)
            }
        }
    }

    async fn end(&mut self) -> Result<Vec<u8>, Problem> {
        match self.answer.form {
            Form::Csv | Form::Sheet => {
                self.stage = Stage::Done;
                Ok(Vec::new())
            }
            Form::Records => {
                let next = self.answer.pages.rest().await?;
                Ok(self.foot(next))
            }
            Form::Groups => {
                let day = mem::take(&mut self.days).last();
                let mut piece = self.write(&day)?;
                piece.extend(self.foot(None));
                Ok(piece)
            }
        }
    }

    async fn views(&self, page: Vec<Punch>) -> Result<Vec<PunchView>, Problem> {
        punch_views(&self.answer.pages.store, page, &self.answer.labels).await
    }

    /// Entries of the list, with commas between them and those before.
    fn write(&mut self, entries: &[impl serde::Serialize]) -> Result<Vec<u8>, Problem> {
        let mut piece = Vec::new();
        for entry in entries {
            if self.count > 0 {
                piece.push(b',');
            }
            serde_json::to_writer(&mut piece, entry)
                .map_err(|error| Problem::internal(format!("present a record: {error}")))?;
            self.count += 1;
        }
        Ok(piece)
    }

    fn foot(&mut self, next: Option<PunchCursor>) -> Vec<u8> {
        self.stage = Stage::Done;
        let next = next.map_or(Value::Null, |cursor| write_cursor(cursor).into());
        format!(
            "],\"count\":{},\"total\":{},\"next_cursor\":{next}}}{}",
            self.count,
            self.answer.total,
            tail("ok", &self.answer.request_id)
        )
        .into_bytes()
    }
}
