//! The collector against virtual terminals on real sockets, with a real ledger.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should say so at once"
)]

mod backoff;
mod capture;
mod care;
mod clear;
mod commands;
mod connect;
mod counters;
mod failures;
mod identity;
mod live;
mod people;
mod resume;
mod stop;
mod tail;
mod unknown;
mod world;
