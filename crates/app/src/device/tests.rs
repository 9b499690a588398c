use serde_json::json;

use super::{
    args::{DeviceCommand, Which},
    ask::Answer,
    request::wish,
    table::told,
};

fn answer(data: serde_json::Value) -> Answer {
    Answer {
        message: "2 devices".to_owned(),
        data,
    }
}

#[test]
fn a_list_is_a_sentence_and_an_aligned_table() {
    let wish = wish(&DeviceCommand::List);
    let data = json!({ "devices": [
        { "id": 1, "name": "Gate", "connected": true, "clock_offset": -3 },
        { "id": 12, "name": "Front door", "connected": false, "last_error": "it is\noff" },
    ] });
    let text = told(&answer(data), &wish);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "2 devices");
    assert!(lines[2].starts_with("ID  NAME"), "{text}");
    assert!(lines[3].starts_with("1   Gate        -"), "{text}");
    assert!(lines[4].ends_with("it is off"), "{text}");
}

#[test]
fn an_id_is_one_segment_whatever_is_in_it() {
    let which = Which {
        id: "a/b c".to_owned(),
    };
    let wish = wish(&DeviceCommand::Restart(which));
    assert_eq!(
        wish.request.path,
        ["api", "v1", "devices", "a/b c", "restart"]
    );
}
