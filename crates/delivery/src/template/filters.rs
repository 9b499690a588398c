//! The filters, tests and functions that templates have: those of the engine that cannot be made to work without end, and
//! ours.

use jiff::{civil::DateTime, fmt::strtime};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, State, Value, filters, functions, tests,
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs},
};

use super::{escape, weigh};

const LONGEST_FORMAT: usize = 100;
const LONGEST_RANGE: usize = 10_000;
const MOST_TRIMMED: usize = 100;

/// Where more is asked for, somebody wants a large text and not a readable one.
const WIDEST_INDENT: usize = 16;

pub(super) fn add(environment: &mut Environment<'_>) {
    add_filters(environment);
    add_tests(environment);
    environment.add_function("range", weigh::paying(Value::from_function(range)));
    environment.add_function("dict", weigh::paying(Value::from_function(functions::dict)));
    environment.add_function("namespace", namespace);
}

fn add_filters(environment: &mut Environment<'_>) {
    // These look at no more than one item.
    environment.add_filter("default", filters::default);
    environment.add_filter("d", filters::default);
    environment.add_filter("length", length);
    environment.add_filter("count", length);
    environment.add_filter("first", filters::first);
    environment.add_filter("abs", filters::abs);
    environment.add_filter("bool", filters::bool);
    environment.add_filter("float", filters::float);
    environment.add_filter("int", filters::int);
    environment.add_filter("round", filters::round);
    for (name, filter) in [
        ("attr", Value::from_function(filters::attr)),
        ("batch", Value::from_function(filters::batch)),
        ("capitalize", Value::from_function(filters::capitalize)),
        ("dictsort", Value::from_function(filters::dictsort)),
        ("e", Value::from_function(filters::escape)),
        ("escape", Value::from_function(filters::escape)),
        ("format", Value::from_function(filters::format)),
        ("groupby", Value::from_function(filters::groupby)),
        ("indent", Value::from_function(indent)),
        ("items", Value::from_function(filters::items)),
        ("join", Value::from_function(filters::join)),
        ("last", Value::from_function(filters::last)),
        ("lines", Value::from_function(filters::lines)),
        ("list", Value::from_function(filters::list)),
        ("lower", Value::from_function(filters::lower)),
        ("map", Value::from_function(filters::map)),
        ("max", Value::from_function(filters::max)),
        ("min", Value::from_function(filters::min)),
        ("pprint", Value::from_function(filters::pprint)),
        ("reject", Value::from_function(filters::reject)),
        ("rejectattr", Value::from_function(filters::rejectattr)),
        ("replace", Value::from_function(replace)),
        ("reverse", Value::from_function(filters::reverse)),
        ("safe", Value::from_function(filters::safe)),
        ("select", Value::from_function(filters::select)),
        ("selectattr", Value::from_function(filters::selectattr)),
        ("slice", Value::from_function(filters::slice)),
        ("sort", Value::from_function(filters::sort)),
        ("split", Value::from_function(filters::split)),
        ("strftime", Value::from_function(strftime)),
        ("string", Value::from_function(filters::string)),
        ("sum", Value::from_function(filters::sum)),
        ("title", Value::from_function(filters::title)),
        ("tojson", Value::from_function(to_json)),
        ("trim", Value::from_function(trim)),
        ("unique", Value::from_function(filters::unique)),
        ("upper", Value::from_function(filters::upper)),
        ("urlencode", Value::from_function(urlencode)),
        ("xmlescape", Value::from_function(xml_escape)),
        ("zip", Value::from_function(filters::zip)),
    ] {
        environment.add_filter(name, weigh::paying_filter(filter));
    }
}

fn add_tests(environment: &mut Environment<'_>) {
    environment.add_test("boolean", tests::is_boolean);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("divisibleby", tests::is_divisibleby);
    environment.add_test("even", tests::is_even);
    environment.add_test("false", tests::is_false);
    environment.add_test("float", tests::is_float);
    environment.add_test("integer", tests::is_integer);
    environment.add_test("iterable", |value: &Value| value.try_iter().is_ok());
    environment.add_test("mapping", tests::is_mapping);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("sequence", tests::is_sequence);
    environment.add_test("string", tests::is_string);
    environment.add_test("true", tests::is_true);
    environment.add_test("undefined", tests::is_undefined);
    for (names, test) in [
        (["eq", "equalto", "=="], Value::from_function(tests::is_eq)),
        (["ne", "!=", "!="], Value::from_function(tests::is_ne)),
        (["lt", "lessthan", "<"], Value::from_function(tests::is_lt)),
        (["le", "<=", "<="], Value::from_function(tests::is_le)),
        (
            ["gt", "greaterthan", ">"],
            Value::from_function(tests::is_gt),
        ),
        (["ge", ">=", ">="], Value::from_function(tests::is_ge)),
        (["in", "in", "in"], Value::from_function(tests::is_in)),
        (
            ["startingwith", "startingwith", "startingwith"],
            Value::from_function(tests::is_startingwith),
        ),
        (
            ["endingwith", "endingwith", "endingwith"],
            Value::from_function(tests::is_endingwith),
        ),
        (
            ["lower", "lower", "lower"],
            Value::from_function(tests::is_lower),
        ),
        (
            ["upper", "upper", "upper"],
            Value::from_function(tests::is_upper),
        ),
    ] {
        for name in names {
            environment.add_test(name, weigh::paying(test.clone()));
        }
    }
}

