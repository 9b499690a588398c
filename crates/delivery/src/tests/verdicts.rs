use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    hidden::Hidden,
    verdicts::{Verdicts, read, said, says_error},
};

const IDS: [&str; 3] = ["r0", "r1", "r2"];

fn places(verdicts: Option<Verdicts>) -> Option<(Vec<usize>, Vec<usize>)> {
    verdicts.map(|verdicts| {
        (
            verdicts.rejected.into_keys().collect(),
            verdicts.unmentioned.into_iter().collect(),
        )
    })
}

#[rstest]
#[case::by_index(json!({"rejected": [{"index": 1, "error": "x"}]}), &[1], &[])]
#[case::by_number(json!({"failed": [0, 2]}), &[0, 2], &[])]
#[case::by_record_id(json!({"errors": [{"record_id": "r2"}]}), &[2], &[])]
#[case::by_bare_id(json!({"rejected": ["r1"]}), &[1], &[])]
#[case::in_data(json!({"status": "success", "data": {"failed": [{"id": "r0"}]}}), &[0], &[])]
#[case::accepted_only(json!({"accepted": [0, 1]}), &[], &[2])]
#[case::both(json!({"accepted": ["r0"], "rejected": [{"index": 1}]}), &[1], &[2])]
#[case::all_accepted(json!({"accepted": [0, 1, 2], "rejected": []}), &[], &[])]
#[case::none_accepted(json!({"accepted": []}), &[], &[0, 1, 2])]
#[case::in_order(json!([{"status": 201}, {"status": 422}, {"status": 200}]), &[1], &[])]
#[case::results(json!({"results": [{"success": true}, {"success": true}, {"success": false}]}), &[2], &[])]
#[case::numbers_in_texts(json!({"results": [{"status": "201"}, {"status": "422"}, {"status": "503"}]}), &[1], &[2])]
#[case::words(json!({"results": [{"status": "accepted"}, {"status": "rejected"}, {"status": "Invalid"}]}), &[1, 2], &[])]
#[case::failed_for_now(json!({"results": [{"status": 200}, {"status": 503}, {"status": 400}]}), &[2], &[1])]
fn verdicts_on_single_records_are_understood(
    #[case] body: Value,
    #[case] rejected: &[usize],
    #[case] unmentioned: &[usize],
) {
    assert_eq!(
        places(read(&body, &IDS, &Hidden::default())),
        Some((rejected.to_vec(), unmentioned.to_vec()))
    );
}

#[rstest]
#[case::empty(json!({}))]
#[case::nothing_listed(json!({"errors": []}))]
#[case::texts_that_name_no_record(json!({"errors": ["something went wrong"]}))]
#[case::out_of_range(json!({"rejected": [{"index": 17}]}))]
#[case::count(json!({"accepted": 3}))]
#[case::foreign_ids(json!({"accepted": ["a", "b", "c"]}))]
#[case::other_length(json!([{"status": 400}]))]
#[case::no_status(json!([{}, {}, {}]))]
fn lists_that_cannot_be_matched_with_records_decide_nothing(#[case] body: Value) {
    assert_eq!(read(&body, &IDS, &Hidden::default()), None);
}

#[test]
fn an_error_is_told_by_status_or_success() {
    assert!(says_error(&json!({"status": "error"})));
    assert!(says_error(&json!({"success": false})));
    assert!(!says_error(
        &json!({"status": "success", "message": "no error"})
    ));
    assert!(!says_error(&json!(["error"])));
}

#[test]
fn a_receivers_words_are_cut_and_cleaned() {
    assert_eq!(
        said(br#"{"message":"no such\nperson"}"#, &Hidden::default()),
        ": no such person"
    );
    assert_eq!(said(b"plain words", &Hidden::default()), ": plain words");
    assert_eq!(said(b"", &Hidden::default()), "");
    assert_eq!(said(&[0xff, 0xfe], &Hidden::default()), "");
    assert!(said("x".repeat(10_000).as_bytes(), &Hidden::default()).len() < 400);
}

#[test]
fn the_words_of_frappe_and_of_odoo_are_found_where_they_put_them() {
    let words = |body: &Value| said(body.to_string().as_bytes(), &Hidden::default());
    let message = json!({"message": "No Employee found for the given employee field value"});
    let frappe = json!({
        "exc_type": "ValidationError",
        "_server_messages": json!([message.to_string()]).to_string(),
    });
    assert_eq!(
        words(&frappe),
        ": No Employee found for the given employee field value"
    );
    let mut odoo = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error",
        "data": {"name": "odoo.exceptions.ValidationError", "message": "hasn't checked out since"}}});
    assert_eq!(words(&odoo), ": hasn't checked out since");
    odoo["error"]["data"] = Value::Null;
    assert_eq!(words(&odoo), ": Odoo Server Error");
    for odd in [
        json!({"_server_messages": "no JSON"}),
        json!({"_server_messages": "[]"}),
        json!({"error": {"data": 1}}),
    ] {
        assert_eq!(words(&odd), format!(": {odd}"));
    }
}
