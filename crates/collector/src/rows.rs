//! From the rows of a terminal's log to punches: who, when, and whether the time can be right. Pure.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _, RandomState},
};

use domain::{LocalTime, NewPunch, Pin, PunchState, RecordId, Source, TimeFlag, is_implausible};
use jiff::{Timestamp, tz::TimeZone};

use crate::people::People;

/// A row of the log, decoded as far as its bytes alone allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogRow {
    pub(crate) raw: Vec<u8>,
    /// Or why it cannot be read.
    pub(crate) decoded: Result<Decoded, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) who: Who,
    pub(crate) time: LocalTime,
    pub(crate) state: u8,
    pub(crate) verify: u8,
    pub(crate) work_code: u32,
}

/// Whom a row names: most by PIN, short ones by the terminal's private slot number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    Pin(Pin),
    Slot(u16),
}

/// Everything that one read needs to know to make punches of rows.
pub(crate) struct Reading<'a> {
    pub(crate) identity: &'a str,
    pub(crate) zone: &'a TimeZone,
    pub(crate) zone_name: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) people: &'a People,
    pub(crate) source: Source,
}

/// What a read came to. Of the rows that the ledger knows only traces are held.
#[derive(Debug, Default)]
pub(crate) struct Harvest {
    pub(crate) seen: u64,
    /// Rows that say the same as an earlier row of this read.
    pub(crate) repeats: u64,
    /// Of those, the ones that the ledger does not know by their bytes.
    pub(crate) fresh_repeats: u64,
    /// Punches that the ledger has already, each counted once.
    pub(crate) known: u64,
    /// Punches that were stored.
    pub(crate) new: u64,
    /// Raw bytes and the reason, as far as they may be kept.
    pub(crate) unreadable: Vec<(Vec<u8>, String)>,
    /// Unreadable rows beyond that.
    pub(crate) not_kept: u64,
    /// Of `unreadable`.
    kept_bytes: usize,
    /// In the order of the log.
    pub(crate) fresh: Vec<Fresh>,
    /// Time of the latest row that the ledger knew, in the order of the log.
    after: Option<LocalTime>,
    met: HashSet<u64>,
    hasher: RandomState,
}

/// A row that the ledger does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fresh {
    pub(crate) raw: Vec<u8>,
    pub(crate) decoded: Decoded,
    /// Time of the latest known row before it in the log.
    pub(crate) after: Option<LocalTime>,
    /// An earlier row of this read says the same.
    pub(crate) is_repeat: bool,
}

/// What one read keeps of rows that nobody can read, so that a log in no known layout does not fill memory and ledger.
const MOST_UNREADABLE: usize = 8 << 20;
/// What one of them takes beside its bytes.
const ROW: usize = 64;

/// Whether new rows name somebody who is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strangers {
    None,
    /// By PIN: only the name is missing.
    Named,
    /// By slot number: without the users nobody knows whose punch it is.
    Numbered,
}

impl Harvest {
    /// Of rows that follow on one of this time, which the ledger knows.
    pub(crate) fn following(after: Option<LocalTime>) -> Self {
        Self {
            after,
            ..Self::default()
        }
    }

    /// Takes the next row of the log; `known` says whether the ledger has its raw bytes.
    pub(crate) fn take(&mut self, row: LogRow, known: bool) {
        self.seen += 1;
        let decoded = match row.decoded {
            Ok(decoded) => decoded,
            Err(reason) => {
                self.set_aside(row.raw, reason);
                return;
            }
        };
        let identity = self
            .hasher
            .hash_one((&decoded.who, decoded.time, decoded.state));
        let is_repeat = !self.met.insert(identity);
        if is_repeat {
            self.repeats += 1;
            self.fresh_repeats += u64::from(!known);
        } else if known {
            self.known += 1;
        }
        if known {
            self.after = Some(decoded.time);
        } else {
            self.fresh.push(Fresh {
                raw: row.raw,
                decoded,
                after: self.after,
                is_repeat,
            });
        }
    }

