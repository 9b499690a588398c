//! Faults by name, for command lines.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    Busy, Checksum, EventInside, Faults, Lie, Order, Refusal, Repeat, Scope, Silence, Stall, Writes,
};

/// A fault that is not known, or a value that it does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no fault: {reason}")]
pub struct FaultError {
    /// What was given.
    pub text: String,
    /// For people.
    pub reason: String,
}

impl Faults {
    /// Every fault with the values that it takes and what it does, for a help text.
    pub const NAMES: &[(&str, &str)] = &[
        ("none", "everything as it should be"),
        (
            "cut=N",
            "the connection is cut after N bytes of the next table, once",
        ),
        (
            "cut-all=N",
            "each connection is cut after N bytes of anything",
        ),
        (
            "stall=N:SECONDS",
            "a silence after N bytes of the next table, once; stall=N:forever",
        ),
        ("delay=MS", "waits before each answer"),
        ("prepare-delay=MS", "waits before a table is announced"),
        (
            "silence=events|all",
            "tells of nothing, or says nothing at all",
        ),
        (
            "busy=reset|refuse|unauth",
            "resets connections, refuses CONNECT, or takes no key",
        ),
        (
            "scope=all|tables",
            "which packets are struck by repeat to frame-length",
        ),
        (
            "repeat=twice|previous",
            "each packet twice, or the one before first",
        ),
        ("tcp-order=swapped", "neighbouring packets change places"),
        ("udp-order=swapped", "neighbouring datagrams change places"),
        ("udp-loss=PERCENT", "answers get lost"),
        ("checksum=wrong", "one too small"),
        ("number=OFF", "added to the reply number"),
        ("garbage=N", "N bytes of nonsense before each frame"),
        ("frame-length=SIZE", "a lie about the length of a frame"),
        ("udp-request-loss=PERCENT", "requests get lost"),
        (
            "event=tables|answers",
            "an event of nobody inside tables, or before each answer",
        ),
        ("write-size=N", "N bytes at a time; 1 is byte by byte"),
        ("truncate=N", "N bytes at the end of each table are missing"),
        ("announced=SIZE", "a lie about the size of a prepared table"),
        ("prepared=SIZE", "a lie about the size of what follows"),
        ("declared=SIZE", "a lie about the bytes of all rows"),
        (
            "refuse=COMMAND:CODE",
            "a command, by number, is answered with a code",
        ),
        ("writes=lost", "says done and stores nothing"),
    ];

