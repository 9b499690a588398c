//! Who may be behind a PIN that nobody mapped.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::spelling::{is_other_person, words};
use crate::{PersonId, Pin};

/// What is known of a person when a PIN is to be found an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquaintance {
    pub id: PersonId,
    pub employee_number: String,
    pub name: String,
    /// What other terminals call them.
    pub known_as: Vec<String>,
}

/// Somebody who may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Suggestion {
    pub person: PersonId,
    pub reason: SuggestionReason,
}

/// Why somebody may be meant, the best reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionReason {
    /// The PIN is their employee number.
    SameNumber,
    /// The terminal's name for the PIN is theirs.
    SameName,
    /// Another terminal has the same name for them.
    SameNameElsewhere,
    /// The PIN is their employee number but for leading zeros.
    NumberButZeros,
    /// The names have much in common.
    LikeName,
}

/// Suggestions for one PIN.
const MOST: usize = 5;
/// People whose names are compared letter by letter.
const MOST_COMPARED: usize = 2_000;
/// How much names must have in common, in parts of a hundred.
const ALIKE: usize = 60;

struct Suggester<'a> {
    people: &'a [Acquaintance],
    by_number: HashMap<&'a str, Vec<usize>>,
    by_word: HashMap<String, Vec<usize>>,
}

/// For several PINs, with the terminal's names for them, the people who may be behind each, the likeliest first.
pub fn suggest(people: &[Acquaintance], asked: &[(Pin, Option<String>)]) -> Vec<Vec<Suggestion>> {
    let suggester = Suggester::new(people);
    asked
        .iter()
        .map(|(pin, name)| suggester.suggest(pin, name.as_deref().unwrap_or_default()))
        .collect()
}

impl<'a> Suggester<'a> {
    fn new(people: &'a [Acquaintance]) -> Self {
        let mut by_number: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, person) in people.iter().enumerate() {
            by_number
                .entry(without_zeros(&person.employee_number))
                .or_default()
                .push(index);
            let keys: HashSet<String> = person.names().flat_map(keys).collect();
            for key in keys {
                by_word.entry(key).or_default().push(index);
            }
        }
        Self {
            people,
            by_number,
            by_word,
        }
    }

    fn suggest(&self, pin: &Pin, name: &str) -> Vec<Suggestion> {
        let mut best: BTreeMap<usize, (SuggestionReason, usize)> = BTreeMap::new();
        let mut note = |index: usize, reason: SuggestionReason, likeness: usize| {
            let known = best.entry(index).or_insert((reason, likeness));
            *known = (*known).min((reason, likeness));
        };
        let number = without_zeros(pin.as_str());
        for index in self.by_number.get(number).into_iter().flatten() {
            let exact = self
                .people
                .get(*index)
                .is_some_and(|person| person.employee_number == pin.as_str());
            let reason = if exact {
                SuggestionReason::SameNumber
            } else {
                SuggestionReason::NumberButZeros
            };
            note(*index, reason, 0);
        }
        if name != pin.as_str() {
            let alike: HashSet<usize> = keys(name)
                .iter()
                .filter_map(|key| self.by_word.get(key))
                .flatten()
                .copied()
                .take(MOST_COMPARED)
                .collect();
            for index in alike {
                if let Some((reason, unlikeness)) = self
                    .people
                    .get(index)
                    .and_then(|person| compare(person, name))
                {
                    note(index, reason, unlikeness);
                }
            }
        }
        let mut found: Vec<_> = best.into_iter().collect();
        found.sort_by_key(|(index, rank)| (*rank, *index));
        found
            .into_iter()
            .take(MOST)
            .filter_map(|(index, (reason, _))| {
                Some(Suggestion {
                    person: self.people.get(index)?.id,
                    reason,
                })
            })
            .collect()
    }
}

impl Acquaintance {
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.known_as.iter().map(String::as_str))
    }
}

/// `None` where the names have little in common; else the reason, and how much they differ.
fn compare(person: &Acquaintance, name: &str) -> Option<(SuggestionReason, usize)> {
    let is_same = |other: &str| !other.is_empty() && !is_other_person(other, name);
    if is_same(&person.name) {
        return Some((SuggestionReason::SameName, 0));
    }
    if person.known_as.iter().any(|other| is_same(other)) {
        return Some((SuggestionReason::SameNameElsewhere, 0));
    }
    let likeness = person
        .names()
        .map(|other| likeness(other, name))
        .max()
        .unwrap_or_default();
    (likeness >= ALIKE).then_some((SuggestionReason::LikeName, 100 - likeness))
}

/// By what a name is found: the beginnings of its words.
fn keys(name: &str) -> Vec<String> {
    words(name)
        .iter()
        .map(|word| word.chars().take(2).collect())
        .collect()
}

/// How many of their pairs of letters two names have in common, in parts of a hundred.
fn likeness(one: &str, other: &str) -> usize {
    let (one, mut other) = (pairs(one), pairs(other));
    let all = one.len() + other.len();
    let common = one
        .iter()
        .filter(|pair| {
            let place = other.iter().position(|each| each == *pair);
            place.map(|place| other.swap_remove(place)).is_some()
        })
        .count();
    (200 * common).checked_div(all).unwrap_or_default()
}

fn pairs(name: &str) -> Vec<(char, char)> {
    words(name)
        .iter()
        .flat_map(|word| {
            let padded: Vec<char> = std::iter::once(' ').chain(word.chars()).collect();
            padded
                .iter()
                .copied()
                .zip(padded.iter().copied().skip(1))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn without_zeros(number: &str) -> &str {
    let short = number.trim_start_matches('0');
    if short.is_empty() { "0" } else { short }
}