    fn set_aside(&mut self, raw: Vec<u8>, reason: String) {
        let bytes = raw.len() + ROW;
        if self.kept_bytes + bytes > MOST_UNREADABLE {
            self.not_kept += 1;
            return;
        }
        self.kept_bytes += bytes;
        self.unreadable.push((raw, reason));
    }

    /// Sets the new rows aside that name a slot, where nobody can say whose it is: stored under a wrong PIN they would
    /// stay so.
    pub(crate) fn set_slots_aside(&mut self, reason: &str) {
        let names_slot = |row: &mut Fresh| matches!(row.decoded.who, Who::Slot(_));
        let rows: Vec<_> = self.fresh.extract_if(.., names_slot).collect();
        for row in rows {
            if row.is_repeat {
                self.repeats -= 1;
                self.fresh_repeats -= 1;
            }
            self.set_aside(row.raw, reason.to_owned());
        }
    }

    pub(crate) fn strangers(&self, people: &People) -> Strangers {
        self.fresh
            .iter()
            .map(|row| match &row.decoded.who {
                Who::Pin(pin) if people.names.contains_key(pin) => Strangers::None,
                Who::Pin(_) => Strangers::Named,
                Who::Slot(slot) if people.pins.contains_key(slot) => Strangers::None,
                Who::Slot(_) => Strangers::Numbered,
            })
            .max()
            .unwrap_or(Strangers::None)
    }

    /// Whether new rows name people by slot number.
    pub(crate) fn names_slots(&self) -> bool {
        self.fresh
            .iter()
            .any(|row| matches!(row.decoded.who, Who::Slot(_)))
    }

    /// Of everything that is left to do: the same again means that the ledger has it all by now.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seen, self.repeats, self.not_kept).hash(&mut hasher);
        self.fresh.iter().for_each(|row| row.raw.hash(&mut hasher));
        self.unreadable
            .iter()
            .for_each(|(raw, _)| raw.hash(&mut hasher));
        hasher.finish()
    }

    /// Takes the new rows out, in the order in which their punches are delivered: by local time within one read.
    pub(crate) fn take_in_order(&mut self) -> Vec<Fresh> {
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.sort_by_key(|row| row.decoded.time);
        fresh
    }
}

impl Reading<'_> {
    /// The punch of a row; where it is none the raw bytes come back with the reason.
    pub(crate) fn punch(&self, row: Fresh) -> Result<NewPunch, (Vec<u8>, String)> {
        let Fresh {
            raw,
            decoded,
            after,
            is_repeat: _,
        } = row;
        let pin = match decoded.who {
            Who::Pin(pin) => pin,
            Who::Slot(slot) => match self.people.pins.get(&slot) {
                Some(pin) => pin.clone(),
                // No such user any more: the slot number is all there is.
                None => match Pin::new(slot.to_string()) {
                    Ok(pin) => pin,
                    Err(error) => return Err((raw, error.to_string())),
                },
            },
        };
        let resolved = match decoded.time.resolve(self.zone) {
            Ok(resolved) => resolved,
            Err(error) => return Err((raw, error.to_string())),
        };
        let implausible = is_implausible(decoded.time, resolved.instant, self.now, after);
        let state = PunchState::new(decoded.state);
        let name = self.people.names.get(&pin).filter(|name| !name.is_empty());
        Ok(NewPunch {
            record_id: RecordId::derive(self.identity, &pin, decoded.time, state),
            person_name: name.map_or_else(|| pin.as_str().to_owned(), Clone::clone),
            pin,
            local_time: decoded.time,
            state,
            verify: decoded.verify,
            work_code: decoded.work_code,
            zone: self.zone_name.to_owned(),
            instant: resolved.instant,
            flag: if implausible {
                TimeFlag::Implausible
            } else {
                resolved.flag
            },
            source: self.source,
            raw,
        })
    }
}
