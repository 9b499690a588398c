mod compose;
mod guard;
mod outcome;
mod schedule;
mod sending;
mod verdicts;