    /// Changes one fault by its name: `cut=40000`, `busy=reset`; `none` ends all of them, and `cut=none` one. A SIZE is a
    /// number, or one with a sign for how much it is off: `announced=-400`.
    ///
    /// # Errors
    ///
    /// Where the name or its value is not known; nothing is changed then.
    pub fn change(&mut self, text: &str) -> Result<(), FaultError> {
        let wrong = |reason: String| FaultError {
            text: text.to_owned(),
            reason,
        };
        if text == "none" {
            *self = Self::default();
            return Ok(());
        }
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| wrong("write name=value, or none".to_owned()))?;
        let value = Value(value);
        let usual = Self::default();
        let mut changed = *self;
        let done = match name {
            "cut" => value.optional().map(|value| changed.cut_after = value),
            "cut-all" => value
                .optional()
                .map(|value| changed.cut_connection_after = value),
            "stall" => value.stall().map(|value| changed.stall = value),
            "delay" => value.millis().map(|value| changed.answer_delay = value),
            "prepare-delay" => value.millis().map(|value| changed.prepare_delay = value),
            "silence" => value
                .one_of(&[("events", Silence::Events), ("all", Silence::Everything)])
                .map(|value| changed.silence = value),
            "busy" => value
                .one_of(&[
                    ("reset", Busy::Resets),
                    ("refuse", Busy::Refuses),
                    ("unauth", Busy::NeverUnlocks),
                ])
                .map(|value| changed.busy = value),
            "scope" => value
                .one_of(&[("all", Scope::Everything), ("tables", Scope::Tables)])
                .map(|value| changed.scope = value),
            "repeat" => value
                .one_of(&[
                    ("twice", Repeat::Twice),
                    ("previous", Repeat::PreviousFirst),
                ])
                .map(|value| changed.replies = value),
            "tcp-order" => value.order().map(|value| changed.tcp_order = value),
            "udp-order" => value.order().map(|value| changed.udp_order = value),
            "udp-loss" => value
                .percent()
                .map(|value| changed.udp_loss_percent = value),
            "checksum" => value
                .one_of(&[("wrong", Checksum::Wrong)])
                .map(|value| changed.checksum = value),
            "number" => value
                .number(usual.reply_number_off)
                .map(|value| changed.reply_number_off = value),
            "garbage" => value
                .number(usual.garbage)
                .map(|value| changed.garbage = value),
            "frame-length" => value.lie().map(|value| changed.frame_length = value),
            "udp-request-loss" => value
                .percent()
                .map(|value| changed.udp_request_loss_percent = value),
            "event" => value
                .one_of(&[
                    ("tables", EventInside::AfterFirstPacket),
                    ("answers", EventInside::BeforeEveryAnswer),
                ])
                .map(|value| changed.event_inside_table = value),
            "write-size" => value.optional().map(|value| changed.write_size = value),
            "truncate" => value.optional().map(|value| changed.truncate = value),
            "announced" => value.lie().map(|value| changed.announced_size = value),
            "prepared" => value.lie().map(|value| changed.prepared_size = value),
            "declared" => value.lie().map(|value| changed.declared_bytes = value),
            "refuse" => value.refusal().map(|value| changed.refusal = value),
            "writes" => value
                .one_of(&[("lost", Writes::Lost)])
                .map(|value| changed.writes = value),
            _ => {
                let names = Self::NAMES.iter().map(|(form, _)| *form);
                let names: Vec<_> = names
                    .map(|form| form.split('=').next().unwrap_or(form))
                    .collect();
                return Err(wrong(format!("the names are {}", names.join(", "))));
            }
        };
        if done.is_err() {
            let of_this_name = |form: &str| form.split('=').next() == Some(name);
            let form = Self::NAMES.iter().find(|(form, _)| of_this_name(form));
            let form = form.map_or("", |(form, _)| form);
            return Err(wrong(format!("write {form}, or {name}=none")));
        }
        *self = changed;
        Ok(())
    }
}

impl fmt::Display for Faults {
    /// `none`, or what is wrong as [`change`](Self::change) takes it: `cut=40000 udp-loss=5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = Vec::new();
        let mut tell = |name: &str, value: Option<String>| {
            told.extend(value.map(|value| format!("{name}={value}")));
        };
        let some = |is: bool, value: &str| is.then(|| value.to_owned());
        tell("cut", self.cut_after.map(|bytes| bytes.to_string()));
        tell(
            "cut-all",
            self.cut_connection_after.map(|bytes| bytes.to_string()),
        );
        tell("stall", self.stall.map(|stall| stall.to_string()));
        tell("delay", millis(self.answer_delay));
        tell("prepare-delay", millis(self.prepare_delay));
        tell(
            "silence",
            match self.silence {
                Silence::Never => None,
                Silence::Events => Some("events".to_owned()),
                Silence::Everything => Some("all".to_owned()),
            },
        );
        tell(
            "busy",
            match self.busy {
                Busy::No => None,
                Busy::Resets => Some("reset".to_owned()),
                Busy::Refuses => Some("refuse".to_owned()),
                Busy::NeverUnlocks => Some("unauth".to_owned()),
            },
        );
        tell("scope", some(self.scope == Scope::Tables, "tables"));
        tell(
            "repeat",
            match self.replies {
                Repeat::Once => None,
                Repeat::Twice => Some("twice".to_owned()),
                Repeat::PreviousFirst => Some("previous".to_owned()),
            },
        );
        tell(
            "tcp-order",
            some(self.tcp_order == Order::Swapped, "swapped"),
        );
        tell(
            "udp-order",
            some(self.udp_order == Order::Swapped, "swapped"),
        );
        tell("udp-loss", not_zero(self.udp_loss_percent));
        tell("checksum", some(self.checksum == Checksum::Wrong, "wrong"));
        tell("number", not_zero(self.reply_number_off));
        tell("garbage", not_zero(self.garbage));
        tell("frame-length", self.frame_length.told());
        tell("udp-request-loss", not_zero(self.udp_request_loss_percent));
        tell(
            "event",
            match self.event_inside_table {
                EventInside::Never => None,
                EventInside::AfterFirstPacket => Some("tables".to_owned()),
                EventInside::BeforeEveryAnswer => Some("answers".to_owned()),
            },
        );
        tell("write-size", self.write_size.map(|bytes| bytes.to_string()));
        tell("truncate", self.truncate.map(|bytes| bytes.to_string()));
        tell("announced", self.announced_size.told());
        tell("prepared", self.prepared_size.told());
        tell("declared", self.declared_bytes.told());
        tell(
            "refuse",
            self.refusal
                .map(|refusal| format!("{}:{}", refusal.command, refusal.code)),
        );
        tell("writes", some(self.writes == Writes::Lost, "lost"));
        if told.is_empty() {
            return f.write_str("none");
        }
        f.write_str(&told.join(" "))
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lasting == Duration::MAX {
            write!(f, "{}:forever", self.after)
        } else {
            write!(f, "{}:{}", self.after, self.lasting.as_secs_f64())
        }
    }
}

