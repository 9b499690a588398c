use axum::{Router, body::Body, extract::Request, response::Response, routing::get};
use tower::ServiceExt as _;

use super::{origin::foreign, panic};
use crate::{StatusCodes, envelope::Draft};

#[expect(clippy::panic, reason = "that is what is tested")]
async fn buggy() -> &'static str {
    panic!("a bug")
}

#[tokio::test]
async fn a_panic_costs_one_request_and_is_answered_in_the_envelope() {
    let router = Router::new().route("/", get(buggy)).layer(panic::catch());
    let answer: Response = router.oneshot(Request::new(Body::empty())).await.unwrap();
    let draft = answer.extensions().get::<Draft>().unwrap();
    assert_eq!(draft.status(StatusCodes::Seed), 500);
    let body: serde_json::Value = serde_json::from_str(&draft.body("id")).unwrap();
    assert_eq!(
        (&body["status"], &body["code"]),
        (&"error".into(), &"internal".into())
    );
    assert!(
        !body["message"].as_str().unwrap().contains("a bug"),
        "what went wrong is for the log only"
    );
}

#[test]
fn a_name_that_only_begins_like_this_machine_is_foreign() {
    for host in [
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1",
        "0.0.0.0",
        "10.0.0.1:5000",
        "",
    ] {
        let request = Request::get("/").header("host", host).body(()).unwrap();
        let is_foreign = foreign(request.uri(), request.headers()).is_some();
        assert_eq!(is_foreign, host != "[::1", "{host}");
    }
}
