use std::{fmt, time::Duration};

use zk_wire::{TableError, WireError};

use crate::Transport;

/// Why a terminal could not be used, told apart by what the caller can do next.
///
/// Every text is for people and says the cause and the remedy. What the system or the other side said is in it:
/// [`source`](std::error::Error::source) is `None`, so that a printed chain does not say it twice.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host refused the connection.
    #[error(
        "nothing listens at {address} ({transport}): check the address and the port (4370 on most terminals), and that \
         the terminal is switched on{}", other_transport(*.transport)
    )]
    NothingListens {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// How it was tried.
        transport: Transport,
    },
    /// No way to the host, or no such host.
    #[error(
        "{address} cannot be reached ({reason}): check the address, the cable and the network between"
    )]
    NotReachable {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// For people.
        reason: String,
    },
    /// Something else than a terminal, or a terminal of another family.
    #[error(
        "{address} answers but speaks another protocol, {looks_like}: check the address and the port (4370 on most \
         terminals); terminals of another family cannot be read"
    )]
    OtherProtocol {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// For people: what it seems to be.
        looks_like: String,
    },
    /// Ask people for the terminal's key.
    #[error(
        "a key is needed: the terminal at {address} has a communication key, and none was given. Its menu shows it under \
         Comm. or Network, as Comm Key"
    )]
    KeyNeeded {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
    },
    /// Ask people for the right key.
    #[error(
        "the communication key is wrong: the terminal at {address} does not accept it. Its menu shows the right one \
         under Comm. or Network, as Comm Key"
    )]
    WrongKey {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
    },
    /// It took the connection and then did not talk; over and over within the time for connecting.
    #[error(
        "the terminal at {address} is busy with another client, it seems: {sign}. Terminals serve one client at a time; \
         end the other program, or try again in a minute. If there is no other, check that a terminal is at this address"
    )]
    Busy {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// How it showed.
        sign: BusySign,
    },
    /// Nothing came in time; what was asked may have been done all the same. Connect again.
    #[error("{}", timed_out(address, *.step, *.waited))]
    Timeout {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// What was being waited for.
        step: Step,
        /// How long.
        waited: Duration,
    },
    /// The connection broke in the middle; connect again.
    #[error(
        "the connection to {address} was lost ({reason}): try again, and check the network if it goes on"
    )]
    ConnectionLost {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// For people.
        reason: String,
    },
    /// The terminal understood and said no.
    #[error("the terminal refuses to {what} (answer {code}){}", meaning(*.code))]
    Refused {
        /// As in "the terminal refuses to …".
        what: String,
        /// One of [`zk_wire::code`].
        code: u16,
    },
    /// The terminal cannot read from the middle of its log; read it whole, with
    /// [`attendance_in_one_piece`](crate::Session::attendance_in_one_piece).
    #[error(
        "the terminal at {address} cannot hand out its log from byte {offset} on ({reason}): it has to be read from the \
         beginning each time"
    )]
    OffsetRefused {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// Where the answer should have begun, the log's own length included.
        offset: usize,
        /// For people.
        reason: String,
    },
    /// What came is not what was sent; connect again.
    #[error(
        "what came from {address} is damaged ({reason}): try again, and check the network if it goes on"
    )]
    Damaged {
        /// Host and port, as in [`Target::address`](crate::Target::address).
        address: String,
        /// For people.
        reason: String,
    },
    /// A table is whole, but its rows are in no known form.
    #[error("{reason}. Please report model and firmware of this terminal")]
    LayoutUnknown {
        /// For people.
        reason: String,
    },
    /// The terminal said yes, but reading back shows otherwise.
    #[error(
        "{what}, although the terminal said yes: check its menu for restrictions, and try again"
    )]
    NotStored {
        /// A sentence: what is not as it was meant.
        what: String,
    },
    /// The request cannot be right for this terminal; nothing was sent.
    #[error("{reason}")]
    Invalid {
        /// For people.
        reason: String,
    },
}

/// How a terminal showed that it is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusySign {
    /// It closed the connection before its first answer.
    Closed,
    /// It took the connection and did not answer in time.
    Silent(Duration),
}

