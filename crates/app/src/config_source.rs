//! Where settings come from, and how that is called.

use std::path::{Path, PathBuf};

use figment::{
    Error, Metadata, Profile, Provider, Source,
    error::Kind,
    providers::Env,
    value::{Dict, Map, Value},
};

use crate::config::UsageError;

const PREFIX: &str = "ZK_ATTENDANCE_";

/// Names that may stand in the settings file, and behind `ZK_ATTENDANCE_`.
pub(crate) const NAMES: [&str; 12] = [
    "listen",
    "data_dir",
    "no_auth",
    "poll_interval",
    "connect_timeout",
    "delivery_timeout",
    "zone",
    "outbound_allow",
    "legacy_status_codes",
    "log",
    "log_days",
    "secret_key",
];

/// Of our prefix, but no settings: a command reads them by itself.
const OF_COMMANDS: [&str; 1] = ["api_key"];

/// One value, and who gave it.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    source: String,
    name: &'static str,
    value: Value,
}

impl Given {
    pub(crate) fn flag(name: &'static str, value: impl Into<Value>) -> Self {
        Self {
            source: format!("flag --{}", name.replace('_', "-")),
            name,
            value: value.into(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.value.as_str().map(PathBuf::from).unwrap_or_default()
    }
}

impl Provider for Given {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let values = Dict::from([(self.name.to_owned(), self.value.clone())]);
        Ok(Profile::Default.collect(values))
    }
}

/// The data folder where a flag or a variable names it.
pub(crate) fn data_dir(flag: Option<&Path>) -> Option<Given> {
    const NAME: &str = "data_dir";
    if let Some(flag) = flag {
        return Some(Given::flag(NAME, flag.to_string_lossy().into_owned()));
    }
    let value = std::env::var_os(variable(NAME)).filter(|value| !value.is_empty())?;
    Some(Given {
        source: format!("variable {}", variable(NAME)),
        name: NAME,
        value: value.to_string_lossy().into_owned().into(),
    })
}

/// The other variables. One that is set to nothing is not set, as with Docker Compose; but no networks are a list.
pub(crate) fn variables() -> Env {
    let set: Vec<&str> = NAMES
        .into_iter()
        .filter(|name| match *name {
            "data_dir" => false,
            "outbound_allow" => true,
            name => std::env::var_os(variable(name)).is_some_and(|value| !value.is_empty()),
        })
        .collect();
    Env::prefixed(PREFIX).only(&set)
}

/// Variables of our prefix that nothing here reads.
pub(crate) fn unknown_variables() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| {
            name.strip_prefix(PREFIX).is_some_and(|rest| {
                let rest = rest.to_ascii_lowercase();
                !NAMES.contains(&rest.as_str()) && !OF_COMMANDS.contains(&rest.as_str())
            })
        })
        .collect()
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

/// Who gave a value.
pub(crate) fn source(name: &str, metadata: &Metadata) -> String {
    match &metadata.source {
        Some(Source::File(path)) => path.display().to_string(),
        _ if metadata.name.contains(PREFIX) && metadata.name.contains("environment") => {
            format!("variable {}", variable(name))
        }
        _ if metadata.name.starts_with("flag ") || metadata.name.starts_with("variable ") => {
            metadata.name.to_string()
        }
        _ => "default".to_owned(),
    }
}

/// What is wrong with a setting, and where it stands.
pub(crate) fn wrong(error: &Error) -> UsageError {
    let name = error
        .path
        .last()
        .map(|name| name.to_ascii_lowercase())
        .unwrap_or_default();
    let place = error
        .metadata
        .as_ref()
        .map(|metadata| source(&name, metadata))
        .unwrap_or_default();
    UsageError(match &error.kind {
        Kind::UnknownField(field, _) => format!(
            "{place}: there is no setting {field}; there are {}",
            NAMES.join(", ")
        ),
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            format!("{name} is {found}, but it takes {wanted} ({place})")
        }
        Kind::Message(message) if name.is_empty() => format!("{place}: {message}"),
        kind => format!("{name}: {kind} ({place})"),
    })
}
