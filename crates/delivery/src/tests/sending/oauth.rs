use std::time::Duration;

use domain::{ClientCredentialsIn, RequestAuth, RequestSpec, Secret};
use test_kit::{Gate, Receiver, Reply};

use super::{here, reason, rendered, send, sender};
use crate::outcome::Attempt;

fn spec(tokens: &Receiver, credentials_in: ClientCredentialsIn) -> RequestSpec {
    RequestSpec {
        auth: RequestAuth::OAuth2 {
            token_url: tokens.url(),
            client_id: "me".to_owned(),
            client_secret: Secret::new("hid&den".to_owned()),
            scope: Some("punches".to_owned()),
            audience: None,
            credentials_in,
        },
        ..here()
    }
}

fn granted(token: &str, expires_in: u32) -> Reply {
    let body =
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in}}}"#);
    Reply::json(200, &body)
}

/// Takes requests with this token only.
fn wants(receiver: &Receiver, token: &str) {
    let expected = format!("Bearer {token}");
    receiver.answer(move |request| {
        if request.header("authorization") == Some(&expected) {
            Reply::ok()
        } else {
            Reply::status(401)
        }
    });
}

fn status(attempt: &Attempt) -> Option<u16> {
    attempt.status()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_used_until_it_ends() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    tokens.answer(|_| granted("t1", 3600));
    wants(&receiver, "t1");
    let sender = sender();
    let spec = spec(&tokens, ClientCredentialsIn::Header);
    for _ in 0..3 {
        assert_eq!(
            status(&send(&sender, &spec, &receiver.url()).await),
            Some(200)
        );
    }
    let asked = tokens.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].text(),
        "grant_type=client_credentials&scope=punches"
    );
    assert_eq!(
        asked[0].header("authorization"),
        Some("Basic bWU6aGlkJTI2ZGVu")
    );
}

#[tokio::test]
async fn a_token_that_ends_is_fetched_anew_before_it_does() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    tokens.answer_next(granted("t1", 0));
    tokens.answer(|_| granted("t2", 3600));
    let sender = sender();
    let spec = spec(&tokens, ClientCredentialsIn::Body);
    wants(&receiver, "t1");
    assert_eq!(
        status(&send(&sender, &spec, &receiver.url()).await),
        Some(200)
    );
    wants(&receiver, "t2");
    assert_eq!(
        status(&send(&sender, &spec, &receiver.url()).await),
        Some(200)
    );
    let asked = tokens.requests();
    assert_eq!(asked.len(), 2);
    assert!(
        asked[0]
            .text()
            .ends_with("&client_id=me&client_secret=hid%26den")
    );
    assert_eq!(asked[0].header("authorization"), None);
}

#[tokio::test]
async fn a_token_that_the_receiver_does_not_take_any_more_is_fetched_anew_once() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    tokens.answer_next(granted("t1", 3600));
    tokens.answer_next(granted("t2", 3600));
    tokens.answer(|_| granted("t3", 3600));
    let sender = sender();
    let spec = spec(&tokens, ClientCredentialsIn::Header);
    wants(&receiver, "t2");
    assert_eq!(
        status(&send(&sender, &spec, &receiver.url()).await),
        Some(200)
    );
    assert_eq!((tokens.requests().len(), receiver.requests().len()), (2, 2));
    assert_eq!(receiver.requests()[0].body, receiver.requests()[1].body);
    wants(&receiver, "nothing");
    assert_eq!(
        status(&send(&sender, &spec, &receiver.url()).await),
        Some(401)
    );
    assert_eq!((tokens.requests().len(), receiver.requests().len()), (3, 4));
}

#[tokio::test]
async fn requests_at_the_same_time_wait_for_one_token() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    let gate = Gate::default();
    let later = gate.clone();
    tokens.answer(move |_| Reply::Later(later.clone(), Box::new(granted("t1", 3600))));
    wants(&receiver, "t1");
    let (sender, url) = (sender(), receiver.url());
    let spec = spec(&tokens, ClientCredentialsIn::Header);
    let open = async {
        tokens.wait_for_requests(1).await;
        gate.open();
    };
    let (one, two, three, ()) = tokio::join!(
        send(&sender, &spec, &url),
        send(&sender, &spec, &url),
        send(&sender, &spec, &url),
        open
    );
    for attempt in [one, two, three] {
        assert_eq!(status(&attempt), Some(200));
    }
    assert_eq!(tokens.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_client_is_told_and_its_secret_is_not() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    let denied = r#"{"error":"invalid_client","error_description":"no client with hid&den"}"#;
    tokens.answer(move |_| Reply::json(401, denied));
    let attempt = send(
        &sender(),
        &spec(&tokens, ClientCredentialsIn::Header),
        &receiver.url(),
    )
    .await;
    assert!(matches!(attempt, Attempt::Barred(_)), "{attempt:?}");
    let said = reason(&attempt);
    assert!(
        said.contains("invalid_client, no client with ***"),
        "{said}"
    );
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_is_asked_again_later() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    let sender = sender();
    let spec = spec(&tokens, ClientCredentialsIn::Header);
    for reply in [
        Reply::status(503),
        Reply::json(200, "welcome"),
        Reply::json(200, r#"{"access_token":"two\nlines"}"#),
        Reply::Close,
    ] {
        tokens.answer_next(reply);
        let attempt = send(&sender, &spec, &receiver.url()).await;
        assert!(matches!(attempt, Attempt::NotSent(_)), "{attempt:?}");
    }
    assert!(receiver.requests().is_empty());
    tokens.answer(|_| granted("t1", 3600));
    assert_eq!(
        status(&send(&sender, &spec, &receiver.url()).await),
        Some(200)
    );
}

#[tokio::test]
async fn an_attempt_does_not_wait_for_a_token_beyond_its_time() {
    let (tokens, receiver) = (Receiver::start().await, Receiver::start().await);
    tokens.answer_next(Reply::Hang);
    let sender = sender();
    let spec = spec(&tokens, ClientCredentialsIn::Header);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let soon = Duration::from_millis(200);
    let request = rendered(&spec, &receiver.url());
    let attempt = sender.send(&spec, request, now, soon).await;
    assert!(reason(&attempt).contains("no token came"), "{attempt:?}");
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn the_guard_holds_for_the_token_endpoint() {
    let receiver = Receiver::start().await;
    let mut spec = spec(&receiver, ClientCredentialsIn::Header);
    if let RequestAuth::OAuth2 { token_url, .. } = &mut spec.auth {
        *token_url = "http://169.254.169.254/token".to_owned();
    }
    let attempt = send(&sender(), &spec, &receiver.url()).await;
    assert!(matches!(attempt, Attempt::Barred(_)), "{attempt:?}");
    assert!(receiver.requests().is_empty());
}
