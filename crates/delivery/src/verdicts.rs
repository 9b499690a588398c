//! What a receiver's JSON says of single records.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::hidden::Hidden;

/// How much of a receiver's own words is kept.
const KEPT_CHARS: usize = 300;
/// Keys under which receivers list what they did not take.
const REJECTED_KEYS: [&str; 3] = ["rejected", "failed", "errors"];
/// Keys under which receivers list one verdict a record, in order.
const RESULT_KEYS: [&str; 4] = ["results", "records", "items", "responses"];

/// The records that were not plainly taken, by their place in the batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Verdicts {
    /// Refused, with the reason.
    pub(crate) rejected: BTreeMap<usize, String>,
    /// Left out of the list of those accepted, or failed for now.
    pub(crate) unmentioned: BTreeSet<usize>,
}

impl Verdicts {
    pub(crate) fn is_all_taken(&self) -> bool {
        self.rejected.is_empty() && self.unmentioned.is_empty()
    }
}

/// Reads verdicts from the answer's root or its `data`; `None` when there are none that can be matched with records.
pub(crate) fn read(body: &Value, record_ids: &[&str], hidden: &Hidden) -> Option<Verdicts> {
    if let Value::Array(items) = body {
        return in_order(items, record_ids, hidden);
    }
    let root = body.as_object()?;
    from_lists(root, record_ids, hidden)
        .or_else(|| from_lists(root.get("data")?.as_object()?, record_ids, hidden))
}

/// Whether the answer calls itself an error: by `status`, by `success` or `ok`, or else, where none of these says how it
/// went, by an `error` as in JSON-RPC or `errors` as in GraphQL.
pub(crate) fn says_error(body: &Value) -> bool {
    let word = body.get("status").map(word);
    let flags: Vec<bool> = ["success", "ok"]
        .iter()
        .filter_map(|key| body.get(*key)?.as_bool())
        .collect();
    if word == Some(Word::Error) || flags.contains(&false) {
        return true;
    }
    if word == Some(Word::Success) || !flags.is_empty() {
        return false;
    }
    ["error", "errors"]
        .iter()
        .filter_map(|key| body.get(*key))
        .any(is_filled)
}

/// What a `status` in words says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Success,
    Error,
    Other,
}

fn word(status: &Value) -> Word {
    if let Some(status) = number(status) {
        return match status {
            200..=299 => Word::Success,
            400..=599 => Word::Error,
            _ => Word::Other,
        };
    }
    let status = status.as_str().unwrap_or_default();
    match status.trim().to_ascii_lowercase().as_str() {
        "success" | "successful" | "ok" | "okay" | "accepted" | "created" | "done"
        | "duplicate" => Word::Success,
        "error" | "fail" | "failed" | "failure" => Word::Error,
        _ => Word::Other,
    }
}

/// A status as a number, also where it is written as a text.
fn number(status: &Value) -> Option<u64> {
    status
        .as_u64()
        .or_else(|| status.as_str()?.trim().parse().ok())
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_error) => *is_error,
        Value::Number(code) => code.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// The receiver's own words, cut short, to be put behind ours; empty when it said nothing readable.
pub(crate) fn said(body: &[u8], hidden: &Hidden) -> String {
    let Ok(text) = std::str::from_utf8(body) else {
        return String::new();
    };
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let message = parsed.as_ref().and_then(words);
    let shown: String = hidden
        .strike(message.as_deref().unwrap_or(text))
        .chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(KEPT_CHARS)
        .collect();
    let shown = shown.trim();
    if shown.is_empty() {
        String::new()
    } else {
        format!(": {shown}")
    }
}

/// What people would read of an answer.
fn words(value: &Value) -> Option<String> {
    let plain = ["message", "error", "detail", "title"]
        .iter()
        .find_map(|key| value.get(*key)?.as_str());
    plain
        .map(ToOwned::to_owned)
        .or_else(|| words_of_frappe(value))
        .or_else(|| words_of_json_rpc(value))
}

/// A list in JSON within the JSON, of texts that are JSON again.
fn words_of_frappe(value: &Value) -> Option<String> {
    let messages = value.get("_server_messages")?.as_str()?;
    let messages: Vec<String> = serde_json::from_str(messages).ok()?;
    let message: Value = serde_json::from_str(messages.first()?).ok()?;
    Some(message.get("message")?.as_str()?.to_owned())
}

