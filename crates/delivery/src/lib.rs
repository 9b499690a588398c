//! Delivery: what leaves the machine, and the only way out.
//!
//! [`Delivery`] keeps one worker a destination. A worker takes waiting records from the outbox into a batch, commits
//! what it is about to send, sends it, and commits what came of it. What an answer means stands in the table of
//! `outcome`, what is done about it in `worker/settle`, whose fault answers 500 are in `worker/blame`. Everything
//! goes through one client behind the [`OutboundPolicy`], also the documents that people want fetched.
//!
//! Nothing that decides is kept in memory: a restart goes on where the last commit stands, and sends nothing again but
//! a batch whose answer was never seen, under its old id and with its old bytes.

mod attempt_mark;
mod auth;
mod body;
mod check;
mod client;
mod compose;
mod desk;
mod error;
mod fetch;
mod guard;
mod handle;
mod hidden;
mod housekeeping;
mod outcome;
mod own_server;
mod schedule;
mod sender;
mod sign;
mod supervisor;
mod template;
mod tls;
mod verdicts;
mod worker;

#[cfg(test)]
mod tests;

pub use body::ShownRequest;
pub use check::{Preview, SpecFault, check_spec, preview, sample};
pub use desk::{
    DryBatch, DryRun, Explanation, HeldBack, Sameness, ShownAttempt, Standing, TestSent,
};
pub use error::DeliveryError;
pub use fetch::{FetchError, FetchMethod, FetchRequest};
pub use guard::{GuardError, OutboundPolicy};
pub use handle::{Delivery, DeliverySettings};
pub use own_server::{OwnAnswer, OwnMethod, OwnRequest, OwnServer, OwnServerError};
pub use tls::TlsError;
