use serde::{Deserialize, Serialize};

use crate::Secret;

/// A header or a part of the query: `{"name": "X-Site", "value": "{{ terminal.name }}"}`, or with `secret` in place of
/// `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    #[serde(flatten)]
    pub value: FieldValue,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// A template.
    Value(String),
    /// Sent as it stands.
    Secret(Secret<String>),
}
