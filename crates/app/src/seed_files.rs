//! `config.json` and `export_config.json`, as the seed's users edit them by hand: imported at each start when their
//! content changed. The database is the truth; a file that did not change changes nothing.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use delivery::OutboundPolicy;
use domain::{Address, LocalTime, Secret, Transport};
use jiff::Timestamp;
use serde_json::{Map, Value};
use storage::{ExportChange, NewNotice, NewTerminal, NoticeLevel, Store, TerminalChange};

use crate::data_dir::hex;

const FILES: [&str; 2] = ["config.json", "export_config.json"];
/// A settings file of more than this is none.
const MOST_BYTES: u64 = 1 << 20;

/// What one file asks for; every key is optional.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::option_option,
    reason = "an empty export_url clears it, a missing one leaves it"
)]
pub(crate) struct Asked {
    pub(crate) address: Option<Address>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) comm_key: Option<Secret<u32>>,
    pub(crate) export_url: Option<Option<String>>,
    pub(crate) auto_export: Option<bool>,
    /// Keys that nothing here knows.
    pub(crate) unknown: Vec<String>,
}

/// Imports what changed. A file that is wrong is told about and skipped; the program starts all the same.
pub(crate) async fn import(
    dir: &Path,
    store: &Store,
    policy: &OutboundPolicy,
    now: Timestamp,
    local_now: LocalTime,
) -> anyhow::Result<()> {
    for name in FILES {
        if let Err(error) = import_one(&dir.join(name), name, store, policy, now, local_now).await {
            let text = format!("{name} was not imported: {error:#}");
            tracing::error!(file = name, "{text}");
            // The log says it at each start, people are told once.
            let setting = format!("refused.{name}");
            if store.setting(&setting).await?.as_deref() != Some(text.as_str()) {
                tell(store, now, NoticeLevel::Error, text.clone()).await?;
                store.set_setting(&setting, &text).await?;
            }
        }
    }
    Ok(())
}

async fn import_one(
    path: &Path,
    name: &str,
    store: &Store,
    policy: &OutboundPolicy,
    now: Timestamp,
    local_now: LocalTime,
) -> anyhow::Result<()> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(());
    };
    anyhow::ensure!(
        metadata.len() <= MOST_BYTES,
        "it is larger than 1 MiB, so it cannot be a settings file"
    );
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let setting = format!("imported.{name}");
    let hash = hash(&text);
    if store.setting(&setting).await?.as_deref() == Some(hash.as_str()) {
        return Ok(());
    }
    let asked = parse(&text)?;
    apply(&asked, store, policy, now, local_now).await?;
    store.set_setting(&setting, &hash).await?;
    store.set_setting(&format!("refused.{name}"), "").await?;
    let mut told = format!("{name} was imported");
    if asked.unknown.is_empty() {
        tracing::info!(file = name, "{told}");
    } else {
        told = format!(
            "{told}; nothing here knows its {}",
            asked.unknown.join(", ")
        );
        tracing::warn!(file = name, "{told}");
    }
    tell(store, now, NoticeLevel::Info, told).await
}

/// Reads the known keys ip, port, timeout, password, `export_url` and `auto_export`.
pub(crate) fn parse(text: &str) -> anyhow::Result<Asked> {
    // Windows' editors put a mark before the text.
    let text = text.trim_start_matches('\u{feff}');
    let object: Map<String, Value> =
        serde_json::from_str(text).context("it is no JSON object; compare it with the README")?;
    let mut asked = Asked::default();
    let (mut ip, mut port) = (None, None);
    for (key, value) in object {
        match key.as_str() {
            "ip" if value.is_null() => {}
            "ip" => {
                let text = value
                    .as_str()
                    .with_context(|| format!("ip must be a text, not {value}"))?;
                ip = Some(text.trim().to_owned()).filter(|ip| !ip.is_empty());
            }
            "port" => port = Some(number(&key, &value)?),
            "timeout" => asked.timeout = Some(seconds(&key, &value)?),
            "password" => asked.comm_key = Some(Secret::new(u32::try_from(number(&key, &value)?)?)),
            "export_url" => asked.export_url = Some(url(&value)?),
            "auto_export" => {
                asked.auto_export = Some(
                    value
                        .as_bool()
                        .context("auto_export must be true or false")?,
                );
            }
            _ => asked.unknown.push(key),
        }
    }
    if let Some(ip) = ip {
        let port = port
            .map_or(Ok(Address::DEFAULT_PORT), u16::try_from)
            .context("port must be 1 to 65535")?;
        asked.address = Some(Address::new(ip, port)?);
    }
    Ok(asked)
}

