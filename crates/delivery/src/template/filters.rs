//! Filters that templates have beyond the engine's own.

use jiff::{civil::DateTime, fmt::strtime};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, Value, filters, value::Kwargs};

use super::{escape, weigh};

const LONGEST_FORMAT: usize = 100;

/// Where more is asked for, somebody wants a large text and not a readable one.
const WIDEST_INDENT: usize = 16;

pub(super) fn add(environment: &mut Environment<'_>) {
    for (name, filter) in weigh::texts() {
        environment.add_filter(name, weigh::paying(filter));
    }
    environment.add_filter("replace", replace);
    environment.add_filter("tojson", to_json);
    environment.add_filter("urlencode", urlencode);
    environment.add_filter("xmlescape", xml_escape);
    environment.add_filter("strftime", strftime);
}

/// JSON, which a form or XML escapes once more.
fn to_json(
    state: &State,
    value: &Value,
    indent: Option<Value>,
    args: Kwargs,
) -> Result<Value, Error> {
    let named: Option<Value> = args.peek("indent")?;
    if [&indent, &named]
        .into_iter()
        .flatten()
        .any(|indent| indent.as_usize().is_some_and(|width| width > WIDEST_INDENT))
    {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("the indent is more than {WIDEST_INDENT}"),
        ));
    }
    weigh::pay(state, value)?;
    let json = filters::tojson(value, indent, args)?;
    pay(state, &json)?;
    Ok(match state.auto_escape() {
        AutoEscape::Custom(_) => Value::from(json.to_string()),
        _ => json,
    })
}

fn urlencode(state: &State, value: &Value) -> Result<Value, Error> {
    weigh::pay(state, value)?;
    let encoded = Value::from_safe_string(escape::form(&escape::text(value)));
    pay(state, &encoded)?;
    Ok(encoded)
}

fn xml_escape(state: &State, value: &Value) -> Result<Value, Error> {
    weigh::pay(state, value)?;
    let escaped = Value::from_safe_string(escape::xml(&escape::text(value)));
    pay(state, &escaped)?;
    Ok(escaped)
}

fn replace(state: &mut State, value: &Value, from: &str, to: &str) -> Result<Value, Error> {
    weigh::pay(state, value)?;
    let text = escape::text(value).into_owned();
    // As many as there may be of them.
    let most = if from.is_empty() {
        text.chars().count().saturating_add(1)
    } else {
        text.len() / from.len()
    };
    let bytes = text.len().saturating_add(most.saturating_mul(to.len()));
    state.consume_fuel(u64::try_from(bytes / 16).unwrap_or(u64::MAX))?;
    Ok(Value::from(text.replace(from, to)))
}

/// Another form of a local time, as in `{{ record.timestamp | strftime("%d/%m/%Y %H:%M") }}`.
fn strftime(value: &str, format: &str) -> Result<String, Error> {
    let wrong = |message: String| Error::new(ErrorKind::InvalidOperation, message);
    if format.len() > LONGEST_FORMAT {
        return Err(wrong(format!(
            "the format is longer than {LONGEST_FORMAT} bytes"
        )));
    }
    let time: DateTime = value.parse().map_err(|_| {
        wrong(format!(
            "{value:?} is no local time; give it record.timestamp"
        ))
    })?;
    strtime::format(format, time).map_err(|error| wrong(error.to_string()))
}

/// What a filter of ours does costs as much as it writes.
fn pay(state: &State, written: &Value) -> Result<(), Error> {
    let bytes = written.as_str().map_or(0, str::len);
    state.consume_fuel(u64::try_from(bytes / 16).unwrap_or(u64::MAX))
}
