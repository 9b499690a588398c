mod compose;
mod examples;
mod guard;
mod outcome;
mod schedule;
mod sending;
mod verdicts;
