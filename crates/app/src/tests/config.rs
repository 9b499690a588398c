use std::{collections::BTreeSet, time::Duration};

use figment::{
    Figment,
    providers::{Format as _, Serialized, Toml},
};

use crate::{
    config::{Config, Text, UsageError, Written, check, duration},
    config_source::NAMES,
};

fn from_toml(text: &str) -> anyhow::Result<Config> {
    check(&Figment::from(Serialized::defaults(Written::default())).merge(Toml::string(text)))
}

fn refusal(text: &str) -> String {
    let error = from_toml(text).unwrap_err();
    assert!(
        error.is::<UsageError>(),
        "{error:#} is the user's to correct, so it exits with 2"
    );
    error.to_string()
}

#[test]
fn defaults_are_those_of_the_readme() {
    let config = from_toml("").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:5000");
    assert_eq!(config.data_dir.to_str(), Some("zk-attendance-data"));
    assert_eq!(config.poll_interval, Duration::from_mins(1));
    assert_eq!(config.connect_timeout, Duration::from_secs(5));
    assert_eq!(config.delivery_timeout, Duration::from_secs(30));
    assert!(config.outbound_allow.is_empty());
    assert!(!config.no_auth);
    assert!(config.legacy_status_codes);
}

#[test]
fn every_setting_has_its_variable_and_its_line_in_the_readme() {
    let all = Written {
        secret_key: Some(Text::Word("0".repeat(64))),
        ..Written::default()
    };
    let settings = serde_json::to_value(all).unwrap();
    let settings: BTreeSet<&str> = settings
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(BTreeSet::from(NAMES), settings);
    let in_the_readme: BTreeSet<&str> = include_str!("../../../../README.md")
        .lines()
        .skip_while(|line| !line.starts_with("| setting |"))
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    assert_eq!(in_the_readme, settings);
}

#[test]
fn lengths_of_time_are_read_as_people_write_them() {
    let read = |text: &str| duration("poll_interval", &Text::Word(text.to_owned())).ok();
    assert_eq!(read("10s"), Some(Duration::from_secs(10)));
    assert_eq!(read("5m"), Some(Duration::from_mins(5)));
    assert_eq!(read("24h"), Some(Duration::from_hours(24)));
    assert_eq!(read("90"), Some(Duration::from_secs(90)));
    assert_eq!(read("soon"), None);
    assert_eq!(read("-5s"), None);
}

#[test]
fn an_interval_outside_of_10_s_to_24_h_is_refused_with_its_bounds() {
    for text in [
        "poll_interval = '9s'",
        "poll_interval = '25h'",
        "poll_interval = 0",
    ] {
        let said = refusal(text);
        assert!(
            said.contains("poll_interval") && said.contains("10s"),
            "{said}"
        );
    }
}

#[test]
fn networks_are_a_list_or_a_text_with_commas() {
    let list = from_toml("outbound_allow = ['127.0.0.0/8', '::1']").unwrap();
    let text = from_toml("outbound_allow = '127.0.0.0/8, ::1'").unwrap();
    assert_eq!(list.outbound_allow, text.outbound_allow);
    assert_eq!(list.outbound_allow.len(), 2);
    assert!(
        from_toml("outbound_allow = ''")
            .unwrap()
            .outbound_allow
            .is_empty()
    );
    assert!(refusal("outbound_allow = 'everywhere'").contains("everywhere"));
}

#[test]
fn no_auth_is_refused_where_others_can_reach_it() {
    let said = refusal("no_auth = true\nlisten = '0.0.0.0:5000'");
    assert!(said.contains("loopback"), "{said}");
    assert!(from_toml("no_auth = true\nlisten = '[::1]:5000'").is_ok());
}

#[test]
fn what_is_misspelt_is_named() {
    assert!(refusal("pol_interval = '10s'").contains("pol_interval"));
    assert!(refusal("zone = 'Asia/Karachee'").contains("Asia/Karachee"));
    assert!(refusal("listen = 'here'").contains("here"));
    assert!(refusal("secret_key = 'abc'").contains("64 hexadecimal digits"));
}

#[test]
fn what_has_the_wrong_type_is_named_with_what_belongs_there() {
    assert_eq!(
        refusal("poll_interval = true"),
        "poll_interval: a text or a whole number belongs there (default)"
    );
    assert!(refusal("no_auth = 'yes'").contains("no_auth is string \"yes\""));
    assert!(refusal("log_days = 0").contains("log_days must be 1 or more"));
    assert!(refusal("listen = 5000").contains("listen is \"5000\""));
}

#[test]
fn a_misspelt_log_level_is_refused_instead_of_silencing_the_log() {
    assert!(refusal("log = 'inof'").contains("inof"));
    assert!(refusal("log = 'a=b=c'").contains("a=b=c"));
    assert!(from_toml("log = 'warn,delivery=debug'").is_ok());
}
