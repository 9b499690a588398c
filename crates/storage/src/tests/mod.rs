//! The contract of each aggregate, against a real SQLite file.

mod enrolments;
mod fixture;
mod ingest;
mod jobs;
mod keys;
mod open;

mod punch_list;
mod runs;
mod sealer;

mod speed;
mod terminal_changes;
mod terminals;
mod writer;
