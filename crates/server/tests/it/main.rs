//! The server as its callers see it, against a real ledger, a virtual terminal and a receiver.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should say so at once"
)]

mod access;
mod attendance;
mod browser;
mod care;
mod commands;
mod deliveries;
mod destinations;
mod devices;
mod document;
mod edges;
mod export;
mod fleet;
mod import;
mod logs;
mod mappings;
mod pages;
mod people;
mod people_pages;
mod users;
mod whose;
mod work;
mod world;
