//! What people do with deliveries and want to know of them.

mod attempts;
mod dry_run;
mod explain;
mod queue;
mod test_send;

pub use self::{
    attempts::{Sameness, ShownAttempt},
    dry_run::{DryBatch, DryRun, HeldBack},
    explain::{Explanation, Standing},
    test_send::TestSent,
};
