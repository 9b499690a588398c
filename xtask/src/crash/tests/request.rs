use super::{
    super::request::{Request, Shape},
    doors,
};

fn read(wire: &[u8]) -> anyhow::Result<Option<Request>> {
    Request::read(wire, &doors())
}

#[test]
fn headers_and_body_are_read_whatever_their_case() {
    let wire = b"POST / HTTP/1.1\r\nidempotency-KEY: k1\r\ncontent-length: 3\r\n\r\nabcdef";
    let request = read(wire).unwrap().unwrap();
    assert_eq!(request.idempotency_key.as_deref(), Some("k1"));
    assert_eq!(request.body, b"abc");
    assert!(request.fault.is_some());
}

#[test]
fn half_a_request_is_an_error_and_none_is_none() {
    assert_eq!(read(b"").unwrap(), None);
    assert!(read(b"POST / HTTP/1.1\r\nHost: a").is_err());
    assert!(read(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").is_err());
    assert!(read(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n").is_err());
}

fn of_body(record_id: Option<&str>, body: &str) -> Request {
    Request::new(
        Some("k".to_owned()),
        record_id,
        body.as_bytes().to_vec(),
        &doors(),
    )
}

const RECORD: &str = r#"{"employee_id":"7","employee_name":"A","timestamp":"2026-01-01 08:00:00","punch_type":"Check In","record_id":"r"}"#;

#[test]
fn the_records_of_a_batch_are_named_with_their_terminal() {
    let body = format!(
        r#"{{"device_info":{{"ip":"127.0.0.1","port":4371,"export_time":""}},"records":[{RECORD}]}}"#
    );
    let request = of_body(None, &body);
    assert_eq!(request.fault, None);
    assert_eq!(request.shape, Shape::Batch);
    let only = request.only().unwrap();
    assert_eq!((only.id.as_str(), only.terminal), ("r", Some(4371)));
    assert_eq!((only.told_as.as_str(), only.pin.as_deref()), ("7", None));
}

#[test]
fn a_bare_record_says_its_id_in_its_header_too() {
    let request = of_body(Some("r"), RECORD);
    assert_eq!((request.fault, request.shape), (None, Shape::Bare));
    assert!(of_body(Some("s"), RECORD).fault.is_some());
    assert!(of_body(None, RECORD).fault.is_some());
}

#[test]
fn an_event_is_of_the_terminal_with_its_serial_number() {
    let event = r#"[{"id":"r","data":{"pin":"7","employee_id":"E-1","local_time":"2026-01-01 08:00:00","punch_type":"Check In",
        "terminal":{"serial":"CRASH000"}}}]"#;
    let request = of_body(None, event);
    assert_eq!(
        (request.fault.as_ref(), request.shape),
        (None, Shape::Events)
    );
    let only = request.only().unwrap();
    assert_eq!(only.terminal, Some(4370));
    assert_eq!(
        (only.told_as.as_str(), only.pin.as_deref()),
        ("E-1", Some("7"))
    );
    assert!(
        of_body(None, &event.replace("CRASH000", "X"))
            .fault
            .is_some()
    );
}

#[test]
fn a_record_without_an_id_is_a_fault() {
    let body = RECORD.replace(r#","record_id":"r""#, "");
    assert!(of_body(Some("r"), &body).fault.is_some());
}

#[test]
fn a_request_that_followed_a_redirect_is_a_fault() {
    let request = read(b"GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap()
        .unwrap();
    assert!(request.fault.is_some());
}