/// What was being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The TCP connection.
    Connect,
    /// The answer to CONNECT, over UDP.
    Greeting,
    /// The answer to a question or a write.
    Reply,
    /// The terminal's building of a table.
    PrepareTable,
    /// More of a table that has begun.
    Table,
}

impl Error {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NothingListens { .. } => "nothing_listens",
            Self::NotReachable { .. } => "not_reachable",
            Self::OtherProtocol { .. } => "other_protocol",
            Self::KeyNeeded { .. } => "key_needed",
            Self::WrongKey { .. } => "wrong_key",
            Self::Busy { .. } => "busy",
            Self::Timeout { .. } => "timeout",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::Refused { .. } => "refused",
            Self::OffsetRefused { .. } => "offset_refused",
            Self::Damaged { .. } => "damaged",
            Self::LayoutUnknown { .. } => "layout_unknown",
            Self::NotStored { .. } => "not_stored",
            Self::Invalid { .. } => "invalid",
        }
    }

    /// Whether only this one request failed: the session can be used on.
    pub fn is_about_the_request(&self) -> bool {
        match self {
            Self::Refused { .. }
            | Self::OffsetRefused { .. }
            | Self::NotStored { .. }
            | Self::Invalid { .. }
            | Self::LayoutUnknown { .. } => true,
            Self::NothingListens { .. }
            | Self::NotReachable { .. }
            | Self::OtherProtocol { .. }
            | Self::KeyNeeded { .. }
            | Self::WrongKey { .. }
            | Self::Busy { .. }
            | Self::Timeout { .. }
            | Self::ConnectionLost { .. }
            | Self::Damaged { .. } => false,
        }
    }

    pub(crate) fn of_table(address: &str, error: &TableError) -> Self {
        match error {
            TableError::Refused { table, code } => Self::Refused {
                what: format!("hand out its {table}"),
                code: *code,
            },
            TableError::Offset { offset, reason, .. } => Self::OffsetRefused {
                address: address.to_owned(),
                offset: *offset,
                reason: reason.clone(),
            },
            TableError::TooLong { .. } | TableError::Damaged { .. } | TableError::Lost { .. } => {
                Self::Damaged {
                    address: address.to_owned(),
                    reason: error.to_string(),
                }
            }
        }
    }
}

/// A table of users that is whole but cannot be read.
pub(crate) fn unknown_rows(error: &WireError) -> Error {
    Error::LayoutUnknown {
        reason: error.to_string(),
    }
}

impl fmt::Display for BusySign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("it closes the connection before it answers"),
            Self::Silent(waited) => write!(
                f,
                "it takes the connection but does not answer within {}",
                Span(*waited)
            ),
        }
    }
}

fn timed_out(address: &str, step: Step, waited: Duration) -> String {
    let waited = Span(waited);
    match step {
        Step::Connect => format!(
            "nothing answers at {address} within {waited}: check the address, that the terminal is switched on, and that \
             no firewall is between"
        ),
        Step::Greeting => format!(
            "no terminal answers at {address} over UDP within {waited}: check the address, that it is switched on and not \
             busy with another client, and that no firewall is between; most terminals also speak TCP, try that"
        ),
        Step::Reply => format!(
            "the terminal at {address} stopped answering (nothing for {waited}): it may be busy or was switched off; try \
             again"
        ),
        Step::PrepareTable => format!(
            "the terminal at {address} did not hand out the table within {waited}: it may be busy; try again when nobody \
             is using it"
        ),
        Step::Table => format!(
            "the terminal at {address} stopped in the middle of the table (nothing for {waited}): try again, and check \
             the network if it goes on"
        ),
    }
}

fn other_transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "; some old terminals speak UDP only, try that",
        Transport::Udp => "; most terminals also speak TCP, try that",
    }
}

fn meaning(code: u16) -> &'static str {
    match code {
        zk_wire::code::ACK_ERROR => ": it says that this cannot be done",
        zk_wire::code::ACK_UNAUTH => ": it wants its communication key first",
        zk_wire::code::ACK_UNKNOWN => ": it does not know this command",
        _ => "",
    }
}

/// A length of time for people: `5 s`, `0.5 s`.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_millis() == 0 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{:.1} s", self.0.as_secs_f32())
        }
    }
}
