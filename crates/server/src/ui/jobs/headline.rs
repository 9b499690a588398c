use serde_json::Value;

use crate::{
    actions::JobView,
    ui::frame::{Tone, sentence_of},
};

/// What a job comes to, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Headline {
    pub(super) title: String,
    pub(super) tone: Tone,
    pub(super) text: String,
    pub(super) detail: String,
}

/// What a job does, as its page is called.
pub(super) fn word_of(job: &JobView) -> &'static str {
    let dry = job.request.get("dry_run").and_then(Value::as_bool) == Some(true);
    match job.kind.as_str() {
        "examine_device" => "Check of the terminal",
        "clear_log" => "Clearing its log",
        "copy_users" if dry => "Check before copying people",
        "copy_users" => "Copying people",
        "import_users" => "Import of users",
        _ => "Sending punches",
    }
}

impl Headline {
    /// Under way, failed, or done: then it is what is given.
    pub(super) fn of(job: &JobView, result: &Value, done: &str, detail: &str) -> Self {
        let title = word_of(job).to_owned();
        match job.state.as_str() {
            "running" => Self {
                title,
                tone: Tone::Busy,
                text: "It is under way".to_owned(),
                detail: "It goes on by itself; you may leave this page and come back.".to_owned(),
            },
            "failed" => Self {
                title,
                tone: Tone::Bad,
                text: "It was not done".to_owned(),
                detail: why(result),
            },
            _ => Self {
                title,
                tone: Tone::Good,
                text: done.to_owned(),
                detail: detail.to_owned(),
            },
        }
    }
}

/// Why a job failed.
fn why(result: &Value) -> String {
    let text = ["message", "error"]
        .into_iter()
        .find_map(|name| result.get(name).and_then(Value::as_str));
    sentence_of(text.unwrap_or("nobody knows why; the log of the server may"))
}
