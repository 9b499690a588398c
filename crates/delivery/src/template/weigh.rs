//! What it costs to walk through a value, paid before anybody does.
//!
//! A list of a list of a list, or one that is repeated, is nothing in memory and endless as a text.

use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Rest, Tuple, ValueKind, ValueOrKwargs},
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

/// Pays for `value`, and makes it whole where it would be worked out anew whenever somebody looks.
pub(super) fn settle(state: &State, value: Value) -> Result<Value, Error> {
    let is_list = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    let is_whole = value.downcast_object_ref::<Vec<Value>>().is_some()
        || value.downcast_object_ref::<Tuple>().is_some();
    let value = if is_list && !is_whole {
        let mut items = Vec::new();
        for item in value.try_iter()? {
            state.consume_fuel(1)?;
            if item.kind() == ValueKind::Invalid {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    "it does not work for one item of the list",
                ));
            }
            items.push(item);
        }
        Value::from(items)
    } else {
        value
    };
    pay(state, &value)?;
    Ok(value)
}

/// What a namespace may hold: a list in it could hold the namespace.
pub(super) fn must_be_plain(value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined
        | ValueKind::None
        | ValueKind::Bool
        | ValueKind::Number
        | ValueKind::String => Ok(()),
        _ => Err(Error::new(
            ErrorKind::InvalidOperation,
            "a namespace holds texts and numbers, no lists and maps",
        )),
    }
}

/// A filter, test or function that walks through what it is given: it pays first, and what it makes is whole.
pub(super) fn paying(
    made: Value,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + 'static {
    move |state, arguments| {
        let arguments = arguments.into_values();
        for argument in &arguments {
            pay(state, argument)?;
        }
        let made = made.call(state, &arguments)?;
        settle(state, made)
    }
}

/// The same for a filter, which is not applied to what does not exist.
pub(super) fn paying_filter(
    filter: Value,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + 'static {
    let filter = paying(filter);
    move |state, arguments| {
        if arguments.first().is_some_and(|first| first.is_undefined()) {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        filter(state, arguments)
    }
}
