//! A virtual terminal, seen by clients that are nothing but sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod care;
mod counters;
mod events;
mod fault_names;
mod faults;
mod faults_of_tables;
mod faults_on_the_wire;
mod garbage;
mod gate;
mod generated;
mod logs;
mod orders;
mod raw;
mod repeats;
mod replays;
mod restart;
mod tables;
mod templates;
mod traffic;
mod users;
mod vectors;