fn length(value: &Value) -> Result<usize, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    filters::length(value)
}

fn range(lower: isize, upper: Option<isize>, step: Option<isize>) -> Result<Value, Error> {
    let made = functions::range(lower, upper, step)?;
    if made.len().is_none_or(|items| items > LONGEST_RANGE) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("a range has at most {LONGEST_RANGE} numbers"),
        ));
    }
    Ok(made)
}

fn namespace(state: &mut State, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let arguments = arguments.into_values();
    for argument in &arguments {
        weigh::pay(state, argument)?;
        if argument.kind() != ValueKind::Map {
            continue;
        }
        for key in argument.try_iter()? {
            weigh::must_be_plain(&argument.get_item(&key)?)?;
        }
    }
    Value::from_function(functions::namespace).call(state, &arguments)
}

/// Lines moved to the right but for the first.
fn indent(
    state: &State,
    value: &str,
    width: Option<usize>,
    first: Option<bool>,
) -> Result<String, Error> {
    let width = width.unwrap_or(4);
    must_be_narrow(width)?;
    let lines = value.lines().count();
    let bytes = value.len().saturating_add(lines.saturating_mul(width));
    state.consume_fuel(u64::try_from(bytes / 16).unwrap_or(u64::MAX))?;
    let margin = " ".repeat(width);
    let moved = value.lines().enumerate().map(|(place, line)| {
        match (place, first.unwrap_or(false), line) {
            (0, false, line) => line.to_owned(),
            (_, _, "") => String::new(),
            (_, _, line) => format!("{margin}{line}"),
        }
    });
    Ok(moved.collect::<Vec<_>>().join("\n"))
}

fn must_be_narrow(width: usize) -> Result<(), Error> {
    if width > WIDEST_INDENT {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("the indent is more than {WIDEST_INDENT}"),
        ));
    }
    Ok(())
}

/// Each character of the text is compared with each of `ends`.
fn trim(value: &str, ends: Option<&str>) -> Result<String, Error> {
    let Some(ends) = ends else {
        return Ok(value.trim().to_owned());
    };
    let ends: Vec<char> = ends.chars().collect();
    if ends.len() > MOST_TRIMMED {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("there are more than {MOST_TRIMMED} characters to trim"),
        ));
    }
    Ok(value.trim_matches(ends.as_slice()).to_owned())
}

/// JSON, which a form or XML escapes once more.
fn to_json(
    state: &State,
    value: &Value,
    indent: Option<Value>,
    args: Kwargs,
) -> Result<Value, Error> {
    let named: Option<Value> = args.peek("indent")?;
    for indent in [&indent, &named].into_iter().flatten() {
        must_be_narrow(indent.as_usize().unwrap_or_default())?;
    }
    let json = filters::tojson(value, indent, args)?;
    pay(state, &json)?;
    Ok(match state.auto_escape() {
        AutoEscape::Custom(_) => Value::from(json.to_string()),
        _ => json,
    })
}

fn urlencode(state: &State, value: &Value) -> Result<Value, Error> {
    let encoded = Value::from_safe_string(escape::form(&escape::text(value)));
    pay(state, &encoded)?;
    Ok(encoded)
}

fn xml_escape(state: &State, value: &Value) -> Result<Value, Error> {
    let escaped = Value::from_safe_string(escape::xml(&escape::text(value)));
    pay(state, &escaped)?;
    Ok(escaped)
}

fn replace(state: &mut State, value: &Value, from: &str, to: &str) -> Result<Value, Error> {
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
            "{:?} is no local time; give it record.timestamp",
            value.chars().take(40).collect::<String>()
        ))
    })?;
    strtime::format(format, time).map_err(|error| wrong(error.to_string()))
}

/// What a filter of ours does costs as much as it writes.
fn pay(state: &State, written: &Value) -> Result<(), Error> {
    let bytes = written.as_str().map_or(0, str::len);
    state.consume_fuel(u64::try_from(bytes / 16).unwrap_or(u64::MAX))
}
