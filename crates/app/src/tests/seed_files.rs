use std::time::Duration;

use crate::seed_files::{Asked, parse};

#[test]
fn the_seeds_own_files_are_understood() {
    let config = parse(r#"{"ip": "192.168.37.10", "port": 4370, "timeout": 5}"#).unwrap();
    assert_eq!(config.address.unwrap().to_string(), "192.168.37.10:4370");
    assert_eq!(config.timeout, Some(Duration::from_secs(5)));

    let export =
        parse(r#"{"export_url": "https://your-endpoint.com/data", "auto_export": false}"#).unwrap();
    assert_eq!(
        export.export_url,
        Some(Some("https://your-endpoint.com/data".to_owned()))
    );
    assert_eq!(export.auto_export, Some(false));
}

#[test]
fn an_empty_url_clears_it_and_a_missing_one_leaves_it() {
    assert_eq!(
        parse(r#"{"export_url": ""}"#).unwrap().export_url,
        Some(None)
    );
    assert_eq!(
        parse(r#"{"export_url": null}"#).unwrap().export_url,
        Some(None)
    );
    assert_eq!(parse("{}").unwrap(), Asked::default());
}

#[test]
fn unknown_keys_are_reported_and_not_fatal() {
    let asked = parse(r#"{"ip": "10.0.0.5", "colour": "blue"}"#).unwrap();
    assert_eq!(asked.unknown, ["colour"]);
    assert_eq!(asked.address.unwrap().port, 4370);
}

#[test]
fn what_is_wrong_is_named() {
    let said = |text: &str| format!("{:#}", parse(text).unwrap_err());
    assert!(said(r#"{"ip": "10.0.0.5", "port": 70000}"#).contains("port"));
    assert!(said(r#"{"ip": 5}"#).contains("ip must be a text"));
    assert!(said(r#"{"auto_export": "maybe"}"#).contains("auto_export"));
    assert!(said("[1, 2]").contains("JSON object"));
}

#[test]
fn the_mark_that_windows_editors_put_first_is_no_error() {
    let asked = parse("\u{feff}{\"ip\": \"10.0.0.5\"}\r\n").unwrap();
    assert_eq!(asked.address.unwrap().host, "10.0.0.5");
}
