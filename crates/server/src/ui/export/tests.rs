use super::{
    send::{SendForm, told as sent_told},
    settings::{SettingsForm, told},
};
use crate::{
    actions::{ExportSavedView, ExportView, SendView},
    ui::frame::Tone,
};

fn settings() -> ExportView {
    ExportView {
        export_url: Some("https://hr.example/data".to_owned()),
        auto_export: true,
        batch_size: 500,
        start_from: Some("2026-11-01 00:00:00".to_owned()),
        include_record_id: false,
        paused: None,
    }
}

fn sent() -> SendView {
    SendView {
        paused: None,
        matched: 10,
        queued: 10,
        delivered: 10,
        skipped: 0,
        failed: 0,
        job_id: 1,
    }
}

#[test]
fn an_unchanged_form_saves_the_settings_as_they_are() {
    let wish = SettingsForm::of(&settings()).wish().unwrap();
    assert_eq!(
        wish.export_url,
        Some(Some("https://hr.example/data".to_owned()))
    );
    assert_eq!(
        (wish.auto_export, wish.include_record_id),
        (Some(true), Some(false))
    );
    assert_eq!(
        (wish.batch_size, wish.start_from.as_deref()),
        (Some(500), Some("2026-11-01 00:00:00"))
    );
}

#[test]
fn an_empty_url_is_cleared_and_an_empty_start_is_kept() {
    let wish = SettingsForm::default().wish().unwrap();
    assert_eq!(wish.export_url, Some(None));
    assert_eq!((wish.start_from, wish.batch_size), (None, None));
}

#[test]
fn a_batch_size_that_is_no_number_is_told_by_its_name() {
    let form = SettingsForm {
        batch_size: "many".to_owned(),
        ..SettingsForm::default()
    };
    assert!(
        form.wish()
            .unwrap_err()
            .to_string()
            .starts_with("batch_size:")
    );
}

#[test]
fn what_a_change_did_to_the_queue_is_told() {
    let saved = ExportSavedView {
        settings: settings(),
        queued: 1,
        withdrawn: 20,
        in_doubt: 0,
    };
    assert_eq!(
        told(&saved),
        "The export settings are saved. 1 stored punch is queued. 20 waiting punches are not wanted any more."
    );
}

#[test]
fn a_range_that_all_arrived_is_good() {
    assert_eq!(
        sent_told(&sent()),
        (Tone::Good, "10 punches match: 10 delivered.".to_owned())
    );
}

#[test]
fn a_range_that_is_still_on_the_way_says_so() {
    let (tone, text) = sent_told(&SendView {
        delivered: 4,
        ..sent()
    });
    assert_eq!(
        (tone, text.as_str()),
        (
            Tone::Busy,
            "10 punches match: 4 delivered, 6 still on the way."
        )
    );
}

#[test]
fn refused_records_of_a_range_are_a_warning() {
    assert_eq!(
        sent_told(&SendView {
            delivered: 9,
            failed: 1,
            ..sent()
        })
        .0,
        Tone::Warn
    );
}

#[test]
fn a_range_without_punches_sends_nothing() {
    let none = SendView {
        matched: 0,
        queued: 0,
        delivered: 0,
        ..sent()
    };
    assert_eq!(sent_told(&none).1, "No punch matches; nothing was sent.");
}

#[test]
fn user_ids_of_a_range_that_name_nobody_are_refused() {
    let form = SendForm {
        emp_no: ",".to_owned(),
        ..SendForm::default()
    };
    assert!(form.wish().is_err());
}
