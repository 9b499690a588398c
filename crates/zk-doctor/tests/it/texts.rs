//! What people read.

use jiff::SignedDuration;
use zk_doctor::{Style, list_quirks};
use zk_terminal::{Contents, CounterShape, TerminalConfig};
use zk_wire::{CommKey, RowLayout};

use crate::patient::{examined, target, terminal, terminal_with, text};

#[tokio::test]
async fn a_healthy_terminal() {
    let terminal = terminal(TerminalConfig::default()).await;
    let report = examined(&target(terminal.address())).await;
    assert!(report.is_fine());
    insta::assert_snapshot!(text(&report));
}

#[tokio::test]
async fn a_terminal_with_a_wrong_key() {
    let terminal = terminal(TerminalConfig {
        comm_key: Some(CommKey::new(4711)),
        ..TerminalConfig::default()
    })
    .await;
    let mut target = target(terminal.address());
    target.comm_key = Some(CommKey::new(4712));
    insta::assert_snapshot!(text(&examined(&target).await));
}

#[tokio::test]
async fn a_terminal_with_many_peculiarities() {
    let terminal = terminal(TerminalConfig {
        name: "SpeedFace-V5L".to_owned(),
        platform: "ZAM170_TFT".to_owned(),
        record_format: RowLayout::R49,
        counters: CounterShape::NoRecords,
        clock_offset: SignedDuration::from_mins(-75),
        ..TerminalConfig::default()
    })
    .await;
    insta::assert_snapshot!(text(&examined(&target(terminal.address())).await));
}

#[tokio::test]
async fn an_empty_terminal() {
    let terminal = terminal_with(TerminalConfig::default(), Contents::default()).await;
    insta::assert_snapshot!(text(&examined(&target(terminal.address())).await));
}

#[tokio::test]
async fn colours_are_beside_the_text_and_not_in_it() {
    let terminal = terminal(TerminalConfig::default()).await;
    let report = examined(&target(terminal.address())).await;
    for step in &report.steps {
        let coloured = step.to_text(Style::Coloured);
        assert!(coloured.starts_with("\u{1b}["), "{coloured}");
        let plain = coloured
            .replace("\u{1b}[32m", "")
            .replace("\u{1b}[33m", "")
            .replace("\u{1b}[2m", "")
            .replace("\u{1b}[0m", "");
        assert_eq!(plain, step.to_text(Style::Plain));
    }
}

#[tokio::test]
async fn the_report_is_json_for_programs() {
    let terminal = terminal(TerminalConfig::default()).await;
    let report = examined(&target(terminal.address())).await;
    let mut json = serde_json::to_value(&report).unwrap();
    json["address"] = "127.0.0.1:PORT".into();
    for step in json["steps"].as_array_mut().unwrap() {
        for remark in step["remarks"].as_array_mut().unwrap() {
            let text = remark["text"].as_str().unwrap();
            remark["text"] = text
                .replace(&terminal.address().port().to_string(), "PORT")
                .into();
        }
    }
    insta::assert_json_snapshot!(json);
}

#[test]
fn all_that_is_known_of_models_is_listed() {
    let list = list_quirks();
    for quirk in zk_wire::quirks::quirks() {
        assert!(list.contains(quirk.id), "{}", quirk.id);
    }
    assert!(
        list.lines().all(|line| line.chars().count() <= 110),
        "{list}"
    );
    let first = list.split("\n\n").next().unwrap();
    insta::assert_snapshot!(first);
}
