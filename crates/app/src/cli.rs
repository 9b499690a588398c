//! The command line: which words there are, and what the process answers to the shell.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{config, config_check, demo, device, doctor, key, pull, scan, serve, terminal};

#[derive(Parser)]
#[command(
    name = "zk-attendance",
    bin_name = "zk-attendance",
    about = "Collects every punch from ZKTeco terminals and delivers it to the systems that need it",
    version,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Collects, serves and delivers, until it is told to stop (the default)
    Serve(ServeArgs),
    /// Shows the whole line at work: virtual terminals, the server, and a receiver, on this machine only
    Demo(demo::DemoArgs),
    /// Reads a terminal straight to standard output, without a database
    Pull(pull::PullArgs),
    /// Finds out what is wrong with a terminal, and says what to do; exit code 1 where something is
    Doctor(doctor::DoctorArgs),
    /// Finds the terminals on a network, gently
    Scan(scan::ScanArgs),
    /// Has the running server do something with a terminal: open its door, set its clock, copy its people …
    Device(device::DeviceArgs),
    /// Runs a virtual terminal by itself
    Terminal(terminal::TerminalArgs),
    /// Creates, lists and revokes API keys
    Key(key::KeyArgs),
    /// Shows the settings and where each comes from
    Config(ConfigArgs),
}

/// Where everything of one installation lives.
#[derive(Args, Clone, Default)]
pub(crate) struct DataDirArg {
    #[arg(
        long,
        value_name = "DIR",
        help = "Folder of the database, the logs and the secret key [env: ZK_ATTENDANCE_DATA_DIR] [default: \
                ./zk-attendance-data]"
    )]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Args, Clone, Default)]
pub(crate) struct ServeArgs {
    /// Address and port of the pages and the API [default: 127.0.0.1:5000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) data: DataDirArg,
    /// Settings file, TOML; `config check` shows all settings [default: zk-attendance.toml in the data folder, if there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Asks nobody for a key; for trying out, on loopback only
    #[arg(long)]
    pub(crate) no_auth: bool,
}

#[derive(Args)]
struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints every setting, where its value comes from, and what is wrong with it (then exit code 2)
    Check(ServeArgs),
}

/// Exit code of a command that was used wrongly, as clap's own.
const USAGE: u8 = 2;

pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Demo(args)) => demo::run(&args),
        Some(Command::Pull(args)) => return answer(pull::run(&args)),
        Some(Command::Doctor(args)) => return answer(doctor::run(&args)),
        Some(Command::Scan(args)) => scan::run(&args),
        Some(Command::Device(args)) => device::run(&args),
        Some(Command::Terminal(args)) => block_on(terminal::run(args)),
        Some(Command::Key(args)) => key::run(&args),
        Some(Command::Config(ConfigArgs {
            command: ConfigCommand::Check(args),
        })) => config_check::run(&args),
    };
    answer(done.map(|()| ExitCode::SUCCESS))
}

fn answer(done: anyhow::Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            if error.is::<config::UsageError>() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// Runs a command that needs no more than one thread.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

#[expect(
    clippy::print_stderr,
    reason = "the one sentence that a failed command leaves"
)]
fn report(error: &anyhow::Error) {
    eprintln!("zk-attendance: {error:#}");
}
