//! What the client's errors mean for whoever asked: a stable word, and a text with the terminal's name in it.

use domain::Terminal;
use zk_client::Error;

use crate::CommandError;

/// The terminal could not be read.
pub(crate) fn not_connected(terminal: &Terminal, error: &Error) -> CommandError {
    CommandError::NotConnected {
        code: code(error),
        reason: named(terminal, error),
    }
}

/// The terminal could not be written to, or did not take it.
pub(crate) fn write_failed(terminal: &Terminal, error: &Error) -> CommandError {
    let reason = named(terminal, error);
    match error {
        Error::Refused { .. } => CommandError::Refused { reason },
        Error::NotStored { .. } => CommandError::NotStored { reason },
        Error::Invalid { .. } => CommandError::Invalid { reason },
        Error::NothingListens { .. }
        | Error::NotReachable { .. }
        | Error::OtherProtocol { .. }
        | Error::KeyNeeded { .. }
        | Error::WrongKey { .. }
        | Error::Busy { .. }
        | Error::Timeout { .. }
        | Error::ConnectionLost { .. }
        | Error::Damaged { .. }
        | Error::OffsetRefused { .. }
        | Error::LayoutUnknown { .. } => not_connected(terminal, error),
    }
}

/// The same of what is sent only once: where the answer was lost, nobody knows whether it was done.
pub(crate) fn once_failed(terminal: &Terminal, error: &Error) -> CommandError {
    match error {
        Error::Timeout { .. } | Error::ConnectionLost { .. } | Error::Damaged { .. } => {
            CommandError::AnswerLost {
                reason: named(terminal, error),
            }
        }
        Error::NothingListens { .. }
        | Error::NotReachable { .. }
        | Error::OtherProtocol { .. }
        | Error::KeyNeeded { .. }
        | Error::WrongKey { .. }
        | Error::Busy { .. }
        | Error::Refused { .. }
        | Error::OffsetRefused { .. }
        | Error::LayoutUnknown { .. }
        | Error::NotStored { .. }
        | Error::Invalid { .. } => write_failed(terminal, error),
    }
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::NothingListens { .. } | Error::NotReachable { .. } => "unreachable",
        Error::OtherProtocol { .. } => "other_protocol",
        Error::KeyNeeded { .. } => "key_needed",
        Error::WrongKey { .. } => "wrong_key",
        Error::Busy { .. } => "busy",
        Error::Timeout { .. } => "timeout",
        Error::ConnectionLost { .. } => "connection_lost",
        Error::Refused { .. } => "refused",
        Error::OffsetRefused { .. } => "offset_refused",
        Error::Damaged { .. } => "damaged_table",
        Error::LayoutUnknown { .. } => "layout_unknown",
        Error::NotStored { .. } => "not_stored",
        Error::Invalid { .. } => "invalid",
    }
}

/// `terminal Gate at 10.0.0.5:4370: cause; remedy`.
fn named(terminal: &Terminal, error: &Error) -> String {
    format!(
        "terminal {} at {}: {error}",
        terminal.name, terminal.address
    )
}
