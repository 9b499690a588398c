use jiff::Timestamp;
use serde::Serialize;
use storage::{Notice, NoticeLevel};
use utoipa::ToSchema;

use crate::{AppState, problem::Problem};

/// Something that people are told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    pub(crate) id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// `info`, `warning` or `error`
    #[schema(value_type = String, example = "warning")]
    pub(crate) level: NoticeLevel,
    pub(crate) code: String,
    pub(crate) device: Option<i64>,
    pub(crate) destination: Option<i64>,
    pub(crate) text: String,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoticePage {
    pub(crate) notices: Vec<NoticeView>,
    /// Cursor of the page with older ones; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// What people were told before `before`, newest first.
pub(crate) async fn notices(
    state: &AppState,
    before: Option<i64>,
    limit: u32,
) -> Result<NoticePage, Problem> {
    let notices = state.store.notices(before, limit).await?;
    let full = u32::try_from(notices.len()).is_ok_and(|length| length == limit);
    let next_cursor = notices
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(NoticePage {
        notices: notices.into_iter().map(NoticeView::from).collect(),
        next_cursor,
    })
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id,
            at: notice.at,
            level: notice.level,
            code: notice.code,
            device: notice.terminal_id.map(|id| id.0),
            destination: notice.destination_id.map(|id| id.0),
            text: notice.text,
        }
    }
}
