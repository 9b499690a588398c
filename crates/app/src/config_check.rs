//! `config check`: the merged configuration, and where each value comes from.
#![expect(
    clippy::print_stdout,
    reason = "this command's answer goes to standard output"
)]

use figment::value::Value;

use crate::{cli::ServeArgs, config};

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let figment = config::merge(args)?;
    for (name, value) in figment.extract::<std::collections::BTreeMap<String, Value>>()? {
        let source = figment
            .find_metadata(&name)
            .map_or_else(String::new, |metadata| {
                metadata
                    .source
                    .as_ref()
                    .map_or_else(|| metadata.name.to_string(), ToString::to_string)
            });
        println!(
            "{name} = {}  # {}",
            shown(&name, &value),
            source_in_words(&source)
        );
    }
    config::check(&figment)?;
    println!("# nothing is wrong with it");
    Ok(())
}

fn shown(name: &str, value: &Value) -> String {
    if name == "secret_key" {
        return "\"***\"".to_owned();
    }
    serde_json::to_string(value).unwrap_or_else(|_| "?".to_owned())
}

fn source_in_words(source: &str) -> &str {
    if source.contains("config.rs") {
        "default or flag"
    } else {
        source
    }
}
