//! The doctor before virtual terminals, before others who live at their port, and before nobody.
#![expect(clippy::unwrap_used, reason = "in a test, stopping is the report")]

mod anonymous;
mod captures;
mod codepages;
mod findings;
mod lookalikes;
mod patient;
mod scans;
mod texts;
