use std::time::Duration;

use delivery::{FetchError, FetchMethod, FetchRequest, OutboundPolicy};
use test_kit::receiver::{Receiver, Reply};

use crate::bench::Bench;

async fn server() -> (Bench, Receiver) {
    (Bench::running().await, Receiver::start().await)
}

fn request(url: &str) -> FetchRequest {
    FetchRequest::get("url", url)
}

#[tokio::test]
async fn a_document_is_fetched_with_the_headers_that_are_asked_for() {
    let (bench, server) = server().await;
    server.answer(|_| Reply::json(200, "[1,2]"));
    let mut asked = request(&server.url());
    asked.method = FetchMethod::Post;
    asked.headers = vec![("Authorization".to_owned(), "Bearer secret".to_owned())];
    assert_eq!(bench.delivery().fetch(asked).await.unwrap(), b"[1,2]");
    let seen = &server.requests()[0];
    assert_eq!(
        (seen.method.as_str(), seen.header("authorization")),
        ("POST", Some("Bearer secret"))
    );
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_and_one_to_another_is_not() {
    let (bench, server) = server().await;
    let elsewhere = Receiver::start().await;
    server.answer_next(Reply::status(302).with_header("Location", "/moved"));
    server.answer_next(Reply::json(200, "here"));
    assert_eq!(
        bench
            .delivery()
            .fetch(request(&server.url()))
            .await
            .unwrap(),
        b"here"
    );
    assert_eq!(server.requests()[1].target, "/moved");
    server.answer_next(Reply::status(302).with_header("Location", &elsewhere.url()));
    let error = bench
        .delivery()
        .fetch(request(&server.url()))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::OtherHost { .. }), "{error}");
    assert!(elsewhere.requests().is_empty());
    server.answer(|_| Reply::status(302).with_header("Location", "/again"));
    let error = bench
        .delivery()
        .fetch(request(&server.url()))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::Redirects { .. }), "{error}");
}

#[tokio::test]
async fn a_document_has_a_limit_in_size_and_time() {
    let (bench, server) = server().await;
    server.answer_next(Reply::Endless { status: 200 });
    let error = bench
        .delivery()
        .fetch(request(&server.url()))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::TooLarge {
                limit: 10_000_000,
                ..
            }
        ),
        "{error}"
    );
    server.answer_next(Reply::Hang);
    let hurried = FetchRequest {
        timeout: Duration::from_millis(200),
        ..request(&server.url())
    };
    let error = bench.delivery().fetch(hurried).await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn what_cannot_be_fetched_says_why() {
    let (bench, server) = server().await;
    server.answer_next(Reply::status(404));
    let error = bench
        .delivery()
        .fetch(request(&server.url()))
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::Status { status: 404, .. }),
        "{error}"
    );
    let mut asked = request(&server.url());
    asked.headers = vec![("bad name".to_owned(), String::new())];
    let error = bench.delivery().fetch(asked).await.unwrap_err();
    assert!(matches!(error, FetchError::Header { .. }), "{error}");
    let error = bench
        .delivery()
        .fetch(request("http://127.0.0.1:1/"))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("nothing listens at this address"),
        "{error}"
    );
    let error = bench
        .delivery()
        .fetch(request("http://no-such-host.invalid/"))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the name no-such-host.invalid is not known"),
        "{error}"
    );
}

#[tokio::test]
async fn a_document_on_this_machine_is_blocked() {
    let mut bench = Bench::new().await;
    bench.settings.policy = OutboundPolicy::default();
    bench.start();
    let server = Receiver::start().await;
    let error = bench
        .delivery()
        .fetch(request(&server.url()))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::Guard(_)), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_error_does_not_show_the_query_which_may_hold_a_token() {
    let (bench, server) = server().await;
    let url = format!("{}?token=secret", server.url());
    for reply in [
        Reply::status(404),
        Reply::Hang,
        Reply::Endless { status: 200 },
        Reply::status(302),
        Reply::status(302).with_header("Location", "http://192.0.2.1/?token=secret"),
    ] {
        server.answer_next(reply);
        let asked = FetchRequest {
            timeout: Duration::from_millis(400),
            max_bytes: 1_000,
            ..request(&url)
        };
        let error = bench.delivery().fetch(asked).await.unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let error = bench
        .delivery()
        .fetch(request("http://127.0.0.1:1/?token=secret"))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}
