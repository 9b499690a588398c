//! Requests over real connections, each by the way that its destination wants.

mod echo;
mod oauth;
mod proxy;
mod signing;
mod tls;
mod tunnel;

use std::time::Duration;

use domain::RequestSpec;
use jiff::Timestamp;

use crate::{
    OutboundPolicy,
    body::{Material, Rendered, Secrets},
    client::OutboundClient,
    outcome::Attempt,
    sender::Sender,
};

const TIMEOUT: Duration = Duration::from_secs(10);

fn sender() -> Sender {
    Sender::new(OutboundClient::new(OutboundPolicy::default()).unwrap())
}

/// Tests run on this machine: their destinations choose so.
fn here() -> RequestSpec {
    RequestSpec {
        allow_loopback: true,
        ..RequestSpec::default()
    }
}

fn rendered(spec: &RequestSpec, url: &str) -> Rendered {
    let (facts, punches) = crate::sample();
    Material {
        spec,
        url,
        facts: &facts,
        punches: &punches[..1],
    }
    .render(Secrets::Real)
    .ok()
    .unwrap()
}

async fn send(sender: &Sender, spec: &RequestSpec, url: &str) -> Attempt {
    let now = Timestamp::from_second(1_795_417_198).unwrap();
    sender.send(spec, rendered(spec, url), now, TIMEOUT).await
}

/// Why nothing came of it.
fn reason(attempt: &Attempt) -> &str {
    match attempt {
        Attempt::NotSent(reason) | Attempt::NoAnswer(reason) => reason,
        Attempt::Barred(shut) => &shut.reason,
        Attempt::Answered(answer) => panic!("it was answered {}", answer.status),
    }
}
