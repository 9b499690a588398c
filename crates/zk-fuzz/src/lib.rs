//! What must hold of any bytes from a terminal, for the fuzzer and for the replay of its seeds.
//!
//! Each target takes bytes as a terminal, or an attacker in its place, could send them, and panics where something
//! does not hold that must. `fuzz/` drives them with libFuzzer; the test of this crate runs every seed in `fuzz/seeds/`
//! through its target, on every change and without a fuzzer.

mod captures;
mod events;
mod frames;
mod logs;
mod names;
mod tables;
mod templates;
mod users;

/// Looks at some bytes; panics where they break something.
pub type Target = fn(&[u8]);

/// By the name of the seed folder.
pub const TARGETS: &[(&str, Target)] = &[
    ("captures", captures::captures),
    ("events", events::events),
    ("frames", frames::frames),
    ("logs", logs::logs),
    ("names", names::names),
    ("tables", tables::tables),
    ("templates", templates::templates),
    ("users", users::users),
];

/// Runs one input through a target; `false` where there is no such target.
pub fn run(name: &str, input: &[u8]) -> bool {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    if let Some((_, target)) = found {
        target(input);
    }
    found.is_some()
}
