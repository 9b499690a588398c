//! Where the server is, as whom it is asked, and what it says.

use anyhow::{Context as _, bail};
use delivery::{OwnRequest, OwnServer};
use domain::Secret;
use serde_json::Value;

use super::args::ServerArgs;
use crate::{
    cli::{DataDirArg, ServeArgs},
    config,
};

/// Read where there is no file: a flag shows in the list of processes.
const VARIABLE: &str = "ZK_ATTENDANCE_API_KEY";

/// A server that can be asked.
pub(super) struct Asker(OwnServer);

/// A success of the server.
pub(super) struct Answer {
    pub(super) message: String,
    pub(super) data: Value,
}

impl Asker {
    pub(super) fn new(args: &ServerArgs) -> anyhow::Result<Self> {
        let address = match &args.server {
            Some(address) => address.clone(),
            None => own_address(args)?,
        };
        Ok(Self(OwnServer::at(&address, key(args)?)?))
    }

    pub(super) async fn ask(&self, request: OwnRequest) -> anyhow::Result<Answer> {
        let answer = self.0.ask(request).await?;
        let envelope: Value = serde_json::from_slice(&answer.body).map_err(|_| {
            anyhow::anyhow!(
                "something answers there ({}), but it is no zk-attendance server; say where that is with --server",
                answer.status
            )
        })?;
        let text = |key: &str| {
            envelope
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        if text("status") == "success" {
            return Ok(Answer {
                message: text("message"),
                data: envelope.get("data").cloned().unwrap_or_default(),
            });
        }
        if text("code") == "unauthorized" {
            bail!(
                "the server wants an API key: put one into {VARIABLE}, or into a file for --api-key-file; make one with \
                 `zk-attendance key create --name NAME --role operator`"
            );
        }
        bail!("{}", text("message"))
    }
}

/// Where the server of this installation listens, seen from this machine.
fn own_address(args: &ServerArgs) -> anyhow::Result<String> {
    let serve = ServeArgs {
        data: DataDirArg {
            data_dir: args.data_dir.clone(),
        },
        config: args.config.clone(),
        ..ServeArgs::default()
    };
    let mut listen = config::load(&serve)?.listen;
    if listen.ip().is_unspecified() {
        let loopback = if listen.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        };
        listen.set_ip(loopback);
    }
    Ok(format!("http://{listen}"))
}

fn key(args: &ServerArgs) -> anyhow::Result<Option<Secret<String>>> {
    let text = match &args.api_key_file {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("read the API key in {}", path.display()))?,
        None => std::env::var(VARIABLE).unwrap_or_default(),
    };
    Ok(Some(text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .map(Secret::new))
}
