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
mod https;
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
#[path = "../../src/tests/sending/tunnel.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the tests beside the sender need more of it, in a module of tests only"
)]
mod tunnel;
mod verdicts;
mod weeks;
