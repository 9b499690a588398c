//! How a receiver behaves: what it never takes, and how it fails.

mod turn;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

pub(super) use self::turn::{Silence, Taking, Turn};
use super::{
    dice::Dice,
    request::{Request, Shape},
};

/// What a receiver is like, whatever its mood.
#[derive(Debug, Clone, Default)]
pub(super) struct Character {
    /// Answers 413 to more records at once.
    pub(super) largest: Option<usize>,
    /// Refuses all but bare records.
    pub(super) only_bare: bool,
    /// Answers 422 to records of this PIN, the first few that it sees.
    pub(super) refuses: Option<Poison>,
    /// Answers 500 to records of this PIN, the first few that it sees, until each came alone a few times.
    pub(super) breaks_at: Option<Poison>,
    /// Answers 500 to records of this PIN, the first few that it sees, however often they come alone.
    pub(super) never_takes: Option<Poison>,
    /// Takes what it can of a batch and lists what that was, instead of refusing all of it.
    pub(super) lists: bool,
    /// Answers 409 to a record that comes alone and that it has.
    pub(super) says_conflict: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Poison {
    pub(super) pin: String,
    pub(super) records: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// It has its character, and no whims.
    Healthy,
    Failing,
    /// It takes everything that it can take at all.
    Cured,
}

/// One way to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Whim {
    Once(Turn),
    Slow,
    /// Speaks of some records only.
    HalfAList,
    /// Takes fewer records at once from now on.
    Shrink,
    ForAWhile(Spell),
    /// For a while, one of the answers that say: not here.
    Shut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spell {
    /// This status to everything.
    Answers(u16),
    /// 422 to everything.
    RefusesAll,
    /// Nothing listens.
    Away,
}

/// What says: not here. The sender pauses, and tries once an hour or when it is told to; after 410 only then.
const NOT_HERE: [u16; 7] = [401, 301, 404, 410, 308, 403, 302];

const WHIMS: [Whim; 22] = [
    Whim::Slow,
    Whim::Once(Turn::Unheard(Taking::Takes, Silence::Cut)),
    Whim::Once(Turn::Unheard(Taking::Leaves, Silence::Cut)),
    Whim::Once(Turn::Unheard(Taking::Takes, Silence::HalfAnAnswer)),
    Whim::Once(Turn::Unheard(Taking::Takes, Silence::EndlessAnswer)),
    Whim::Once(Turn::Unheard(Taking::Takes, Silence::NoAnswer)),
    Whim::Once(Turn::Unheard(Taking::Leaves, Silence::NoAnswer)),
    Whim::Once(Turn::ErrorInside),
    Whim::Once(Turn::Status(408)),
    Whim::Once(Turn::Status(425)),
    Whim::Once(Turn::Status(429)),
    Whim::Once(Turn::Status(502)),
    Whim::Once(Turn::Status(503)),
    Whim::Once(Turn::Refuse(500)),
    Whim::HalfAList,
    Whim::HalfAList,
    Whim::Shrink,
    Whim::ForAWhile(Spell::Answers(503)),
    Whim::ForAWhile(Spell::RefusesAll),
    Whim::ForAWhile(Spell::Away),
    Whim::Shut,
    Whim::Shut,
];
const WHIM_PERCENT: u64 = 30;
/// More would teach nothing and cost the sender's waits.
const MOST_WHIMS_IN_A_ROW: u32 = 2;
const SLOWEST: Duration = Duration::from_millis(700);
/// How often a record that is answered 500 comes alone until it passes.
const LONE_TRIES: u32 = 2;
/// A receiver that takes fewer and fewer records at once stops here.
const SMALLEST_LIMIT: usize = 8;

pub(super) struct Manners {
    character: Character,
    mood: Mood,
    dice: Dice,
    /// Whims still to come; each comes once before one comes again.
    deck: Vec<Whim>,
    whims_in_a_row: u32,
    spell: Option<(Spell, Instant)>,
    refused: BTreeSet<String>,
    /// Tries alone, by id.
    broken: BTreeMap<String, u32>,
    never: BTreeSet<String>,
    taken: BTreeSet<String>,
    /// What a list left out once; a second time would send it away for long.
    left_out: BTreeSet<String>,
    /// The next of the answers that say: not here.
    not_here: usize,
    /// How often each turn was taken.
    turns: BTreeMap<String, u32>,
}

impl Manners {
    pub(super) fn new(character: Character, dice: Dice) -> Self {
        Self {
            character,
            mood: Mood::Healthy,
            dice,
            deck: Vec::new(),
            whims_in_a_row: 0,
            spell: None,
            refused: BTreeSet::new(),
            broken: BTreeMap::new(),
            never: BTreeSet::new(),
            taken: BTreeSet::new(),
            left_out: BTreeSet::new(),
            not_here: 0,
            turns: BTreeMap::new(),
        }
    }

