//! What happens in a story.

use proptest::{collection::vec, prelude::*};

use super::manners::{Character, Spell};

/// Destinations of a story.
pub(super) const LANES: usize = 3;
pub(super) const TERMINALS: usize = 2;

#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) seed: u64,
    pub(super) characters: Vec<Character>,
    pub(super) sizes: Vec<u32>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Punch {
        terminal: usize,
        pins: Vec<u8>,
    },
    /// Lets so much time pass.
    Turn(i64),
    Deed(Deed),
    /// While a request is in flight.
    Midway(usize, Deed),
    /// The worker ends while a request is in flight.
    Kill(usize),
    /// The worker ends after so many turns of its round.
    Cut(usize, u16),
}

/// What people, or the world, do.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Spell(usize, Spell, u32),
    Filter(usize, Wish),
    Map {
        terminal: usize,
        pin: u8,
        person: usize,
    },
    Group(usize, bool),
    Site(usize, bool),
    Pause(usize),
    Resume(usize),
    Off(usize),
    On(usize),
    Size(usize, u32),
    QueuePast(usize),
    Replay(usize),
    SetBack(i64),
}

/// What a filter asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wish {
    All,
    Terminal(usize),
    North,
    Pins(u8, u8),
    State(u8),
    Day,
}

pub(super) fn script() -> impl Strategy<Value = Script> {
    (
        any::<u64>(),
        vec(character(), LANES),
        vec(1_u32..9, LANES),
        vec(step(), 4..40),
    )
        .prop_map(|(seed, characters, sizes, steps)| Script {
            seed,
            characters,
            sizes,
            steps,
        })
}

fn character() -> impl Strategy<Value = Character> {
    (
        prop::option::weighted(0.3, 1_usize..6),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.3),
        0_u64..50,
        prop::option::weighted(0.6, prop_oneof![Just(422_u16), Just(500), Just(0)]),
    )
        .prop_map(
            |(largest, only_bare, says_conflict, whims, poison)| Character {
                largest,
                only_bare,
                says_conflict,
                whims,
                poison,
            },
        )
}

fn lane() -> impl Strategy<Value = usize> {
    0..LANES
}

fn step() -> impl Strategy<Value = Step> {
    let waits = prop_oneof![Just(1_i64), Just(20), Just(400), Just(4_000), Just(90_000)];
    prop_oneof![
        8 => (0..TERMINALS, vec(1_u8..7, 1..8)).prop_map(|(terminal, pins)| Step::Punch { terminal, pins }),
        8 => waits.prop_map(Step::Turn),
        6 => deed().prop_map(Step::Deed),
        3 => (lane(), deed()).prop_map(|(lane, deed)| Step::Midway(lane, deed)),
        2 => lane().prop_map(Step::Kill),
        2 => (lane(), 0_u16..400).prop_map(|(lane, turns)| Step::Cut(lane, turns)),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let wish = prop_oneof![
        2 => Just(Wish::All),
        1 => (0..TERMINALS).prop_map(Wish::Terminal),
        1 => Just(Wish::North),
        1 => (1_u8..7, 1_u8..7).prop_map(|(one, other)| Wish::Pins(one, other)),
        1 => (0_u8..2).prop_map(Wish::State),
        1 => Just(Wish::Day),
    ];
    prop_oneof![
        6 => (lane(), spell(), 1_u32..30).prop_map(|(lane, spell, times)| Deed::Spell(lane, spell, times)),
        3 => (1..LANES, wish).prop_map(|(lane, wish)| Deed::Filter(lane, wish)),
        3 => (0..TERMINALS, 1_u8..7, 0_usize..3)
            .prop_map(|(terminal, pin, person)| Deed::Map { terminal, pin, person }),
        1 => (0_usize..3, any::<bool>()).prop_map(|(person, day)| Deed::Group(person, day)),
        1 => (0..TERMINALS, any::<bool>()).prop_map(|(terminal, north)| Deed::Site(terminal, north)),
        1 => lane().prop_map(Deed::Pause),
        2 => lane().prop_map(Deed::Resume),
        1 => lane().prop_map(Deed::Off),
        2 => lane().prop_map(Deed::On),
        1 => (lane(), 1_u32..9).prop_map(|(lane, size)| Deed::Size(lane, size)),
        1 => lane().prop_map(Deed::QueuePast),
        1 => lane().prop_map(Deed::Replay),
        1 => (1_i64..20_000).prop_map(Deed::SetBack),
    ]
}

fn spell() -> impl Strategy<Value = Spell> {
    let shut = prop_oneof![Just(301_u16), Just(401), Just(403), Just(404), Just(410)];
    let later = prop_oneof![Just(408_u16), Just(425), Just(429), Just(502), Just(503)];
    prop_oneof![
        2 => shut.prop_map(Spell::Status),
        2 => later.prop_map(Spell::Status),
        2 => Just(Spell::Status(500)),
        1 => Just(Spell::TakenAnd500),
        2 => Just(Spell::Status(422)),
        1 => Just(Spell::ErrorInside),
        1 => Just(Spell::Away),
    ]
}
