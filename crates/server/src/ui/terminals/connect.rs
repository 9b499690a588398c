use axum::{extract::State, response::Response};
use domain::{Address, Role};
use serde::Deserialize;

use crate::{
    AppState, StatusCodes,
    actions::{self, ConnectWish, ConnectedView},
    input::{Seconds, comm_key, transport},
    problem::Problem,
    ui::{
        fields::{filled, value, word},
        frame::{PageProblem, Tone, sentence},
        session::{Posted, Visit, go_on},
        words::count,
    },
};

/// The form as it was typed.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub(super) struct ConnectForm {
    #[serde(default)]
    pub(super) ip: String,
    #[serde(default)]
    pub(super) port: String,
    #[serde(default)]
    pub(super) timeout: String,
    /// The communication key, which the seed calls a password.
    #[serde(default)]
    pub(super) password: String,
    #[serde(default)]
    pub(super) protocol: String,
    #[serde(default)]
    pub(super) name: String,
}

impl Default for ConnectForm {
    fn default() -> Self {
        Self {
            ip: String::new(),
            port: Address::DEFAULT_PORT.to_string(),
            timeout: String::new(),
            password: String::new(),
            protocol: "tcp".to_owned(),
            name: String::new(),
        }
    }
}

impl ConnectForm {
    pub(super) fn is_udp(&self) -> bool {
        self.protocol == "udp"
    }

    pub(super) fn wish(&self) -> Result<ConnectWish, Problem> {
        Ok(ConnectWish {
            address: Some(address(&self.ip, &self.port)?),
            device: None,
            transport: transport(word(&self.protocol))?,
            comm_key: comm_key("The communication key", word(&self.password))?,
            timeout: value::<Seconds>("timeout", &self.timeout)?.map(|Seconds(timeout)| timeout),
            name: filled(&self.name),
        })
    }
}

/// The port may stand in its own field or behind the host.
pub(super) fn address(ip: &str, port: &str) -> Result<Address, Problem> {
    let wrong = |error: domain::AddressError| Problem::invalid(error.to_string());
    let ip = ip.trim();
    if ip.is_empty() {
        return Err(Problem::invalid(
            "The address is empty; the terminal's menu shows it under Ethernet or Network",
        ));
    }
    match port.trim() {
        "" => ip.parse().map_err(wrong),
        port => {
            let port: u16 = port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                Problem::invalid(format!(
                    "port is {port:?}; it is a number from 1 to 65535, mostly 4370"
                ))
            })?;
            Address::new(ip, port)
                .or_else(|_| ip.parse())
                .map_err(wrong)
        }
    }
}

pub(super) async fn connect(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<ConnectForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let done = match form.wish() {
        Ok(wish) => actions::connect(&state, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(connected) => Ok(go_on(
            &state,
            &visitor,
            "/terminals",
            Tone::Good,
            &told(&connected),
        )),
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => {
            let status = problem.status(StatusCodes::Plain);
            super::page(
                &state,
                Visit::again(visitor),
                status,
                super::Shown::default(),
                form,
                Some(sentence(&problem)),
            )
            .await
        }
    }
}

fn told(connected: &ConnectedView) -> String {
    let users = count(
        u64::try_from(connected.users).unwrap_or(u64::MAX),
        "user",
        "users",
    );
    let punches = connected.records.map_or_else(String::new, |records| {
        format!(
            " and {}, which are being read now",
            count(records.into(), "punch", "punches")
        )
    });
    format!(
        "Connected to {} with {users}{punches}. It is the default terminal now.",
        connected.device.name
    )
}