    pub(super) fn set_mood(&mut self, mood: Mood) {
        self.mood = mood;
        self.spell = None;
    }

    pub(super) fn refuses_all(&self, now: Instant) -> bool {
        matches!(self.spell, Some((Spell::RefusesAll, until)) if until > now)
    }

    /// Whether nothing is to listen now.
    pub(super) fn is_away(&self, now: Instant) -> bool {
        matches!(self.spell, Some((Spell::Away, until)) if until > now)
    }

    /// Ids of records that it fails on until it is cured.
    pub(super) fn never(&self) -> &BTreeSet<String> {
        &self.never
    }

    /// Ids of records that it does not take until it is cured.
    pub(super) fn bad(&self) -> impl Iterator<Item = &String> {
        self.refused.iter().chain(&self.never)
    }

    pub(super) fn turns(&self) -> &BTreeMap<String, u32> {
        &self.turns
    }

    pub(super) fn choose(&mut self, request: &Request, now: Instant) -> Turn {
        let turn = match self.mood {
            Mood::Healthy => self.nature(request),
            Mood::Failing => self.whim(request, now),
            Mood::Cured => self.limits(request),
        };
        let turn = turn.unwrap_or(Turn::Take(Duration::ZERO));
        *self.turns.entry(turn.name()).or_default() += 1;
        let taken = request.records.iter().map(|record| &record.id);
        self.taken
            .extend(taken.filter(|id| turn.takes(id)).cloned());
        turn
    }

    fn whim(&mut self, request: &Request, now: Instant) -> Option<Turn> {
        self.find_poison(request);
        if let Some((spell, until)) = self.spell
            && until > now
        {
            return Some(spell.turn());
        }
        if self.whims_in_a_row >= MOST_WHIMS_IN_A_ROW || !self.dice.chance(WHIM_PERCENT) {
            self.whims_in_a_row = 0;
            return self.nature(request);
        }
        self.whims_in_a_row += 1;
        match self.draw() {
            Whim::Slow => match self.nature(request) {
                None => Some(Turn::Take(self.dice.wait(SLOWEST))),
                no => no,
            },
            // One more would send a record that waits by itself away for minutes.
            Whim::Once(Turn::Refuse(_)) if self.holds_broken(request) => self.nature(request),
            Whim::Once(turn) => Some(turn),
            Whim::HalfAList => match self.nature(request) {
                None => self.half_a_list(request),
                no => no,
            },
            Whim::Shrink => {
                if let Some(largest) = &mut self.character.largest {
                    *largest = (*largest * 3 / 4).max(SMALLEST_LIMIT);
                }
                self.nature(request)
            }
            Whim::ForAWhile(spell) => Some(self.fall_under(spell, now)),
            Whim::Shut => {
                let status = NOT_HERE.get(self.not_here % NOT_HERE.len());
                self.not_here += 1;
                Some(self.fall_under(Spell::Answers(status.copied().unwrap_or(401)), now))
            }
        }
    }

