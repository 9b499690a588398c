//! A user of a foreign list made a user for a terminal.

use std::collections::{BTreeMap, HashMap};

use collector::UserChange;
use domain::{Pin, Secret};
use serde_json::Value;

use super::{FailedRow, document::at};
use crate::{actions::privilege, problem::Problem};

/// Under which names our fields are looked for, the first that is there wins.
///
/// A number that only counts rows is mostly called `id`, so that comes last. Passwords and groups mean something else
/// in other systems: they are taken only where `field_map` says so.
const KNOWN: [(&str, &[&str]); 8] = [
    (
        "user_id",
        &["user_id", "emp_no", "emp_code", "employee_id", "id"],
    ),
    ("name", &["name", "full_name"]),
    ("first_name", &["first_name"]),
    ("last_name", &["last_name"]),
    ("card", &["card", "card_no"]),
    ("privilege", &["privilege"]),
    ("password", &[]),
    ("group_id", &[]),
];

/// How to read a row.
pub(super) struct Fields(HashMap<&'static str, Vec<String>>);

/// A row that can be saved.
#[derive(Debug)]
pub(super) struct Row {
    /// Its place in the list, counted from 1.
    pub(super) number: usize,
    pub(super) change: UserChange,
}

impl Fields {
    pub(super) fn new(map: &BTreeMap<String, String>) -> Result<Self, Problem> {
        if let Some(strange) = map
            .keys()
            .find(|key| KNOWN.iter().all(|(ours, _)| ours != key))
        {
            let ours: Vec<&str> = KNOWN.iter().map(|(ours, _)| *ours).collect();
            return Err(Problem::invalid(format!(
                "field_map names {strange:?}, which is no field of ours; its keys are {}, its values what these are \
                 called in the document",
                ours.join(", ")
            )));
        }
        let fields = KNOWN.iter().map(|(ours, theirs)| {
            let names = match map.get(*ours) {
                Some(mapped) => vec![mapped.clone()],
                None => theirs.iter().map(|name| (*name).to_owned()).collect(),
            };
            (*ours, names)
        });
        Ok(Self(fields.collect()))
    }

    /// The rows that can be saved, and those that cannot.
    pub(super) fn read(&self, items: &[Value]) -> (Vec<Row>, Vec<FailedRow>) {
        let mut rows: Vec<Row> = Vec::with_capacity(items.len());
        let mut failed = Vec::new();
        let mut seen: HashMap<Pin, usize> = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let number = index + 1;
            let result = self
                .change(item)
                .and_then(|change| match seen.get(&change.pin) {
                    Some(first) => {
                        let reason =
                            format!("row {first} has the same user id; only that one was taken");
                        Err((Some(change.pin.as_str().to_owned()), reason))
                    }
                    None => Ok(change),
                });
            match result {
                Ok(change) => {
                    seen.insert(change.pin.clone(), number);
                    rows.push(Row { number, change });
                }
                Err((user_id, reason)) => failed.push(FailedRow {
                    row: number,
                    user_id,
                    reason,
                }),
            }
        }
        (rows, failed)
    }

    fn change(&self, item: &Value) -> Result<UserChange, (Option<String>, String)> {
        if !item.is_object() {
            return Err((None, "it is no object with fields".to_owned()));
        }
        let user_id = self
            .text(item, "user_id")
            .map_err(|reason| (None, reason))?
            .ok_or_else(|| {
                (
                    None,
                    "it has no user id; name the field that holds it in field_map".to_owned(),
                )
            })?;
        let named = |reason: String| (Some(user_id.clone()), reason);
        let pin = Pin::new(user_id.as_str()).map_err(|error| named(error.to_string()))?;
        let card = match self.text(item, "card").map_err(named)? {
            None => None,
            Some(card) => Some(card.parse().map_err(|_| {
                named(format!(
                    "card is {card:?}; it must be a number up to 4294967295"
                ))
            })?),
        };
        let privilege = match self.text(item, "privilege").map_err(named)? {
            None => None,
            Some(text) => Some(privilege(&text).map_err(|problem| named(problem.to_string()))?),
        };
        Ok(UserChange {
            pin,
            name: self.name(item).map_err(named)?,
            privilege,
            password: self.text(item, "password").map_err(named)?.map(Secret::new),
            card,
            group: self.text(item, "group_id").map_err(named)?,
        })
    }

    fn name(&self, item: &Value) -> Result<Option<String>, String> {
        if let Some(name) = self.text(item, "name")? {
            return Ok(Some(name));
        }
        let parts: Vec<String> = [
            self.text(item, "first_name")?,
            self.text(item, "last_name")?,
        ]
        .into_iter()
        .flatten()
        .collect();
        Ok(Some(parts.join(" ")).filter(|name| !name.is_empty()))
    }

    /// A field as text; a number is taken as it is written, what is null or blank is not there.
    fn text(&self, item: &Value, field: &'static str) -> Result<Option<String>, String> {
        let names = self.0.get(field).map(Vec::as_slice).unwrap_or_default();
        for name in names {
            let text = match at(item, name) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text.trim().to_owned(),
                Some(Value::Number(number)) if !number.is_f64() => number.to_string(),
                Some(other) => {
                    return Err(format!(
                        "its {name} is {other}, which is no text and no whole number"
                    ));
                }
            };
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}
