use domain::{RequestAuth, RequestSpec, Secret};
use test_kit::{Receiver, Reply};

use super::{here, send, sender};

#[tokio::test]
async fn what_a_receiver_repeats_of_our_secrets_is_not_kept() {
    let receiver = Receiver::start().await;
    receiver.answer(|request| {
        let sent = request.header("authorization").unwrap_or_default();
        Reply::json(400, &serde_json::json!({ "message": sent }).to_string())
    });
    let spec = RequestSpec {
        auth: RequestAuth::Bearer {
            token: Secret::new("s3cret-token".to_owned()),
        },
        ..here()
    };
    let attempt = send(&sender(), &spec, &receiver.url()).await;
    assert_eq!(
        attempt.answer().as_deref(),
        Some(br#"{"message":"Bearer ***"}"#.as_slice())
    );
}
