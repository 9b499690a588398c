use super::*;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const OTHER: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID_OF_VECTOR: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
const SIGNED: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

fn signing(secret: &str, previous: Option<&str>) -> Signing {
    Signing {
        secret: Secret::new(secret.to_owned()),
        previous: previous.map(|text| Secret::new(text.to_owned())),
    }
}

fn signed(signing: &Signing) -> String {
    let now = Timestamp::from_second(1_649_367_553).unwrap();
    let headers = headers(signing, ID_OF_VECTOR, now, BODY).unwrap();
    assert_eq!(headers[0], ("webhook-id".into(), ID_OF_VECTOR.into()));
    assert_eq!(
        headers[1],
        ("webhook-timestamp".into(), "1649367553".into())
    );
    assert_eq!(headers[2].0, "webhook-signature");
    headers[2].1.clone()
}

#[test]
fn a_request_is_signed_as_the_published_vector_says() {
    assert_eq!(signed(&signing(SECRET, None)), SIGNED);
}

#[test]
fn while_secrets_are_changed_both_sign_the_new_one_first() {
    let both = signed(&signing(OTHER, Some(SECRET)));
    let (new, old) = both.split_once(' ').unwrap();
    assert_eq!(new, signed(&signing(OTHER, None)));
    assert_eq!(old, SIGNED);
    assert_ne!(new, old);
}

#[test]
fn a_secret_without_its_prefix_or_padding_is_the_same_secret() {
    let bare = SECRET.strip_prefix("whsec_").unwrap();
    assert_eq!(signed(&signing(bare, None)), SIGNED);
    let padded = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
    assert_eq!(
        signed(&signing(padded, None)),
        signed(&signing(padded.trim_end_matches('='), None))
    );
}

#[test]
fn what_is_no_secret_is_refused() {
    for text in ["", "whsec_", "whsec_short", "whsec_???", "correct horse"] {
        assert_eq!(check(&signing(text, None)), Err(SigningKeyError), "{text}");
        assert_eq!(check(&signing(SECRET, Some(text))), Err(SigningKeyError));
    }
    check(&signing(SECRET, Some(OTHER))).unwrap();
}
