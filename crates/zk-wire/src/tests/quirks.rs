//! The table of quirks.

use std::collections::HashSet;

use rstest::rstest;

use crate::quirks::{self, Act};

fn ids(model: &str, firmware: &str) -> Vec<&'static str> {
    quirks::quirks_of(model, firmware)
        .map(|quirk| quirk.id)
        .collect()
}

#[rstest]
#[case::as_it_is_told("SpeedFace-V5L[TI]", "rows-of-49-bytes")]
#[case::with_a_blank("SpeedFace V5L", "rows-of-49-bytes")]
#[case::in_capitals("MB560-VL", "reset-at-connect")]
#[case::by_its_platform("U580 ZEM500", "udp-only")]
#[case::platform_with_its_ending("ZEM560_TFT", "rows-of-8-bytes-with-flags")]
#[case::two_words("Mini TA", "rows-of-49-bytes")]
#[case::a_sister_model("MA300-BT", "rows-of-8-bytes-with-flags")]
fn a_model_is_found_however_it_writes_its_name(#[case] model: &str, #[case] id: &str) {
    assert!(ids(model, "Ver 6.60").contains(&id), "{:?}", ids(model, ""));
}

#[rstest]
#[case("")]
#[case("F18/ID ZMM210_TFT")]
#[case("XK40")]
#[case("K400 D20")]
#[case("iClock700/ID")]
fn other_models_have_none(#[case] model: &str) {
    assert_eq!(ids(model, "Ver 6.60 Apr 26 2016"), Vec::<&str>::new());
}

#[test]
fn a_quirk_of_one_firmware_is_not_one_of_another() {
    assert_eq!(
        ids("ZAM180_TFT", "Ver 6.60 Aug 19 2021"),
        ["wrong-checksums-dropped"]
    );
    assert_eq!(
        ids("ZAM180_TFT", "Ver 6.60 Aug 19 2020"),
        Vec::<&str>::new()
    );
}

#[test]
fn what_must_be_done_otherwise_is_asked_by_model() {
    assert!(quirks::must("SpeedFace-H5L", "", Act::CountersUntrusted));
    assert!(quirks::must("K40", "", Act::NoDirectRead));
    assert!(!quirks::must("F18", "", Act::CountersUntrusted));
}

#[test]
fn every_quirk_has_a_name_of_its_own_and_says_what_is_known() {
    let mut seen = HashSet::new();
    for quirk in quirks::quirks() {
        assert!(seen.insert(quirk.id), "{} is there twice", quirk.id);
        assert_eq!(quirks::quirk(quirk.id), Some(quirk));
        for text in [quirk.id, quirk.symptom, quirk.what_we_do, quirk.source] {
            assert!(!text.is_empty(), "{quirk:?}");
        }
        for text in [quirk.symptom, quirk.what_we_do, quirk.remedy] {
            assert!(!text.ends_with('.') && !text.contains("  "), "{text}");
        }
        assert!(
            quirk
                .id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
    }
    assert_eq!(quirks::quirk("unheard-of"), None);
}