    fn fall_under(&mut self, spell: Spell, now: Instant) -> Turn {
        let length = Duration::from_millis(self.dice.between(1_000, 3_000));
        self.spell = Some((spell, now + length));
        spell.turn()
    }

    /// The first half of the records, where a list is given at all and none of the others was left out before.
    fn half_a_list(&mut self, request: &Request) -> Option<Turn> {
        let half = request.records.len().div_ceil(2);
        let (taken, left) = request.records.split_at(half);
        let is_news = !left.iter().any(|each| self.left_out.contains(&each.id));
        if !self.character.lists || left.is_empty() || !is_news {
            return None;
        }
        self.left_out
            .extend(left.iter().map(|record| record.id.clone()));
        Some(Turn::TakePart {
            taken: taken.iter().map(|record| record.id.clone()).collect(),
            refused: BTreeSet::new(),
        })
    }

    fn draw(&mut self) -> Whim {
        if self.deck.is_empty() {
            self.deck = WHIMS.to_vec();
        }
        let left = u64::try_from(self.deck.len()).unwrap_or(1);
        let place = usize::try_from(self.dice.between(0, left)).unwrap_or(0);
        self.deck.swap_remove(place)
    }

    /// What it never takes.
    fn limits(&self, request: &Request) -> Option<Turn> {
        if self.character.only_bare && request.shape != Shape::Bare {
            return Some(Turn::Refuse(422));
        }
        let has = |id| self.taken.contains(id) && !self.refused.contains(id);
        if self.character.says_conflict && request.only().is_some_and(|only| has(&only.id)) {
            return Some(Turn::Refuse(409));
        }
        let most = self.character.largest?;
        (request.records.len() > most).then_some(Turn::Refuse(413))
    }

    /// What it does not take until it is cured.
    fn nature(&mut self, request: &Request) -> Option<Turn> {
        if let Some(turn) = self.limits(request) {
            return Some(turn);
        }
        let ids = || request.records.iter().map(|record| &record.id);
        if ids().any(|id| self.never.contains(id)) {
            return Some(Turn::Refuse(500));
        }
        if ids().any(|id| self.refused.contains(id)) {
            if !self.character.lists {
                return Some(Turn::Refuse(422));
            }
            let (refused, taken) = ids().cloned().partition(|id| self.refused.contains(id));
            return Some(Turn::TakePart { taken, refused });
        }
        if !self.holds_broken(request) {
            return None;
        }
        if let Some(only) = request.only()
            && let Some(tries) = self.broken.get_mut(&only.id)
        {
            *tries += 1;
        }
        Some(Turn::Refuse(500))
    }

    fn holds_broken(&self, request: &Request) -> bool {
        request.records.iter().any(|record| {
            self.never.contains(&record.id)
                || self
                    .broken
                    .get(&record.id)
                    .is_some_and(|tries| *tries < LONE_TRIES)
        })
    }

    fn find_poison(&mut self, request: &Request) {
        for record in &request.records {
            let is_found = |poison: &Option<Poison>, found: usize| {
                poison
                    .as_ref()
                    .is_some_and(|poison| poison.pin == record.told_as && found < poison.records)
            };
            if is_found(&self.character.refuses, self.refused.len()) {
                self.refused.insert(record.id.clone());
            }
            if is_found(&self.character.never_takes, self.never.len())
                && !self.taken.contains(&record.id)
            {
                self.never.insert(record.id.clone());
            }
            if is_found(&self.character.breaks_at, self.broken.len()) {
                self.broken.entry(record.id.clone()).or_default();
            }
        }
    }
}

impl Spell {
    fn turn(self) -> Turn {
        match self {
            Self::Answers(status) => Turn::Status(status),
            Self::RefusesAll => Turn::Refuse(422),
            // What came before the door was shut.
            Self::Away => Turn::Unheard(Taking::Leaves, Silence::Cut),
        }
    }
}
