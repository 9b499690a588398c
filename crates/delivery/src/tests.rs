mod compose;
mod examples;
mod guard;
mod hidden;
mod outcome;
mod schedule;
mod sending;
mod verdicts;
