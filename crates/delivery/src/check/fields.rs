//! Headers, parts of the query, and keys that stand there.

use domain::{Field, FieldValue, KeyPlace, RequestSpec, Secret};
use reqwest::header::{HeaderName, HeaderValue};

use crate::template::{Engine, FIELD_SOURCE_LIMIT};

use super::SpecFault;

const MOST: usize = 30;
const LONGEST_NAME: usize = 200;
/// Written by us or by HTTP itself.
const OURS: [&str; 14] = [
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "idempotency-key",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

pub(super) fn check(spec: &RequestSpec) -> Result<(), SpecFault> {
    for (list, fields) in [("headers", &spec.headers), ("query", &spec.query)] {
        if fields.len() > MOST {
            return Err(SpecFault::new(list, format!("there are more than {MOST}")));
        }
        for (index, field) in fields.iter().enumerate() {
            let place = format!("{list}.{}", field.name);
            if list == "headers" {
                check_header_name(&place, &field.name)?;
            }
            check_name(&place, &field.name)?;
            let is_secret = |field: &Field| matches!(field.value, FieldValue::Secret(_));
            let is_repeated = fields
                .iter()
                .take(index)
                .any(|before| before.name == field.name && is_secret(before));
            if is_repeated && is_secret(field) {
                return Err(SpecFault::new(
                    place,
                    "it is there twice; secrets are told apart by their names",
                ));
            }
            match &field.value {
                FieldValue::Secret(secret) if list == "headers" => {
                    check_value(&place, secret.expose())?;
                }
                FieldValue::Secret(_) => {}
                FieldValue::Value(source) => check_source(&place, source)?,
            }
        }
    }
    Ok(())
}

pub(super) fn check_key(
    place: KeyPlace,
    name: &str,
    key: &Secret<String>,
) -> Result<(), SpecFault> {
    check_name("auth.name", name)?;
    match place {
        KeyPlace::Query => Ok(()),
        KeyPlace::Header => {
            check_header_name("auth.name", name)?;
            check_value("auth.key", key.expose())
        }
    }
}

/// What stands in a header as it is.
pub(super) fn check_value(place: &str, value: &str) -> Result<(), SpecFault> {
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(_) if !value.trim().is_empty() => Ok(()),
        _ => Err(SpecFault::new(
            place,
            "it cannot stand in a header; write one line of text",
        )),
    }
}

fn check_name(place: &str, name: &str) -> Result<(), SpecFault> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(SpecFault::new(
            place,
            format!("a name has 1 to {LONGEST_NAME} bytes"),
        ));
    }
    Ok(())
}

fn check_header_name(place: &str, name: &str) -> Result<(), SpecFault> {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(SpecFault::new(
            place,
            "it is no name of a header; use letters, digits and hyphens",
        ));
    }
    if OURS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(SpecFault::new(
            place,
            "this header is written for each request anyway; leave it out",
        ));
    }
    Ok(())
}

fn check_source(place: &str, source: &str) -> Result<(), SpecFault> {
    if source.len() > FIELD_SOURCE_LIMIT {
        return Err(SpecFault::new(
            place,
            format!("it is longer than {FIELD_SOURCE_LIMIT} bytes"),
        ));
    }
    Engine::new(1).check(place, source)?;
    Ok(())
}
