//! The real worker, with a real ledger, against a receiver that does what receivers do.

mod answers;
mod attempts;
mod batches;
mod bench;
mod bodies;
mod conflicts;
mod connections;
mod destinations;
mod fetch;
mod guard;
mod jobs;
mod order;
mod outages;
mod own_schedule;
mod pauses;
mod people;
mod previews;
mod refusals;
mod restarts;
mod schedules;
mod server_errors;
mod shapes;
mod verdicts;
mod weeks;
