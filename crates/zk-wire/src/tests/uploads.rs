//! Section 10 of the fact sheet: many users and their templates at once.

use proptest::prelude::*;
use rstest::rstest;

use super::{unframed, world::any_users};
use crate::{BulkUpload, TemplateRow, UserFormat, UserRow, WireError};

const UPLOAD: &str = "5050827d6b000000dd05578f34121f004900000008000000060000000207000e3433323100000000416e61204c6f70657a0000000000000000000000000000009210000001320000000000000031303032333400000000000000000000000000000000000002070011000000000400deadbeef";

fn upload() -> BulkUpload {
    BulkUpload::parse(&unframed(UPLOAD).payload).unwrap()
}

fn reason(result: Result<impl std::fmt::Debug, WireError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_upload_of_the_vectors_is_read_and_made_again() {
    let read = upload();
    assert_eq!(read.format, UserFormat::B72);
    assert_eq!(read.users.len(), 1);
    assert_eq!(
        (read.users[0].uid, read.users[0].pin.as_str()),
        (7, "100234")
    );
    assert_eq!(
        read.templates,
        [TemplateRow {
            uid: 7,
            finger: 1,
            valid: 1,
            template: vec![0xde, 0xad, 0xbe, 0xef]
        }]
    );
    assert_eq!(read.to_bytes().unwrap(), unframed(UPLOAD).payload);
}

#[test]
fn what_was_sent_is_stored_with_the_payload_of_the_vectors() {
    let save = unframed("5050827d100000006e0029ed341220000c00000000000800");
    assert_eq!(save.payload, BulkUpload::SAVE);
}

#[test]
fn a_template_without_its_user_is_refused() {
    let mut upload = upload();
    upload.templates[0].uid = 8;
    assert!(reason(upload.to_bytes()).contains("slot 8 of a template has no user"));
}

#[test]
fn a_face_is_no_finger() {
    let mut upload = upload();
    upload.templates[0].finger = 16;
    assert!(reason(upload.to_bytes()).contains("16 is no finger"));
}

#[rstest]
#[case::nothing(0, None, "not as long")]
#[case::cut_off(98, None, "not as long")]
#[case::users_of_4_gib(99, Some((0, 0xff)), "not as long")]
#[case::other_rows(99, Some((12, 3)), "no rows of a known size")]
#[case::entry_without_mark(99, Some((85, 9)), "no mark")]
#[case::template_outside(99, Some((89, 200)), "outside")]
#[case::template_too_long(99, Some((93, 5)), "outside")]
fn an_upload_that_makes_no_sense_is_refused(
    #[case] length: usize,
    #[case] changed: Option<(usize, u8)>,
    #[case] expected: &str,
) {
    let mut bytes = unframed(UPLOAD).payload;
    if let Some((at, value)) = changed {
        bytes[at] = value;
    }
    if changed == Some((0, 0xff)) {
        bytes[..4].fill(0xff);
    }
    let reason = reason(BulkUpload::parse(&bytes[..length]));
    assert!(reason.contains(expected), "{reason}");
}

#[test]
fn entries_that_share_one_template_do_not_make_much_of_little() {
    let template = [0xff, 0xff].into_iter().chain(vec![7; 65_535]);
    let entries = [2, 7, 0, 0x11, 0, 0, 0, 0].repeat(1_000);
    let mut bytes = Vec::new();
    for length in [0_u32, 8_000, 65_537] {
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(entries);
    bytes.extend(template);
    assert!(reason(BulkUpload::parse(&bytes)).contains("overlap"));
}

fn any_upload() -> impl Strategy<Value = BulkUpload> {
    prop::sample::select(vec![UserFormat::B28, UserFormat::B72]).prop_flat_map(|format| {
        let template = (0..10_u8, prop::collection::vec(any::<u8>(), 0..90));
        (
            any_users(format, 1..=80),
            prop::collection::vec((any::<prop::sample::Index>(), template), 0..20),
        )
            .prop_map(move |(users, templates)| {
                let templates = templates
                    .into_iter()
                    .map(|(user, (finger, template))| TemplateRow {
                        uid: users[user.index(users.len())].uid,
                        finger,
                        valid: 1,
                        template,
                    })
                    .collect();
                BulkUpload {
                    format,
                    users,
                    templates,
                }
            })
    })
}

proptest! {
    #[test]
    fn an_upload_says_the_same_after_it_was_sent(upload in any_upload()) {
        let read = BulkUpload::parse(&upload.to_bytes().unwrap()).unwrap();
        let as_rows = |users: &[UserRow]| -> Vec<_> {
            users.iter().map(|user| user.encode(upload.format).unwrap()).collect()
        };
        prop_assert_eq!(as_rows(&read.users), as_rows(&upload.users));
        prop_assert_eq!(read.templates, upload.templates);
        prop_assert_eq!(read.format, upload.format);
    }

    #[test]
    fn any_bytes_are_an_upload_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        lengths in [0..120_u32, 0..40_u32, 0..150_u32],
    ) {
        for (field, length) in bytes.chunks_exact_mut(4).zip(lengths) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        if let Ok(read) = BulkUpload::parse(&bytes) {
            let kept: usize = read.templates.iter().map(|row| row.template.len()).sum();
            prop_assert!(kept <= bytes.len());
        }
    }
}