fn number(key: &str, value: &Value) -> anyhow::Result<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
        .with_context(|| format!("{key} must be a whole number, not {value}"))
}

fn seconds(key: &str, value: &Value) -> anyhow::Result<Duration> {
    const MOST: f64 = 600.0;
    let text = || value.as_str().and_then(|text| text.trim().parse().ok());
    let seconds = value.as_f64().or_else(text).unwrap_or_default();
    anyhow::ensure!(
        seconds > 0.0 && seconds <= MOST,
        "{key} must be a number of seconds up to {MOST}, not {value}"
    );
    Ok(Duration::from_secs_f64(seconds))
}

fn url(value: &Value) -> anyhow::Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        _ => anyhow::bail!("export_url must be a text, not {value}"),
    }
}

async fn apply(
    asked: &Asked,
    store: &Store,
    policy: &OutboundPolicy,
    now: Timestamp,
    local_now: LocalTime,
) -> anyhow::Result<()> {
    if let Some(Some(url)) = &asked.export_url {
        policy.check_url("export_url", url)?;
    }
    if let Some(address) = &asked.address {
        register(address, asked, store, now).await?;
    }
    if asked.export_url.is_some() || asked.auto_export.is_some() {
        let change = ExportChange {
            url: asked.export_url.clone(),
            auto_export: asked.auto_export,
            ..ExportChange::default()
        };
        store.save_export_settings(change, now, local_now).await?;
    }
    Ok(())
}

/// A configured address registers the terminal; the collector finds out who it is at the first contact.
async fn register(
    address: &Address,
    asked: &Asked,
    store: &Store,
    now: Timestamp,
) -> anyhow::Result<()> {
    let known = store
        .terminals()
        .await?
        .into_iter()
        .find(|terminal| terminal.closed_at.is_none() && terminal.address == *address);
    let terminal = if let Some(terminal) = known {
        let mut change = TerminalChange::default();
        if let Some(timeout) = asked.timeout {
            change.connect_timeout = Some(Some(timeout));
        }
        if let Some(key) = &asked.comm_key {
            change.comm_key = Some(Some(key.clone()));
        }
        store.update_terminal(terminal.id, change, now).await?
    } else {
        let new = NewTerminal {
            name: address.host.clone(),
            address: address.clone(),
            transport: Transport::Tcp,
            comm_key: asked.comm_key.clone(),
            zone: None,
            interval: None,
            connect_timeout: asked.timeout,
            enabled: true,
            live: domain::LiveMode::default(),
            clock_policy: domain::ClockPolicy::default(),
            code_page: None,
            order16: domain::StateVerifyOrder::default(),
        };
        store.register_terminal(new, now).await?
    };
    store.set_default_terminal(terminal.id).await?;
    Ok(())
}

async fn tell(
    store: &Store,
    now: Timestamp,
    level: NoticeLevel,
    text: String,
) -> anyhow::Result<()> {
    store
        .tell(NewNotice {
            at: now,
            level,
            code: "settings_file".to_owned(),
            terminal_id: None,
            destination_id: None,
            text,
        })
        .await?;
    Ok(())
}

fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    hex(digest.as_ref())
}
