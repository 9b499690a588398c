//! Where the list of users is in a document that somebody else made.

use serde_json::Value;

use crate::problem::Problem;

/// Keys under which lists of users are found.
const LISTS: [&str; 4] = ["data", "users", "employees", "results"];
/// How deep they may be in one another.
const DEEPEST: usize = 3;
/// No terminal has more slots.
const MOST: usize = 65_535;

/// The list in the document: at `path`, or where such lists usually are.
pub(super) fn items(document: &[u8], path: Option<&str>) -> Result<Vec<Value>, Problem> {
    // Some servers begin their JSON with a byte order mark.
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let root: Value = serde_json::from_slice(document).map_err(|error| {
        invalid(format!(
            "the document at url is no JSON ({error}); give the URL of a JSON list of users"
        ))
    })?;
    let found = match path.map(str::trim).filter(|path| !path.is_empty()) {
        Some(path) => match at(&root, path) {
            Some(Value::Array(items)) => items.clone(),
            Some(_) => return Err(invalid(format!("items_path {path:?} leads to something that is no list"))),
            None => return Err(invalid(format!("items_path {path:?} leads nowhere in the document at url"))),
        },
        None => detect(root, DEEPEST).ok_or_else(|| {
            invalid(
                "no list was found in the document at url, nor under its data, users, employees or results; say where \
                 it is with items_path, as in \"data.items\""
                    .to_owned(),
            )
        })?,
    };
    if found.len() > MOST {
        return Err(invalid(format!(
            "the list has {} users; no terminal takes more than {MOST}",
            found.len()
        )));
    }
    Ok(found)
}

fn detect(value: Value, depth: usize) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        Value::Object(mut object) if depth > 0 => LISTS
            .iter()
            .filter_map(|key| object.remove(*key))
            .find_map(|inner| detect(inner, depth - 1)),
        _ => None,
    }
}

/// The value at `/a/b`, `a.b`, or the key `a.b` itself.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.starts_with('/') {
        return value.pointer(path);
    }
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    path.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        value => value.get(part),
    })
}

fn invalid(message: String) -> Problem {
    Problem::Invalid {
        code: "invalid_document",
        message,
    }
}
