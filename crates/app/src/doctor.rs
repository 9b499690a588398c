//! `doctor`: what is wrong with the terminal at this address.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use domain::{Address, Clock as _};
use jiff::tz::TimeZone;
use zk_client::{Target, Timeouts, Transport};
use zk_doctor::{Options, Report, StepReport, Style, examine, headline, list_quirks, summary};
use zk_wire::capture::Capture;

use crate::{
    cli, clock::SystemClock, comm_key::CommKeyArgs, config::UsageError, seconds, shutdown,
};

#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// Host name or IP address of the terminal
    #[arg(value_name = "HOST[:PORT]", required_unless_present = "list_quirks")]
    address: Option<Address>,
    /// Port instead of 4370
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Tried first; the other one follows where nobody answers
    #[arg(long, value_enum, default_value_t = Way::Tcp)]
    transport: Way,
    #[command(flatten)]
    key: CommKeyArgs,
    /// How long each answer may take [default: 5 to connect, 10 for an answer]
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    timeout: Option<Duration>,
    /// Waits so long for somebody to punch
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    live: Option<Duration>,
    /// Writes the whole conversation into a new file, without the people in it, to be sent with a report
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// Time zone where the terminal hangs, to judge its clock [default: this machine's]
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Prints what is known of all models, and examines none
    #[arg(long)]
    list_quirks: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    Tcp,
    Udp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people, with colours on a screen
    Text,
    /// For programs
    Json,
}

/// The answer to the shell is 0 where nothing is wrong, 1 where something is.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let Some(address) = args.address.as_ref().filter(|_| !args.list_quirks) else {
        print(&list_quirks())?;
        return Ok(ExitCode::SUCCESS);
    };
    let zone = zone(args.zone.as_deref())?;
    let target = target(args, address)?;
    let file = args.capture.as_deref().map(create).transpose()?;
    let report = cli::block_on(examined(args, &target, &zone));
    if report.is_err()
        && let Some(path) = &args.capture
    {
        // It would be empty.
        let _ = std::fs::remove_file(path);
    }
    let report = report?;
    finish(args, &report)?;
    if let (Some(file), Some(path), Some(capture)) = (file, &args.capture, &report.capture) {
        write(file, path, capture)?;
    }
    Ok(if report.is_fine() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn examined(args: &DoctorArgs, target: &Target, zone: &TimeZone) -> anyhow::Result<Report> {
    let local_time = || zone.to_datetime(SystemClock.now());
    let options = Options {
        local_time: &local_time,
        live: args.live,
        capture: args.capture.is_some(),
    };
    let style = style();
    let mut written = Ok(());
    if args.format == Form::Text {
        print(&headline(&target.address()))?;
    }
    let on_step = |step: &StepReport| {
        if args.format == Form::Text && written.is_ok() {
            written = print(&step.to_text(style));
        }
    };
    let report = tokio::select! {
        report = examine(target, &options, on_step) => report,
        stop = shutdown::signal() => {
            stop?;
            anyhow::bail!("stopped by a signal before the end");
        }
    };
    written?;
    Ok(report)
}

fn finish(args: &DoctorArgs, report: &Report) -> anyhow::Result<()> {
    match args.format {
        Form::Text => print(&summary(report, style())),
        Form::Json => print(&format!("{}\n", serde_json::to_string_pretty(report)?)),
    }
}

fn target(args: &DoctorArgs, address: &Address) -> anyhow::Result<Target> {
    let usual = Timeouts::default();
    Ok(Target {
        transport: match args.transport {
            Way::Tcp => Transport::Tcp,
            Way::Udp => Transport::Udp,
        },
        comm_key: args.key.read()?,
        timeouts: Timeouts {
            connect: args.timeout.unwrap_or(usual.connect),
            reply: args.timeout.unwrap_or(usual.reply),
            ..usual
        },
        ..Target::tcp(address.host.clone(), args.port.unwrap_or(address.port))
    })
}

fn zone(name: Option<&str>) -> anyhow::Result<TimeZone> {
    match name {
        None => Ok(TimeZone::system()),
        Some(name) => TimeZone::get(name).map_err(|_| {
            let text = format!("{name:?} is no time zone; use a name such as Europe/Madrid");
            UsageError(text).into()
        }),
    }
}

/// Made before anything is asked, so that a wrong path costs no examination. Nothing is written over.
fn create(path: &Path) -> anyhow::Result<File> {
    File::create_new(path).with_context(|| format!("create {}", path.display()))
}

fn write(file: File, path: &Path, capture: &Capture) -> anyhow::Result<()> {
    let mut out = BufWriter::new(file);
    write!(out, "{capture}")
        .and_then(|()| out.flush())
        .with_context(|| format!("write {}", path.display()))?;
    tell(&format!(
        "The conversation is in {}. Look at it before you send it to anybody.",
        path.display()
    ));
    Ok(())
}

fn style() -> Style {
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Style::Coloured
    } else {
        Style::Plain
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("write to standard output")
}

#[expect(clippy::print_stderr, reason = "standard output holds the report")]
fn tell(text: &str) {
    eprintln!("{text}");
}
