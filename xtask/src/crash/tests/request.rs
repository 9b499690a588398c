use super::super::request::Request;

#[test]
fn headers_and_body_are_read_whatever_their_case() {
    let wire = b"POST / HTTP/1.1\r\nidempotency-KEY: k1\r\nX-Record-Id: r1\r\ncontent-length: 3\r\n\r\nabcdef";
    let request = Request::read(wire.as_slice()).unwrap().unwrap();
    assert_eq!(request.idempotency_key.as_deref(), Some("k1"));
    assert_eq!(request.record_id.as_deref(), Some("r1"));
    assert_eq!(request.body, b"abc");
}

#[test]
fn half_a_request_is_an_error_and_none_is_none() {
    assert_eq!(Request::read(b"".as_slice()).unwrap(), None);
    assert!(Request::read(b"POST / HTTP/1.1\r\nHost: a".as_slice()).is_err());
    assert!(Request::read(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc".as_slice()).is_err());
    assert!(
        Request::read(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n".as_slice())
            .is_err()
    );
}

#[test]
fn the_punches_of_a_batch_are_named_with_their_terminal() {
    let request = Request {
        idempotency_key: None,
        record_id: None,
        body: br#"{"device_info":{"ip":"127.0.0.1","port":4371,"export_time":""},"records":[
            {"employee_id":"7","employee_name":"A","timestamp":"2026-01-01 08:00:00","punch_type":"Check In"}]}"#
            .to_vec(),
    };
    let punches = request.punches().unwrap();
    assert_eq!(punches.len(), 1);
    assert_eq!(punches[0].terminal, 4371);
    assert_eq!(punches[0].person, "7");
}
