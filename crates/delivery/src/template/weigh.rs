//! What it costs to make a text of a value, paid before it is made.
//!
//! A list of a list of a list, or one that is repeated, is nothing in memory and endless as a text.

use minijinja::{
    Error, ErrorKind, State, Value, filters,
    value::{Rest, ValueKind},
};

/// Deeper values are nobody's record.
const DEEPEST: usize = 30;

/// Pays for all that `value` holds.
pub(super) fn pay(state: &State, value: &Value) -> Result<(), Error> {
    pay_below(state, value, DEEPEST)
}

fn pay_below(state: &State, value: &Value, depth: usize) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {}
        ValueKind::String | ValueKind::Bytes => {
            let bytes = value.as_str().map_or(0, str::len) / 64;
            return state.consume_fuel(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
        _ => return Ok(()),
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("there are more than {DEEPEST} lists within each other"),
        ));
    };
    for item in value.try_iter()? {
        state.consume_fuel(1)?;
        if value.kind() == ValueKind::Map {
            pay_below(state, &value.get_item(&item)?, depth)?;
        }
        pay_below(state, &item, depth)?;
    }
    Ok(())
}

/// The engine's own filters that make texts of whatever they are given.
pub(super) fn texts() -> [(&'static str, Value); 15] {
    let escape = || Value::from_function(filters::escape);
    [
        ("capitalize", Value::from_function(filters::capitalize)),
        ("e", escape()),
        ("escape", escape()),
        ("format", Value::from_function(filters::format)),
        ("indent", Value::from_function(filters::indent)),
        ("join", Value::from_function(filters::join)),
        ("lines", Value::from_function(filters::lines)),
        ("lower", Value::from_function(filters::lower)),
        ("pprint", Value::from_function(filters::pprint)),
        ("safe", Value::from_function(filters::safe)),
        ("split", Value::from_function(filters::split)),
        ("string", Value::from_function(filters::string)),
        ("title", Value::from_function(filters::title)),
        ("trim", Value::from_function(filters::trim)),
        ("upper", Value::from_function(filters::upper)),
    ]
}

/// One of them, which pays first.
pub(super) fn paying(
    filter: Value,
) -> impl Fn(&mut State, Rest<Value>) -> Result<Value, Error> + Send + Sync + 'static {
    move |state, arguments| {
        for argument in arguments.iter() {
            pay(state, argument)?;
        }
        filter.call(state, &arguments)
    }
}
