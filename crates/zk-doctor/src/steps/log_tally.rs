//! What a log looks like, row by row.

use std::{
    collections::{BTreeMap, HashSet, VecDeque, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
};

use jiff::civil::DateTime;
use zk_wire::{LogRow, Unreadable, Who, WireTime};

use super::{civil, seconds_between};

/// Rows at the end that are kept for a comparison.
pub(super) const KEPT: usize = 16;
/// Seconds by which a punch may be ahead of us.
const AHEAD: i64 = 86_400;

#[derive(Debug)]
pub(super) struct Tally {
    now: DateTime,
    pub(super) rows: u64,
    pub(super) unreadable: u64,
    /// By kind: how many, and one of them in words.
    pub(super) reasons: BTreeMap<&'static str, (u64, String)>,
    pub(super) first: Option<WireTime>,
    pub(super) last: Option<WireTime>,
    /// Rows older than the one before.
    pub(super) backwards: u64,
    pub(super) repeats: u64,
    pub(super) implausible: u64,
    /// Rows that name a slot only.
    pub(super) slots: HashSet<u16>,
    pub(super) states: HashSet<u8>,
    pub(super) verifies: HashSet<u8>,
    pub(super) end: VecDeque<Vec<u8>>,
    seen: HashSet<u64>,
    before: Option<WireTime>,
}

impl Tally {
    pub(super) fn new(now: DateTime) -> Self {
        Self {
            now,
            rows: 0,
            unreadable: 0,
            reasons: BTreeMap::new(),
            first: None,
            last: None,
            backwards: 0,
            repeats: 0,
            implausible: 0,
            slots: HashSet::new(),
            states: HashSet::new(),
            verifies: HashSet::new(),
            end: VecDeque::new(),
            seen: HashSet::new(),
            before: None,
        }
    }

    pub(super) fn take(&mut self, row: &LogRow<'_>) {
        self.rows += 1;
        if self.end.len() == KEPT {
            self.end.pop_front();
        }
        self.end.push_back(row.raw().to_vec());
        let mut hasher = DefaultHasher::new();
        row.raw().hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            self.repeats += 1;
        }
        match row.read() {
            Ok(read) => {
                self.take_time(read.time);
                self.states.insert(read.state);
                self.verifies.insert(read.verify);
                if let Who::Slot(slot) = read.who {
                    self.slots.insert(slot);
                }
            }
            Err(reason) => {
                self.unreadable += 1;
                let (number, _) = self
                    .reasons
                    .entry(kind(reason))
                    .or_insert_with(|| (0, reason.to_string()));
                *number += 1;
            }
        }
    }

    fn take_time(&mut self, time: WireTime) {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
        if self.before.is_some_and(|before| time < before) {
            self.backwards += 1;
        }
        self.before = Some(time);
        let ahead = civil(time).map(|time| seconds_between(self.now, time));
        if time.year < 2010 || ahead.is_none_or(|ahead| ahead > AHEAD) {
            self.implausible += 1;
        }
    }
}

fn kind(reason: Unreadable) -> &'static str {
    match reason {
        Unreadable::Time(_) => "time",
        Unreadable::UserId => "user_id",
        Unreadable::Nobody => "nobody",
        Unreadable::Short => "short",
        Unreadable::Mixed => "mixed",
        Unreadable::Layout => "layout",
    }
}
