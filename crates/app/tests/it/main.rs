//! The built binary, from outside: processes, sockets, exit codes and words.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on should say so at once; processes are waited for in real time"
)]

mod cli;
mod configuration;
mod demo;
mod device;
mod doctor;
mod folder;
#[cfg(target_os = "linux")]
mod full_disk;
mod http;
mod keys;
mod line;
mod open_files;
mod program;
mod receiver;
mod stopping;
mod terminals;
