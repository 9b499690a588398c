//! What people tell the sender while it runs holds for every batch that it makes afterwards.

use std::collections::{BTreeMap, BTreeSet};

use super::{Names, plainly_not_taken};
use crate::crash::{
    journal::{Event, Word},
    request::{Punch, Record},
    roster::Roster,
    wants::Wants,
};

/// From when until when something may count, as places among the events, both included.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: usize,
    upto: usize,
}

/// A request may have been made before the word that came before it, but no more than one: the next is made when the
/// last was answered.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    /// When each may be what is wanted.
    wants: Vec<(Span, &'a Wants)>,
    /// While nobody can say whether the sender knows whose a PIN is; before, it does not, and afterwards it does.
    mapped: BTreeMap<usize, Span>,
}

/// Whether somebody is known to be behind a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    No,
    Maybe,
    Yes,
}

impl<'a> Words<'a> {
    pub(super) fn read(events: &'a [Event]) -> Self {
        let mut words = Self::default();
        for (position, event) in events.iter().enumerate() {
            match event {
                Event::Telling(Word::Mapped(place)) => {
                    let in_doubt = Span {
                        from: position,
                        upto: usize::MAX,
                    };
                    words.mapped.entry(*place).or_insert(in_doubt);
                }
                Event::Told(Word::Mapped(place)) => {
                    if let Some(in_doubt) = words.mapped.get_mut(place) {
                        in_doubt.upto = next_arrival(events, position);
                    }
                }
                Event::Telling(Word::Wants(wants)) => {
                    let span = Span {
                        from: position,
                        upto: usize::MAX,
                    };
                    words.wants.push((span, wants));
                }
                Event::Told(Word::Wants(_)) => {
                    // All but the newest ends.
                    let end = next_arrival(events, position);
                    for (span, _) in words.wants.iter_mut().rev().skip(1) {
                        span.upto = span.upto.min(end);
                    }
                }
                _ => {}
            }
        }
        words
    }

    pub(super) fn knows(&self, place: usize, position: usize) -> Known {
        match self.mapped.get(&place) {
            Some(in_doubt) if position > in_doubt.upto => Known::Yes,
            Some(in_doubt) if position >= in_doubt.from => Known::Maybe,
            Some(_) | None => Known::No,
        }
    }

    /// Whether all that was ever said wants it.
    pub(super) fn always_want(&self, punch: &Punch, roster: &Roster) -> bool {
        self.wants
            .iter()
            .all(|(_, wants)| wants.matches(punch, roster.of(punch)))
    }

    fn want(&self, punch: &Punch, roster: &Roster, position: usize) -> bool {
        let mapping = roster
            .place(punch)
            .filter(|place| self.knows(*place, position) != Known::No)
            .and_then(|place| roster.get(place));
        let mut in_force = self
            .wants
            .iter()
            .filter(|(span, _)| span.from <= position && position <= span.upto);
        self.wants.is_empty() || in_force.any(|(_, wants)| wants.matches(punch, mapping))
    }

    fn change(&self) -> bool {
        self.wants.len() > 1
    }
}

fn next_arrival(events: &[Event], position: usize) -> usize {
    let later = events.iter().enumerate().skip(position);
    later
        .filter(|(_, event)| matches!(event, Event::Arrived(_)))
        .map(|(place, _)| place)
        .next()
        .unwrap_or(usize::MAX)
}

/// A record comes for the first time only while it is wanted, is a punch that a terminal holds, and is told as whoever is
/// known to be behind its PIN; as the same ever after, unless it was plainly not taken.
pub(super) fn look(
    events: &[Event],
    roster: &Roster,
    names: &Names,
    known: &BTreeSet<&Punch>,
    complaints: &mut Vec<String>,
) {
    let words = Words::read(events);
    let not_taken = plainly_not_taken(events);
    let mut told: BTreeMap<&str, Told<'_>> = BTreeMap::new();
    let arrivals = events.iter().enumerate().filter_map(|(position, event)| {
        let Event::Arrived(request) = event else {
            return None;
        };
        Some((position, request))
    });
    for (number, (position, request)) in arrivals.enumerate() {
        for record in &request.records {
            let Some(punch) = names.punch(&record.id) else {
                continue;
            };
            let is_right = words.change() || is_right(record, punch, roster, &words, position);
            let left = not_taken.get(&number);
            let may_have_been_taken = left.is_none_or(|left| !left.contains(record.id.as_str()));
            if let Some(before) = told.get_mut(record.id.as_str()) {
                if before.who != record.told_as && (before.is_settled || !is_right) {
                    complaints.push(format!(
                        "{punch} was told as {}, and later as {}",
                        before.who, record.told_as
                    ));
                }
                before.who = &record.told_as;
                before.is_settled |= may_have_been_taken;
                continue;
            }
            let first = Told {
                who: &record.told_as,
                is_settled: may_have_been_taken,
            };
            told.insert(&record.id, first);
            if !known.contains(punch) {
                complaints.push(format!("{punch} is in no terminal"));
            } else if !words.want(punch, roster, position) {
                complaints.push(format!("{punch} is not wanted here when it comes"));
            } else if !is_right {
                complaints.push(format!("{punch} is told as {}", record.told_as));
            }
        }
    }
}

/// As whom a record was told.
struct Told<'a> {
    who: &'a str,
    /// It may have been taken so.
    is_settled: bool,
}

fn is_right(
    record: &Record,
    punch: &Punch,
    roster: &Roster,
    words: &Words<'_>,
    position: usize,
) -> bool {
    let place = roster.place(punch);
    let known = place.map_or(Known::No, |place| words.knows(place, position));
    let employee = roster.of(punch).map_or("", |mapping| mapping.employee);
    match known {
        Known::No => record.told_as == punch.pin,
        Known::Maybe => record.told_as == punch.pin || record.told_as == employee,
        Known::Yes => record.told_as == employee,
    }
}
