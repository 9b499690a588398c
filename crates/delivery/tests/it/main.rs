//! The real worker, with a real ledger, against a receiver that does what receivers do.

mod batches;
mod bench;
mod bodies;
mod conflicts;
mod connections;
mod fetch;
mod guard;
mod jobs;
mod order;
mod outages;
mod pauses;
mod refusals;
mod restarts;
mod server_errors;
mod shapes;
mod verdicts;
