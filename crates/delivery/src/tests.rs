mod compose;
mod guard;
mod outcome;
mod schedule;
mod verdicts;
