use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{Count, People, PunchQuery, Seconds, Switch, Word, body::read};

#[derive(Debug, Deserialize)]
struct Values {
    people: Option<People>,
    word: Option<Word>,
    switch: Option<Switch>,
    count: Option<Count>,
    time: Option<Seconds>,
}

fn values(body: &serde_json::Value) -> Values {
    read(body.to_string().as_bytes()).unwrap()
}

#[test]
fn user_ids_come_as_text_number_or_list() {
    for (people, ids) in [
        (json!("007"), vec!["007"]),
        (json!("1, 02 ,3,"), vec!["1", "02", "3"]),
        (json!(7), vec!["7"]),
        (json!(["007", 8, " 9 "]), vec!["007", "8", "9"]),
        (json!(""), vec![]),
    ] {
        assert_eq!(values(&json!({ "people": people })).people.unwrap().0, ids);
    }
}

#[test]
fn a_list_of_nobody_does_not_mean_everybody() {
    for people in [
        json!([]),
        json!([""]),
        json!(","),
        json!(" , "),
        json!(true),
        json!({}),
        json!([["1"]]),
    ] {
        let body = json!({ "people": people }).to_string();
        let problem = read::<Values>(body.as_bytes()).unwrap_err();
        assert!(problem.to_string().contains("people"), "{problem}");
    }
}

#[test]
fn values_are_taken_as_people_write_them() {
    for switch in [
        json!(true),
        json!(1),
        json!("true"),
        json!("Yes"),
        json!("on"),
    ] {
        assert!(
            values(&json!({ "switch": switch })).switch.unwrap().0,
            "{switch}"
        );
    }
    for count in [json!(12), json!(12.0), json!("12"), json!(" 12 ")] {
        assert_eq!(values(&json!({ "count": count })).count.unwrap().0, 12);
    }
    for (time, secs) in [
        (json!(60), 60),
        (json!("60"), 60),
        (json!("60s"), 60),
        (json!("5m"), 300),
        (json!("24h"), 86_400),
    ] {
        assert_eq!(
            values(&json!({ "time": time })).time.unwrap().0,
            Duration::from_secs(secs)
        );
    }
    for word in [json!(42), json!(42.0), json!("42")] {
        assert_eq!(values(&json!({ "word": word })).word.unwrap().0, "42");
    }
}

#[test]
fn null_is_as_good_as_missing() {
    let values = values(
        &json!({ "people": null, "word": null, "switch": null, "count": null, "time": null }),
    );
    assert!(values.people.is_none() && values.word.is_none() && values.switch.is_none());
    assert!(values.count.is_none() && values.time.is_none());
}

#[test]
fn an_error_names_the_field() {
    for (body, field) in [
        (json!({ "switch": "perhaps" }), "switch"),
        (json!({ "count": -1 }), "count"),
        (json!({ "count": 1.5 }), "count"),
        (json!({ "word": 1.5 }), "word"),
        (json!({ "word": 1e300 }), "word"),
        (json!({ "time": "often" }), "time"),
        (json!({ "time": -5 }), "time"),
        (json!({ "word": {} }), "word"),
    ] {
        let problem = read::<Values>(body.to_string().as_bytes()).unwrap_err();
        assert!(problem.to_string().contains(field), "{problem}");
    }
}

#[test]
fn what_a_body_leaves_open_comes_from_the_query() {
    let query = |body: serde_json::Value| serde_json::from_value::<PunchQuery>(body).unwrap();
    let wish = query(json!({ "user_id": "2", "start_date": "2026-11-01" }))
        .or(query(
            json!({ "emp_no": "1", "start_date": "2026-01-01", "device": "GATE1" }),
        ))
        .wish()
        .unwrap();
    assert_eq!(wish.people, ["2"]);
    assert_eq!(wish.start_date.as_deref(), Some("2026-11-01"));
    assert_eq!(wish.device.as_deref(), Some("GATE1"));
}
