//! The contract of each aggregate, against a real `SQLite` file.

mod batches;
mod corrections;
mod destinations;
mod enrolments;
mod fixture;
mod ingest;
mod jobs;
mod keys;
mod live;
mod log_positions;
mod migration;
mod open;
mod outcomes;
mod punch_list;
mod runs;
mod sealer;
mod send_jobs;
mod speed;
mod templates;
mod terminal_changes;
mod terminals;
mod unreadable;
mod writer;
