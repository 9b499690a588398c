//! `config check`: the merged configuration, and where each value comes from.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use anyhow::Context as _;
use figment::value::Value;

use crate::{cli::ServeArgs, config, config_source};

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let figment = config::merge(args)?;
    let mut lines = String::new();
    let values: BTreeMap<String, Value> = figment
        .extract()
        .map_err(|error| config_source::wrong(&error))?;
    for (name, value) in values {
        let source = figment
            .find_metadata(&name)
            .map_or_else(String::new, |metadata| {
                config_source::source(&name, metadata)
            });
        writeln!(lines, "{name} = {}  # {source}", shown(&name, &value))?;
    }
    for name in config_source::unknown_variables() {
        writeln!(
            lines,
            "# {name} is set, but nothing here reads it; is it misspelt?"
        )?;
    }
    let checked = config::check(&figment);
    if checked.is_ok() {
        lines += "# nothing is wrong with it\n";
    }
    std::io::stdout()
        .write_all(lines.as_bytes())
        .context("write to standard output")?;
    checked.map(drop)
}

fn shown(name: &str, value: &Value) -> String {
    if name == "secret_key" {
        return "\"***\"".to_owned();
    }
    serde_json::to_string(value).unwrap_or_else(|_| "?".to_owned())
}