impl Lie {
    fn told(self) -> Option<String> {
        match self {
            Self::No => None,
            Self::Says(number) => Some(number.to_string()),
            Self::Off(by) => Some(format!("{by:+}")),
        }
    }
}

fn millis(time: Duration) -> Option<String> {
    not_zero(time.as_millis())
}

fn not_zero(number: impl Into<u128>) -> Option<String> {
    let number = number.into();
    (number > 0).then(|| number.to_string())
}

/// What stands behind the name.
struct Value<'a>(&'a str);

/// The name does not take this value.
struct NotTaken;

impl Value<'_> {
    fn is_none(&self) -> bool {
        self.0 == "none"
    }

    fn number<T: FromStr>(&self, usual: T) -> Result<T, NotTaken> {
        if self.is_none() {
            Ok(usual)
        } else {
            self.0.parse().map_err(|_| NotTaken)
        }
    }

    fn optional<T: FromStr>(&self) -> Result<Option<T>, NotTaken> {
        if self.is_none() {
            return Ok(None);
        }
        self.0.parse().map(Some).map_err(|_| NotTaken)
    }

    fn percent(&self) -> Result<u8, NotTaken> {
        match self.number(0)? {
            percent @ 0..=100 => Ok(percent),
            _ => Err(NotTaken),
        }
    }

    fn millis(&self) -> Result<Duration, NotTaken> {
        self.number(0).map(Duration::from_millis)
    }

    fn one_of<T: Copy + Default>(&self, values: &[(&str, T)]) -> Result<T, NotTaken> {
        if self.is_none() {
            return Ok(T::default());
        }
        let known = values.iter().find(|(name, _)| *name == self.0);
        known.map(|(_, value)| *value).ok_or(NotTaken)
    }

    fn order(&self) -> Result<Order, NotTaken> {
        self.one_of(&[("swapped", Order::Swapped)])
    }

    fn lie(&self) -> Result<Lie, NotTaken> {
        if self.is_none() {
            return Ok(Lie::No);
        }
        if self.0.starts_with(['+', '-']) {
            self.number(0).map(Lie::Off)
        } else {
            self.number(0).map(Lie::Says)
        }
    }

    fn stall(&self) -> Result<Option<Stall>, NotTaken> {
        if self.is_none() {
            return Ok(None);
        }
        let (after, lasting) = self.0.split_once(':').ok_or(NotTaken)?;
        let lasting = match lasting {
            "forever" => Duration::MAX,
            seconds => seconds
                .parse()
                .ok()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .ok_or(NotTaken)?,
        };
        let after = Value(after).number(0)?;
        Ok(Some(Stall { after, lasting }))
    }

    fn refusal(&self) -> Result<Option<Refusal>, NotTaken> {
        if self.is_none() {
            return Ok(None);
        }
        let (command, code) = self.0.split_once(':').ok_or(NotTaken)?;
        Ok(Some(Refusal {
            command: Value(command).number(0)?,
            code: Value(code).number(0)?,
        }))
    }
}
