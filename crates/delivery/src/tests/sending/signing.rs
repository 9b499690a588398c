use std::time::Duration;

use domain::{RequestMethod, RequestSpec, Secret, Signing};
use test_kit::{Receiver, Reply};

use super::{here, reason, send, sender};
use crate::{outcome::Attempt, sign};

#[tokio::test]
async fn a_signed_request_carries_the_id_of_its_batch_and_the_time_of_its_attempt() {
    let receiver = Receiver::start().await;
    let signing = Signing {
        secret: Secret::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned()),
        previous: Some(Secret::new(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
        )),
    };
    let spec = RequestSpec {
        signing: Some(signing.clone()),
        ..here()
    };
    send(&sender(), &spec, &receiver.url()).await;
    let request = &receiver.requests()[0];
    assert_eq!(request.header("webhook-id"), Some(request.key()));
    assert_eq!(request.header("webhook-timestamp"), Some("1795417198"));
    let now = jiff::Timestamp::from_second(1_795_417_198).unwrap();
    let expected = sign::headers(&signing, request.key(), now, &request.body).unwrap();
    let sent = request.header("webhook-signature").unwrap();
    assert_eq!(sent, expected[2].1);
    assert_eq!(sent.split(' ').count(), 2);
}

#[tokio::test]
async fn a_request_goes_by_its_own_method() {
    let receiver = Receiver::start().await;
    for method in [RequestMethod::Put, RequestMethod::Patch, RequestMethod::Get] {
        let spec = RequestSpec { method, ..here() };
        send(&sender(), &spec, &receiver.url()).await;
        let request = receiver.requests().pop().unwrap();
        assert_eq!(request.method, method.as_str());
        assert_eq!(request.body.is_empty(), method == RequestMethod::Get);
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let receiver = Receiver::start().await;
    receiver.answer_next(Reply::status(307).with_header("Location", "http://169.254.169.254/"));
    let attempt = send(&sender(), &here(), &receiver.url()).await;
    assert!(matches!(attempt, Attempt::Answered(answer) if answer.status == 307));
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn a_destination_may_have_a_timeout_of_its_own() {
    let receiver = Receiver::start().await;
    receiver.answer_next(Reply::Hang);
    let spec = RequestSpec {
        timeout_secs: Some(1),
        ..here()
    };
    let (sender, url) = (sender(), receiver.url());
    let waiting = send(&sender, &spec, &url);
    let attempt = tokio::time::timeout(Duration::from_secs(8), waiting)
        .await
        .unwrap();
    assert_eq!(reason(&attempt), "no answer within 1 s");
}

#[tokio::test]
async fn this_machine_is_not_sent_to_without_the_choice() {
    let receiver = Receiver::start().await;
    let attempt = send(&sender(), &RequestSpec::default(), &receiver.url()).await;
    assert!(reason(&attempt).contains("outbound_allow"), "{attempt:?}");
    let by_name = format!("http://localhost:{}/", receiver.address().port());
    let attempt = send(&sender(), &RequestSpec::default(), &by_name).await;
    assert!(reason(&attempt).contains("outbound_allow"), "{attempt:?}");
    assert!(receiver.requests().is_empty());
}
