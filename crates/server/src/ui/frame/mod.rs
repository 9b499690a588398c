//! What every page stands in: its frame, its words for time and state, its way to say what went wrong.

mod assets;
mod finish;
mod moment;
mod problem;
mod shell;
#[cfg(test)]
mod tests;
mod tone;

pub(super) use assets::{Assets, serve as assets};
pub(super) use finish::{Html, finish};
pub(super) use moment::Moment;
pub(super) use problem::{PageProblem, sentence, sentence_of};
pub(crate) use problem::{missing, wants_page};
pub(super) use shell::{Flash, Place, Shell};
pub(super) use tone::{Pill, Tone};
