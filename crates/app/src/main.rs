//! The binary `zk-attendance`: command line, configuration, wiring and shutdown.

mod cli;
mod clock;
mod comm_key;
mod config;
mod config_check;
mod config_source;
mod data_dir;
mod demo;
mod device;
mod doctor;
mod key;
mod logging;
mod open_files;
mod program;
mod pull;
mod scan;
mod seconds;
mod seed_files;
mod serve;
mod shutdown;
mod terminal;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
