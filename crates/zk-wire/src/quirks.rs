//! What terminals are known to do otherwise than others, as data: by model and firmware, with what people see of it, what
//! this program does about it, and what people can do.
//!
//! Most of it needs no decision: it is handled wherever it shows. Where a terminal must be treated otherwise before it
//! shows anything, the entry [`acts`](Quirk::acts).

mod of_all;
mod of_models;

/// One peculiarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirk {
    /// A name that stays, for messages and tests.
    pub id: &'static str,
    /// Beginnings of device names or platforms; none for what may be met anywhere.
    pub models: &'static [&'static str],
    /// Parts of firmware versions; none for any.
    pub firmware: &'static [&'static str],
    /// What people see, or what other software made of it.
    pub symptom: &'static str,
    /// What this program does about it.
    pub what_we_do: &'static str,
    /// What people can do; empty where there is nothing to do.
    pub remedy: &'static str,
    /// Where it was seen.
    pub source: &'static str,
    /// What is to be done otherwise from the beginning.
    pub acts: &'static [Act],
}

/// What a quirk changes in how a terminal is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Its counts say nothing about its tables: read them whatever the counts say.
    CountersUntrusted,
    /// Never read a log with the bare command: what comes is old memory.
    NoDirectRead,
    /// Tables can only be read from their beginning.
    NoOffsetReads,
    /// In rows of 16 bytes, verify stands before state.
    VerifyStateSwapped,
    /// Tells events only after it was enabled, which disturbs nobody.
    EnableBeforeEvents,
    /// Does not listen on TCP.
    UdpOnly,
}

/// All that are known, those of models first.
pub fn quirks() -> impl Iterator<Item = &'static Quirk> {
    of_models::QUIRKS.iter().chain(&of_all::QUIRKS)
}

/// The quirk of this [`id`](Quirk::id).
pub fn quirk(id: &str) -> Option<&'static Quirk> {
    quirks().find(|quirk| quirk.id == id)
}

/// Those of one model: `model` is the device name, the platform, or both with a space between, as the terminal tells
/// them; `firmware` its version. What may be met anywhere is not among them.
pub fn quirks_of(model: &str, firmware: &str) -> impl Iterator<Item = &'static Quirk> {
    let words: Vec<String> = model.split_whitespace().map(plain).collect();
    let (model, firmware) = (plain(model), plain(firmware));
    of_models::QUIRKS.iter().filter(move |quirk| {
        let is_model = quirk.models.iter().map(|name| plain(name)).any(|name| {
            begins_with(&model, &name) || words.iter().any(|word| begins_with(word, &name))
        });
        let mut versions = quirk.firmware.iter();
        is_model
            && (quirk.firmware.is_empty()
                || versions.any(|version| firmware.contains(&plain(version))))
    })
}

/// Whether any quirk of the model asks for this.
pub fn must(model: &str, firmware: &str, act: Act) -> bool {
    quirks_of(model, firmware).any(|quirk| quirk.acts.contains(&act))
}

/// Whether a model is this one, or of its family: a K400 is no K40.
fn begins_with(model: &str, name: &str) -> bool {
    let digit = |character: char| character.is_ascii_digit();
    model
        .strip_prefix(name)
        .is_some_and(|rest| !(name.ends_with(digit) && rest.starts_with(digit)))
}

/// Terminals write their names with dashes, blanks and brackets here and there.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect()
}
