//! Terminals to be examined, and the examination.

use std::{net::SocketAddr, time::Duration};

use jiff::civil::{DateTime, date};
use zk_client::{Target, Timeouts, Transport};
use zk_doctor::{Options, Outcome, Report, Step, Style, examine, headline, summary};
use zk_terminal::{Contents, Handle, LocalClock, TerminalConfig, VirtualTerminal};

pub(crate) const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Nobody listens here, and the system gives it to no other test.
pub(crate) const NOBODYS_PORT: u16 = 1;

pub(crate) fn now() -> DateTime {
    date(2026, 11, 23).at(8, 30, 0, 0)
}

/// A terminal with 20 users and 300 punches.
pub(crate) async fn terminal(config: TerminalConfig) -> Handle {
    terminal_with(config, Contents::generate(20, 300, 7, now())).await
}

pub(crate) async fn terminal_with(config: TerminalConfig, contents: Contents) -> Handle {
    VirtualTerminal::start(LOOPBACK, config, contents, LocalClock::stopped_at(now()))
        .await
        .unwrap()
}

pub(crate) fn target(address: SocketAddr) -> Target {
    let target = Target::tcp(address.ip().to_string(), address.port());
    Target {
        timeouts: Timeouts {
            connect: Duration::from_millis(800),
            ..Timeouts::default()
        },
        ..target
    }
}

pub(crate) fn udp(address: SocketAddr) -> Target {
    Target {
        transport: Transport::Udp,
        ..target(address)
    }
}

pub(crate) async fn examined(target: &Target) -> Report {
    with(target, false, None).await
}

pub(crate) async fn captured(target: &Target) -> Report {
    with(target, true, None).await
}

pub(crate) async fn with(target: &Target, capture: bool, live: Option<Duration>) -> Report {
    let options = Options {
        local_time: &now,
        live,
        capture,
    };
    let mut told = Vec::new();
    let report = examine(target, &options, |step| told.push(step.clone())).await;
    assert_eq!(told, report.steps, "each step is told as it ends");
    let steps: Vec<Step> = report.steps.iter().map(|step| step.step).collect();
    assert_eq!(steps, Step::ALL);
    report
}

/// The whole text, without the port.
pub(crate) fn text(report: &Report) -> String {
    let port = report.address.rsplit(':').next().unwrap();
    let mut text = headline(&report.address);
    for step in &report.steps {
        text.push_str(&step.to_text(Style::Plain));
    }
    text.push_str(&summary(report, Style::Plain));
    text.replace(port, "PORT")
}

/// The codes of a step's remarks.
pub(crate) fn codes(report: &Report, step: Step) -> Vec<&'static str> {
    let step = report.step(step).unwrap();
    step.remarks.iter().map(|remark| remark.code).collect()
}

#[track_caller]
pub(crate) fn found(report: &Report, step: Step, outcome: Outcome, code: &str) {
    let found = report.step(step).unwrap();
    assert!(
        found
            .remarks
            .iter()
            .any(|remark| remark.code == code && remark.outcome == outcome),
        "{}: {:?}",
        step.name(),
        found
    );
}
