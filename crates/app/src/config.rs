//! The merged configuration: defaults, then a TOML file, then `ZK_ATTENDANCE_*` variables, then flags.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::Secret;
use figment::{
    Figment,
    providers::{Format as _, Serialized, Toml},
};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{
    cli::ServeArgs,
    config_source::{self, Given},
    logging,
};

/// The command was used wrongly; the process answers with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// The settings as written, before they are checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pub(crate) listen: Text,
    pub(crate) data_dir: PathBuf,
    pub(crate) no_auth: bool,
    pub(crate) poll_interval: Text,
    pub(crate) connect_timeout: Text,
    pub(crate) delivery_timeout: Text,
    pub(crate) zone: String,
    pub(crate) outbound_allow: Networks,
    /// Whether `/api/*` answers with the seed's few status codes only.
    pub(crate) legacy_status_codes: bool,
    pub(crate) log: String,
    pub(crate) log_days: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_key: Option<Text>,
}

/// A word or a number; environment variables do not tell them apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "a text or a whole number belongs there")]
pub(crate) enum Text {
    Word(String),
    Number(u64),
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// A list in TOML, a comma-separated text in the environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a list of texts belongs there, as in [\"127.0.0.0/8\"]"
)]
pub(crate) enum Networks {
    List(Vec<String>),
    Joined(String),
}

impl Default for Written {
    fn default() -> Self {
        Self {
            listen: Text::Word("127.0.0.1:5000".to_owned()),
            data_dir: PathBuf::from("zk-attendance-data"),
            no_auth: false,
            poll_interval: Text::Word("60s".to_owned()),
            connect_timeout: Text::Word("5s".to_owned()),
            delivery_timeout: Text::Word("30s".to_owned()),
            zone: "system".to_owned(),
            outbound_allow: Networks::List(Vec::new()),
            legacy_status_codes: true,
            log: "info".to_owned(),
            log_days: 14,
            secret_key: None,
        }
    }
}

/// The settings as the program uses them.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) no_auth: bool,
    pub(crate) poll_interval: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) delivery_timeout: Duration,
    pub(crate) zone: TimeZone,
    pub(crate) zone_name: String,
    pub(crate) outbound_allow: Vec<IpNet>,
    pub(crate) legacy_status_codes: bool,
    pub(crate) log: String,
    pub(crate) log_days: usize,
    pub(crate) secret_key: Option<Secret<[u8; 32]>>,
}

pub(crate) const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);
pub(crate) const LONGEST_INTERVAL: Duration = Duration::from_hours(24);

/// Name of the settings file in the data folder.
const FILE: &str = "zk-attendance.toml";

/// Merges the sources; `Figment` also remembers where each value came from.
pub(crate) fn merge(args: &ServeArgs) -> anyhow::Result<Figment> {
    let asked = config_source::data_dir(args.data.data_dir.as_deref());
    let file = match &args.config {
        Some(file) => {
            readable(file)?;
            Toml::file_exact(file)
        }
        None => found_file(asked.as_ref())?,
    };
    let mut figment = Figment::from(Serialized::defaults(Written::default()))
        .merge(file)
        .merge(config_source::variables());
    if let Some(asked) = asked {
        figment = figment.merge(asked);
    }
    if let Some(listen) = args.listen {
        figment = figment.merge(Given::flag("listen", listen.to_string()));
    }
    if args.no_auth {
        figment = figment.merge(Given::flag("no_auth", true));
    }
    Ok(figment)
}

/// The file in the data folder, or none.
fn found_file(asked: Option<&Given>) -> anyhow::Result<figment::providers::Data<Toml>> {
    let folder = asked.map_or_else(|| Written::default().data_dir, Given::path);
    let path = folder.join(FILE);
    match std::fs::metadata(&path) {
        Ok(_) => readable(&path)?,
        // Where the folder itself is wrong, whoever opens it says so.
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Toml::string(""));
        }
        Err(error) => {
            return Err(UsageError(format!("read {}: {error}", path.display())).into());
        }
    }
    let file = || Toml::file_exact(&path);
    if Figment::from(file()).find_value("data_dir").is_ok() {
        return Err(UsageError(format!(
            "{} sets data_dir, but it was found in the data folder, so it is too late for that; leave it out, or give \
             the file with --config",
            path.display()
        ))
        .into());
    }
    Ok(file())
}

fn readable(file: &Path) -> anyhow::Result<()> {
    std::fs::read(file).map(drop).map_err(|error| {
        UsageError(format!(
            "read the settings file {}: {error}",
            file.display()
        ))
        .into()
    })
}

