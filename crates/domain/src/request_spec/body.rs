use serde::{Deserialize, Serialize};

/// What stands in a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case", deny_unknown_fields)]
pub enum BodySpec {
    /// The seed's envelope, or its bare record for a receiver that is found to take nothing else.
    #[default]
    Seed,
    /// Always the seed's bare record.
    Bare,
    /// A list of events, each with its type, id and time with offset.
    Events,
    /// As a template writes it: JSON, a form, XML or plain text, as `content_type` says.
    Template {
        unit: TemplateUnit,
        content_type: String,
        source: String,
    },
}

/// How many records one rendering gets, and so one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateUnit {
    /// All of a batch, as `records`.
    Batch,
    /// One, as `record`.
    Record,
}
