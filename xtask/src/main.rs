//! House rules and chores as commands: `cargo xtask <command>`.

mod crash;
mod figures;
mod tidy;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "House rules and chores of this repository"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fails on what breaks a rule of the house: where it is, and what to do.
    Tidy,
    /// Kills the server in the middle, again and again, and counts punches at a receiver.
    Crash(crash::CrashArgs),
    /// Measures how quick queues fill and drain, also behind millions of delivered records.
    Figures(figures::FiguresArgs),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Tidy => tidy::run(),
        Command::Crash(args) => crash::run(&args),
        Command::Figures(args) => figures::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done when standard error is closed.
            let _ = writeln!(io::stderr(), "xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