/// The data folder alone, for the commands that need nothing else.
pub(crate) fn data_dir(flag: Option<&Path>) -> PathBuf {
    config_source::data_dir(flag).map_or_else(|| Written::default().data_dir, |given| given.path())
}

pub(crate) fn load(args: &ServeArgs) -> anyhow::Result<Config> {
    check(&merge(args)?)
}

/// Turns what was written into what the program uses, or says which setting is wrong and how to write it.
pub(crate) fn check(figment: &Figment) -> anyhow::Result<Config> {
    let written: Written = figment
        .extract()
        .map_err(|error| config_source::wrong(&error))?;
    let listen = written.listen.to_string();
    let listen = listen.parse().map_err(|_| {
        UsageError(format!(
            "listen is {listen:?}; write an address and a port, as in 127.0.0.1:5000 or 0.0.0.0:5000"
        ))
    })?;
    let poll_interval = duration("poll_interval", &written.poll_interval)?;
    if !(SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&poll_interval) {
        return Err(UsageError("poll_interval must be between 10s and 24h".to_owned()).into());
    }
    let connect_timeout = duration("connect_timeout", &written.connect_timeout)?;
    let delivery_timeout = duration("delivery_timeout", &written.delivery_timeout)?;
    if connect_timeout.is_zero() || delivery_timeout.is_zero() {
        return Err(UsageError(
            "connect_timeout and delivery_timeout must be longer than nothing".to_owned(),
        )
        .into());
    }
    if written.log_days == 0 {
        return Err(UsageError("log_days must be 1 or more".to_owned()).into());
    }
    if !logging::is_filter(&written.log) {
        return Err(UsageError(format!(
            "log is {:?}; write error, warn, info, debug or trace, for parts of the program as in delivery=debug,info",
            written.log
        ))
        .into());
    }
    let (zone, zone_name) = zone(&written.zone)?;
    let config = Config {
        listen,
        data_dir: written.data_dir,
        no_auth: written.no_auth,
        poll_interval,
        connect_timeout,
        delivery_timeout,
        zone,
        zone_name,
        outbound_allow: networks(&written.outbound_allow)?,
        legacy_status_codes: written.legacy_status_codes,
        log: written.log,
        log_days: written.log_days,
        secret_key: written.secret_key.as_ref().map(secret_key).transpose()?,
    };
    if config.no_auth && !config.listen.ip().is_loopback() {
        return Err(UsageError(format!(
            "--no-auth opens everything to everybody who reaches {}; it is allowed on loopback only. Listen on \
             127.0.0.1, or leave --no-auth out and create a key with `zk-attendance key create`",
            config.listen
        ))
        .into());
    }
    Ok(config)
}

/// `10s`, `5m`, `24h`; a bare number is seconds.
pub(crate) fn duration(name: &str, text: &Text) -> anyhow::Result<Duration> {
    let wrong = || {
        UsageError(format!(
            "{name} is {text:?}; write a length of time, as in 60s, 5m or 24h",
            text = text.to_string()
        ))
    };
    if let Ok(seconds) = text.to_string().parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let parsed: jiff::SignedDuration = text.to_string().parse().map_err(|_| wrong())?;
    Ok(Duration::try_from(parsed).map_err(|_| wrong())?)
}

fn zone(name: &str) -> anyhow::Result<(TimeZone, String)> {
    if name == "system" {
        let zone = TimeZone::system();
        return Ok(match zone.iana_name().map(str::to_owned) {
            Some(name) => (zone, name),
            // A machine without a named zone, as containers are, keeps UTC.
            None => (TimeZone::UTC, "UTC".to_owned()),
        });
    }
    let zone = TimeZone::get(name).map_err(|_| {
        UsageError(format!(
            "zone is {name:?}, which is no time zone; write one as in Asia/Karachi"
        ))
    })?;
    Ok((zone, name.to_owned()))
}

fn networks(written: &Networks) -> anyhow::Result<Vec<IpNet>> {
    let words: Vec<&str> = match written {
        Networks::List(list) => list.iter().map(String::as_str).collect(),
        Networks::Joined(joined) => joined.split(',').collect(),
    };
    words
        .into_iter()
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.parse::<IpNet>().or_else(|_| word.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
                UsageError(format!("outbound_allow holds {word:?}, which is no network; write it as 127.0.0.0/8")).into()
            })
        })
        .collect()
}

fn secret_key(text: &Text) -> anyhow::Result<Secret<[u8; 32]>> {
    crate::data_dir::key_from_hex(&text.to_string()).ok_or_else(|| {
        UsageError(
            "secret_key is not 64 hexadecimal digits; make one with `openssl rand -hex 32`"
                .to_owned(),
        )
        .into()
    })
}
