use domain::{Secret, Transport};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Word;
use crate::problem::Problem;

/// Which terminal is meant.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeviceQuery {
    /// Id, serial number or address; the default device where none is given.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
}

impl DeviceQuery {
    pub(crate) fn device(self) -> Option<String> {
        self.device.and_then(Word::filled)
    }

    /// The one that a body names, else the one of the query.
    pub(crate) fn unless(self, body: Option<Word>) -> Option<String> {
        body.and_then(Word::filled).or_else(|| self.device())
    }
}

/// `tcp` or `udp`; `None` for a blank.
pub(crate) fn transport(word: Option<Word>) -> Result<Option<Transport>, Problem> {
    match word
        .and_then(Word::filled)
        .map(|word| word.to_ascii_lowercase())
        .as_deref()
    {
        None => Ok(None),
        Some("tcp") => Ok(Some(Transport::Tcp)),
        Some("udp") => Ok(Some(Transport::Udp)),
        Some(other) => Err(Problem::invalid(format!(
            "protocol is {other:?}; use tcp or udp"
        ))),
    }
}

/// A communication key, which terminals know as a number; `None` for a blank. `field` is named in errors, the key never.
pub(crate) fn comm_key(field: &str, word: Option<Word>) -> Result<Option<Secret<u32>>, Problem> {
    match word.and_then(Word::filled) {
        None => Ok(None),
        Some(text) => text.parse().map(Secret::new).map(Some).map_err(|_| {
            Problem::invalid(format!(
                "{field} is no communication key; that is a number, as the terminal's menu shows it"
            ))
        }),
    }
}
