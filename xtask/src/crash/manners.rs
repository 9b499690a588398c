//! How a receiver behaves: what it never takes, and how it fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

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

/// How one request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    Take(Duration),
    /// Not to be heard of: the connection ends, or half of the answer is missing, or it never ends, or never begins.
    Unheard(Taking, Silence),
    /// A status that says nothing against the records.
    Status(u16),
    /// 200 with an error in its JSON.
    ErrorInside,
    /// A status that says something against the records.
    Refuse(u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taking {
    Takes,
    Leaves,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Silence {
    Cut,
    HalfAnAnswer,
    EndlessAnswer,
    NoAnswer,
}

/// One way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whim {
    Once(Turn),
    Slow,
    ForAWhile(Spell),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spell {
    /// 503.
    Down,
    /// 401.
    Shut,
    /// 422 to everything.
    RefusesAll,
}

const WHIMS: [Whim; 17] = [
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
    Whim::ForAWhile(Spell::Down),
    Whim::ForAWhile(Spell::Shut),
    Whim::ForAWhile(Spell::RefusesAll),
];
const WHIM_PERCENT: u64 = 30;
/// More would teach nothing and cost the sender's waits.
const MOST_WHIMS_IN_A_ROW: u32 = 2;
const SLOWEST: Duration = Duration::from_millis(700);
/// How often a record that is answered 500 comes alone until it passes.
const LONE_TRIES: u32 = 2;

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

    /// Ids of records that are refused until it is cured.
    pub(super) fn refused(&self) -> &BTreeSet<String> {
        &self.refused
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
            Whim::ForAWhile(spell) => {
                let length = Duration::from_millis(self.dice.between(1_000, 3_000));
                self.spell = Some((spell, now + length));
                Some(spell.turn())
            }
        }
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
        let most = self.character.largest?;
        (request.records.len() > most).then_some(Turn::Refuse(413))
    }

    /// What it does not take until it is cured.
    fn nature(&mut self, request: &Request) -> Option<Turn> {
        if let Some(turn) = self.limits(request) {
            return Some(turn);
        }
        if request
            .records
            .iter()
            .any(|record| self.refused.contains(&record.id))
        {
            return Some(Turn::Refuse(422));
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
            self.broken
                .get(&record.id)
                .is_some_and(|tries| *tries < LONE_TRIES)
        })
    }

    fn find_poison(&mut self, request: &Request) {
        for record in &request.records {
            if let Some(poison) = &self.character.refuses
                && poison.pin == record.person
                && self.refused.len() < poison.records
            {
                self.refused.insert(record.id.clone());
            }
            if let Some(poison) = &self.character.breaks_at
                && poison.pin == record.person
                && self.broken.len() < poison.records
            {
                self.broken.entry(record.id.clone()).or_default();
            }
        }
    }
}

impl Spell {
    fn turn(self) -> Turn {
        match self {
            Self::Down => Turn::Status(503),
            Self::Shut => Turn::Status(401),
            Self::RefusesAll => Turn::Refuse(422),
        }
    }
}

impl Turn {
    pub(super) fn takes(self) -> bool {
        match self {
            Self::Take(_) | Self::Unheard(Taking::Takes, _) => true,
            Self::Unheard(Taking::Leaves, _)
            | Self::Status(_)
            | Self::ErrorInside
            | Self::Refuse(_) => false,
        }
    }

    /// For the summary.
    fn name(self) -> String {
        match self {
            Self::Take(Duration::ZERO) => "200".to_owned(),
            Self::Take(_) => "200 slowly".to_owned(),
            Self::Unheard(Taking::Takes, silence) => format!("{} after taking", silence.name()),
            Self::Unheard(Taking::Leaves, silence) => format!("{} before taking", silence.name()),
            Self::Status(status) | Self::Refuse(status) => status.to_string(),
            Self::ErrorInside => "error inside 200".to_owned(),
        }
    }
}

impl Silence {
    fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::HalfAnAnswer => "half an answer",
            Self::EndlessAnswer => "endless answer",
            Self::NoAnswer => "no answer",
        }
    }
}
