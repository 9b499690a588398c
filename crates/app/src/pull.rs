//! `pull`: straight from a terminal to standard output, without a database.

mod attendance;
mod info;
mod output;
mod progress;
mod users;

#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use domain::Address;
use zk_client::{Session, Target, Timeouts, Transport};

use self::{
    output::{Format, Lines},
    progress::Progress,
};
use crate::{cli, comm_key::CommKeyArgs, shutdown};

#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct PullArgs {
    /// Host name or IP address of the terminal, with :PORT where it is not 4370
    #[arg(value_name = "HOST[:PORT]")]
    address: Address,
    /// Speaks UDP instead of TCP; some old terminals speak nothing else
    #[arg(long)]
    udp: bool,
    #[command(flatten)]
    key: CommKeyArgs,
    /// What to read
    #[arg(long, value_enum, default_value_t = What::Attendance)]
    what: What,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

const EXIT_CODES: &str = "Exit codes: 0 everything came; 1 it did not, and the reason is told; 2 the command was used \
                          wrongly; 3 the log was read to its end, and has more or fewer rows than the terminal says, or nobody can read them";
/// See [`EXIT_CODES`].
const DOES_NOT_ADD_UP: u8 = 3;

/// What a read that did not fail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pulled {
    Everything,
    /// More or less than the terminal says that it has.
    DoesNotAddUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every punch in the terminal's log
    Attendance,
    /// Who is known to the terminal
    Users,
    /// What the terminal says of itself
    Info,
}

pub(crate) fn run(args: &PullArgs) -> anyhow::Result<ExitCode> {
    match cli::block_on(pull(args, io::stdout().lock())) {
        Ok(Pulled::Everything) => Ok(ExitCode::SUCCESS),
        Ok(Pulled::DoesNotAddUp) => Ok(ExitCode::from(DOES_NOT_ADD_UP)),
        // Who reads the output has enough.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        // What the client meets has errors of its own.
        Err(error) if error.is::<io::Error>() => Err(error.context("write to standard output")),
        Err(error) => Err(error),
    }
}

async fn pull(args: &PullArgs, out: impl Write) -> anyhow::Result<Pulled> {
    let target = target(args)?;
    let mut session = tokio::select! {
        session = Session::connect(&target) => session?,
        stop = shutdown::signal() => return stopped(stop),
    };
    let read = tokio::select! {
        read = read(&mut session, args, out) => read,
        stop = shutdown::signal() => stopped(stop),
    };
    session.close().await;
    read
}

async fn read(session: &mut Session, args: &PullArgs, out: impl Write) -> anyhow::Result<Pulled> {
    match args.what {
        What::Attendance => {
            let mut lines = Lines::new(out, args.format, attendance::HEADER);
            let pulled = attendance::pull(session, &mut lines, &mut Progress::new()).await;
            // What came before a failure is right, and whoever reads has it.
            lines.flush()?;
            let tally = pulled?;
            lines.finish()?;
            if let Some(warning) = tally.warning() {
                warn(&warning);
            }
            if let Some(difference) = tally.difference() {
                tell(&difference);
                return Ok(Pulled::DoesNotAddUp);
            }
        }
        What::Users => {
            let users = users::pull(session).await?;
            let mut lines = Lines::new(out, args.format, users::HEADER);
            for user in &users.rows {
                lines.serialize(user)?;
            }
            lines.finish()?;
            if let Some(warning) = users.warning() {
                warn(&warning);
            }
        }
        What::Info => {
            let info = info::pull(session, &args.address).await?;
            output::write_one(out, args.format, info::HEADER, &info)?;
        }
    }
    Ok(Pulled::Everything)
}

fn target(args: &PullArgs) -> anyhow::Result<Target> {
    Ok(Target {
        host: args.address.host.clone(),
        port: args.address.port,
        transport: if args.udp {
            Transport::Udp
        } else {
            Transport::Tcp
        },
        comm_key: args.key.read()?,
        timeouts: Timeouts::default(),
    })
}

/// A read that a signal ended.
fn stopped<T>(signal: anyhow::Result<()>) -> anyhow::Result<T> {
    signal?;
    anyhow::bail!("stopped by a signal before the end; what was written so far is not all")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn warn(text: &str) {
    tell(&format!("warning: {text}"));
}

#[expect(clippy::print_stderr, reason = "standard output holds the data")]
fn tell(text: &str) {
    eprintln!("zk-attendance: {text}");
}
