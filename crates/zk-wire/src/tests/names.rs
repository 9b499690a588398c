//! Names, user ids, options.

use proptest::prelude::*;
use rstest::rstest;

use super::bytes;
use crate::{PinText, option_request, option_value, text};

#[rstest]
#[case::ascii(b"Ana Lopez\0\x80\x81".as_slice(), "Ana Lopez")]
#[case::utf8("Nguyễn Văn".as_bytes(), "Nguyễn Văn")]
#[case::utf8_cut_in_a_character(&"Nguyễn Văn Đức Thệ".as_bytes()[..24], "Nguyễn Văn Đức Th")]
#[case::short_utf8_cut("Ñandú".as_bytes().split_last().unwrap().1, "Ñand")]
#[case::latin(b"Jos\xe9".as_slice(), "José")]
#[case::latin_in_the_middle(b"M\xfcller".as_slice(), "Müller")]
#[case::empty(b"".as_slice(), "")]
#[case::spaces(b"  Ana ".as_slice(), "Ana")]
fn a_name_is_read(#[case] name: &[u8], #[case] expected: &str) {
    assert_eq!(text::decode(name, text::WINDOWS_1252), expected);
}

#[test]
fn a_name_in_another_code_page_is_read_where_it_is_known() {
    assert_eq!(text::decode(&bytes("d5c5ceb0"), text::GBK), "张伟");
}

#[test]
fn a_name_is_cut_between_characters() {
    assert_eq!(text::cut_name("Ana", 8), "Ana");
    assert_eq!(text::cut_name("José", 4), "Jos");
    assert_eq!(text::cut_name("José", 5), "José");
    assert_eq!(text::cut_name("é", 1), "");
    assert_eq!(text::cut_name("Ana", 0), "");
}

#[rstest]
#[case(b"~DeviceName=F18\0".as_slice(), "F18")]
#[case::repeated_sign(b"~DeviceName==F18\0".as_slice(), "F18")]
#[case::sign_inside(b"Key=a=b\0".as_slice(), "a=b")]
#[case::no_nul(b"Key=a".as_slice(), "a")]
#[case::garbage_behind(b"Key=a\0b\0".as_slice(), "a")]
#[case::empty(b"Key=\0".as_slice(), "")]
#[case::nothing(b"".as_slice(), "")]
fn an_option_has_the_value_that_the_terminal_tells(#[case] payload: &[u8], #[case] value: &str) {
    assert_eq!(option_value(payload), value);
}

#[test]
fn an_option_is_asked_for_by_name_and_nul() {
    assert_eq!(option_request("~OS"), b"~OS\0");
}

#[rstest]
#[case(b"7".as_slice(), true)]
#[case(b"007".as_slice(), true)]
#[case(b"222222cb".as_slice(), true)]
#[case(b"123456789012345678901234".as_slice(), true)]
#[case(b"1234567890123456789012345".as_slice(), false)]
#[case(b"".as_slice(), false)]
#[case(b"1 2".as_slice(), false)]
#[case(b"1\x07".as_slice(), false)]
#[case("é".as_bytes(), false)]
fn a_user_id_is_printable(#[case] id: &[u8], #[case] fits: bool) {
    assert_eq!(
        PinText::new(id).map(|pin| pin.as_str().as_bytes().to_vec()),
        fits.then(|| id.to_vec())
    );
}

proptest! {
    #[test]
    fn a_number_is_written_as_its_digits(number: u32) {
        prop_assert_eq!(PinText::from_number(number).to_string(), number.to_string());
    }

    #[test]
    fn a_field_holds_the_user_id_before_its_first_nul(text in "[0-9A-Za-z -]{0,24}", behind: [u8; 24]) {
        let mut field = behind;
        field[..text.len()].copy_from_slice(text.as_bytes());
        if let Some(end) = field.get_mut(text.len()) {
            *end = 0;
        }
        prop_assert_eq!(PinText::of_field(&field), PinText::new(text.trim_end().as_bytes()));
    }

    #[test]
    fn a_name_cut_by_any_field_keeps_whole_characters(name in "\\PC{0,30}", max in 0..32_usize) {
        let cut = text::cut_name(&name, max);
        prop_assert!(cut.len() <= max && name.starts_with(cut));
        prop_assert!(name.len() <= max || name[cut.len()..].chars().next().unwrap().len_utf8() + cut.len() > max);
    }
}
