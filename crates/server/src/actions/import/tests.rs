use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{document::items, row::Fields};

fn found(document: &Value, path: Option<&str>) -> Vec<Value> {
    items(document.to_string().as_bytes(), path).unwrap()
}

/// User id and name of those that can be saved; row and reason of the others.
type Read = (Vec<(String, Option<String>)>, Vec<(usize, String)>);

fn read(items: &[Value], map: &[(&str, &str)]) -> Read {
    let map: BTreeMap<String, String> = map
        .iter()
        .map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned()))
        .collect();
    let (rows, failed) = Fields::new(&map).unwrap().read(items);
    (
        rows.into_iter()
            .map(|row| (row.change.pin.as_str().to_owned(), row.change.name))
            .collect(),
        failed
            .into_iter()
            .map(|failed| (failed.row, failed.reason))
            .collect(),
    )
}

#[test]
fn a_list_is_found_at_the_root_and_under_the_usual_names() {
    let list = json!([{ "id": 1 }]);
    for document in [
        list.clone(),
        json!({ "data": list }),
        json!({ "users": list }),
        json!({ "count": 1, "employees": list }),
        json!({ "results": list }),
        json!({ "status": "success", "data": { "users": list } }),
    ] {
        assert_eq!(
            found(&document, None),
            vec![json!({ "id": 1 })],
            "{document}"
        );
    }
}

#[test]
fn a_path_leads_to_a_list_with_dots_or_as_a_pointer() {
    let document = json!({ "page": { "items": [1, 2] }, "odd.key": [3] });
    assert_eq!(found(&document, Some("page.items")).len(), 2);
    assert_eq!(found(&document, Some("/page/items")).len(), 2);
    assert_eq!(found(&document, Some("odd.key")).len(), 1);
}

#[test]
fn a_document_without_a_list_says_how_to_name_it() {
    for (document, path) in [
        ("{\"rows\": []}", None),
        ("[]", Some("data")),
        ("<html>", None),
        ("{\"a\":1}", Some("a")),
    ] {
        let problem = items(document.as_bytes(), path).unwrap_err();
        assert_eq!(problem.code(), "invalid_document", "{problem}");
    }
}

#[test]
fn the_usual_names_of_fields_are_understood() {
    let (rows, failed) = read(
        &[
            json!({ "id": 9, "emp_code": "007", "first_name": "Jane", "last_name": "Smith" }),
            json!({ "employee_id": 12, "full_name": "John Doe" }),
            json!({ "id": 3, "name": null }),
        ],
        &[],
    );
    assert_eq!(
        rows,
        [
            ("007".to_owned(), Some("Jane Smith".to_owned())),
            ("12".to_owned(), Some("John Doe".to_owned())),
            ("3".to_owned(), None),
        ]
    );
    assert_eq!(failed, []);
}

#[test]
fn a_map_names_other_fields() {
    let items = [json!({ "id": 1, "profile": { "pin": "55", "title": "X" } })];
    let (rows, _) = read(
        &items,
        &[("user_id", "profile.pin"), ("name", "profile.title")],
    );
    assert_eq!(rows, [("55".to_owned(), Some("X".to_owned()))]);
}

#[test]
fn a_map_that_is_the_wrong_way_round_is_refused() {
    let map = BTreeMap::from([("empCode".to_owned(), "user_id".to_owned())]);
    assert!(Fields::new(&map).is_err());
}

#[test]
fn one_bad_row_does_not_stop_the_others() {
    let (rows, failed) = read(
        &[
            json!({ "name": "nobody" }),
            json!("text"),
            json!({ "id": "1", "card": "not a number" }),
            json!({ "id": "2" }),
            json!({ "id": 2, "name": "again" }),
            json!({ "id": "a b" }),
            json!({ "id": 1.5 }),
        ],
        &[],
    );
    assert_eq!(rows, [("2".to_owned(), None)]);
    assert_eq!(
        failed.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        [1, 2, 3, 5, 6, 7]
    );
}

#[test]
fn passwords_are_taken_only_where_the_map_says_so() {
    let items = [json!({ "id": 1, "password": "$2b$hash" })];
    let (rows, _) = Fields::new(&BTreeMap::new()).unwrap().read(&items);
    assert!(rows[0].change.password.is_none());
    let map = BTreeMap::from([("password".to_owned(), "password".to_owned())]);
    let (rows, _) = Fields::new(&map).unwrap().read(&items);
    assert!(rows[0].change.password.is_some());
}
