//! A terminal that is told what to do by lines of text, as from another program.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::Handle;
use crate::{config::WhenFull, contents::User};

/// A line that says nothing that a terminal can do, or something that it cannot do now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OrderError(String);

impl Handle {
    /// Every order with what it does, for a help text.
    pub const ORDERS: &[(&str, &str)] = &[
        (
            "fault NAME=VALUE",
            "switches a fault on, fault none all of them off",
        ),
        ("punch N", "N people punch now, each once"),
        ("fill N", "N rows more in the log, without telling clients"),
        ("clear", "clears the log"),
        ("add PIN NAME", "enrols somebody"),
        ("remove PIN", "deletes somebody"),
        (
            "clock SECONDS",
            "sets the terminal's clock ahead of the true time",
        ),
        ("serial TEXT", "another terminal stands there from now on"),
        (
            "counters SHAPE",
            "80, 92, 112, unknown, zero, one-too-many, frozen, records=N",
        ),
        ("offset-reads HOW", "yes, refused:CODE, ignored, short"),
        (
            "capacity N rollover|refuse",
            "how many punches the log holds",
        ),
        (
            "events SHAPE",
            "usual, or bytes=N,refused=CODE,when-enabled,newest,first,unacknowledged=N",
        ),
        ("cut", "closes all connections"),
        ("die", "all connections die without a sign"),
        (
            "traffic",
            "what went over the wire since the last time this was asked",
        ),
        (
            "effects",
            "what clients made it do: doors, sounds, its display",
        ),
        ("state", "what the terminal holds, and what goes wrong"),
    ];

    /// Does what one line says; gives what came of it, for people.
    ///
    /// # Errors
    ///
    /// Where the line says nothing that a terminal can do, or something that it cannot do now.
    pub fn obey(&self, line: &str) -> Result<String, OrderError> {
        let line = line.trim();
        let (order, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        Ok(match order {
            "fault" => {
                let mut faults = self.faults();
                faults.change(rest).map_err(wrong)?;
                self.set_faults(faults);
                "set".to_owned()
            }
            "punch" => {
                let wanted = number(rest)?;
                let done = (0..wanted).map_while(|_| self.punch_random()).count();
                format!("{done} punched")
            }
            "fill" => format!("{} rows more", self.fill_log(number(rest)?)),
            "clear" => {
                self.clear_log();
                "cleared".to_owned()
            }
            "add" => self.add(rest)?,
            "remove" if self.remove_user(rest) => "removed".to_owned(),
            "remove" => return Err(OrderError(format!("nobody has the PIN {rest:?}"))),
            "clock" => {
                let seconds = rest.parse().map_err(|_| missing("a number of seconds"))?;
                self.set_clock_offset(SignedDuration::from_secs(seconds));
                format!("it is {}", self.time())
            }
            "serial" if rest.is_empty() => return Err(missing("a serial number")),
            "serial" => {
                self.set_serial(rest);
                "set".to_owned()
            }
            "counters" => {
                self.set_counters(rest.parse().map_err(OrderError)?);
                "set".to_owned()
            }
            "offset-reads" => {
                self.set_offset_reads(rest.parse().map_err(OrderError)?);
                "set".to_owned()
            }
            "capacity" => self.hold(rest)?,
            "events" => {
                self.set_live(rest.parse().map_err(OrderError)?);
                "set".to_owned()
            }
            "cut" => {
                self.cut_connections();
                "closed".to_owned()
            }
            "die" => {
                self.die_silently();
                "dead".to_owned()
            }
            "traffic" => self.tell_traffic(),
            "effects" => {
                let effects: Vec<_> = self.effects().iter().map(ToString::to_string).collect();
                effects.join(", ")
            }
            "state" => self.tell_state(),
            _ => {
                let orders: Vec<_> = Self::ORDERS.iter().map(|(form, _)| *form).collect();
                return Err(OrderError(format!(
                    "{order:?} is no order; the orders are: {}",
                    orders.join(", ")
                )));
            }
        })
    }

    fn add(&self, rest: &str) -> Result<String, OrderError> {
        let (pin, name) = rest.split_once(' ').unwrap_or((rest, ""));
        if pin.is_empty() {
            return Err(missing("a PIN"));
        }
        let user = User {
            uid: 0,
            pin: pin.to_owned(),
            name: name.to_owned(),
            privilege: 0,
            password: String::new(),
            card: 0,
            group: 1,
        };
        let slot = self.enrol(&user).map_err(wrong)?;
        Ok(format!("slot {slot}"))
    }

    fn hold(&self, rest: &str) -> Result<String, OrderError> {
        let (capacity, when_full) = rest.split_once(' ').unwrap_or((rest, "rollover"));
        let capacity = capacity.parse().map_err(|_| missing("a number of rows"))?;
        let when_full: WhenFull = when_full.parse().map_err(OrderError)?;
        self.set_record_capacity(capacity, when_full);
        Ok("set".to_owned())
    }

    fn tell_state(&self) -> String {
        let state = self.shared.state();
        format!(
            "{} with {} users, {} templates, {} rows, faults: {}",
            state.options.serial(),
            state.people().len(),
            state.templates.len(),
            state.log.len(),
            state.faults
        )
    }

    fn tell_traffic(&self) -> String {
        let traffic = self.reset_traffic();
        let mut told = format!(
            "{} round trips, {} bytes in, {} bytes out",
            traffic.round_trips(),
            traffic.bytes_in,
            traffic.bytes_out
        );
        for (command, share) in &traffic.by_command {
            // Writing to a string does not fail.
            let _ = write!(
                told,
                "; {command}: {} in, {} bytes, {} out, {} bytes",
                share.packets_in, share.bytes_in, share.packets_out, share.bytes_out
            );
        }
        told
    }
}

fn number(text: &str) -> Result<usize, OrderError> {
    text.parse().map_err(|_| missing("a number"))
}

fn missing(what: &str) -> OrderError {
    OrderError(format!("{what} is missing"))
}

fn wrong(error: impl std::error::Error) -> OrderError {
    OrderError(error.to_string())
}