/// Odoo's first: its own words stand within the data.
fn words_of_json_rpc(value: &Value) -> Option<String> {
    let error = value.get("error")?;
    let inside = error.get("data").and_then(|data| data.get("message"));
    let message = inside.or_else(|| error.get("message"))?;
    Some(message.as_str()?.to_owned())
}

fn from_lists(
    object: &Map<String, Value>,
    record_ids: &[&str],
    hidden: &Hidden,
) -> Option<Verdicts> {
    let mut verdicts = Verdicts::default();
    let mut understood = false;
    for key in REJECTED_KEYS {
        let Some(items) = object.get(key).and_then(Value::as_array) else {
            continue;
        };
        for item in items {
            if let Some(index) = place(item, record_ids) {
                understood = true;
                verdicts.rejected.insert(index, reason(item, hidden));
            }
        }
    }
    if let Some(items) = object.get("accepted").and_then(Value::as_array) {
        let accepted: BTreeSet<usize> = items
            .iter()
            .filter_map(|item| place(item, record_ids))
            .collect();
        // An empty list says that nothing was taken, unless the names in it are not ours to read.
        if accepted.len() == items.len() {
            understood = true;
            verdicts.unmentioned = (0..record_ids.len())
                .filter(|index| !accepted.contains(index) && !verdicts.rejected.contains_key(index))
                .collect();
        }
    }
    if understood {
        return Some(verdicts);
    }
    RESULT_KEYS
        .iter()
        .find_map(|key| in_order(object.get(*key)?.as_array()?, record_ids, hidden))
}

/// One item a record, in order, each with a `status` of its own.
fn in_order(items: &[Value], record_ids: &[&str], hidden: &Hidden) -> Option<Verdicts> {
    if items.is_empty() || items.len() != record_ids.len() {
        return None;
    }
    let mut verdicts = Verdicts::default();
    for (index, item) in items.iter().enumerate() {
        let index = place(item, record_ids).unwrap_or(index);
        let refused = match item.get("status").or_else(|| item.get("success"))? {
            status if is_for_now(number(status)) => {
                verdicts.unmentioned.insert(index);
                continue;
            }
            Value::Number(status) => status.as_u64().is_some_and(|status| status >= 400),
            Value::Bool(taken) => !taken,
            Value::String(status) => is_refusal(status) || says_error(item),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        if refused {
            verdicts.rejected.insert(index, reason(item, hidden));
        }
    }
    Some(verdicts)
}

/// What receivers call a record that they do not take.
fn is_refusal(status: &str) -> bool {
    matches!(
        status.trim().to_ascii_lowercase().as_str(),
        "rejected" | "refused" | "invalid" | "denied" | "declined" | "not_accepted"
    )
}

/// A status that says nothing against the record itself.
fn is_for_now(status: Option<u64>) -> bool {
    matches!(status, Some(408 | 425 | 429 | 500..=599))
}

/// The place in the batch that an item names: by number, by record id, or by an object that holds one of them.
fn place(item: &Value, record_ids: &[&str]) -> Option<usize> {
    let by_id = |id: &str| record_ids.iter().position(|known| *known == id);
    match item {
        Value::Number(index) => in_batch(index.as_u64(), record_ids),
        Value::String(id) => by_id(id),
        Value::Object(object) => object
            .get("index")
            .and_then(|index| in_batch(index.as_u64(), record_ids))
            .or_else(|| {
                ["record_id", "id"]
                    .iter()
                    .find_map(|key| by_id(object.get(*key)?.as_str()?))
            }),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

fn in_batch(index: Option<u64>, record_ids: &[&str]) -> Option<usize> {
    usize::try_from(index?)
        .ok()
        .filter(|index| *index < record_ids.len())
}

fn reason(item: &Value, hidden: &Hidden) -> String {
    let words = ["error", "message", "reason", "detail"]
        .iter()
        .find_map(|key| match item.get(*key)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        });
    let words = words.unwrap_or_default();
    let words: String = hidden.strike(&words).chars().take(KEPT_CHARS).collect();
    if words.is_empty() {
        "the receiver rejected it and gave no reason".to_owned()
    } else {
        words
    }
}
