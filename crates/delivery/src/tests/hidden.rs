use domain::{RequestAuth, RequestSpec, Secret};
use jiff::Timestamp;

use crate::{
    hidden::Hidden,
    outcome::{Answer, Attempt, Outcome, classify},
};

const SECRET: &str = "s3cret/\"+&<ü";

fn spec() -> RequestSpec {
    RequestSpec {
        auth: RequestAuth::Basic {
            username: "payroll".to_owned(),
            password: Secret::new(SECRET.to_owned()),
        },
        ..RequestSpec::default()
    }
}

fn echoed(status: u16, body: &str) -> Attempt {
    Attempt::Answered(Answer {
        status,
        retry_after: None,
        body: body.as_bytes().to_vec(),
        hidden: Hidden::of(&spec(), Some("the-token")),
    })
}

#[test]
fn a_secret_is_struck_out_in_every_form_in_which_it_comes_back() {
    let hidden = Hidden::of(&spec(), Some("the-token"));
    for text in [
        SECRET,
        r#"s3cret/\"+&<ü"#,
        r#"s3cret\/\"+&<ü"#,
        r#"s3cret/\\\"+&<ü"#,
        "s3cret%2F%22%2B%26%3C%C3%BC",
        "s3cret/&quot;+&amp;&lt;ü",
        "cGF5cm9sbDpzM2NyZXQvIismPMO8",
        "the-token",
    ] {
        assert_eq!(hidden.strike(&format!("<{text}>")), "<***>");
    }
    assert_eq!(hidden.strike("s3cret alone"), "s3cret alone");
}

#[test]
fn an_answer_that_repeats_our_secrets_is_kept_and_told_without_them() {
    let attempt = echoed(
        400,
        r#"{"message": "you sent Basic cGF5cm9sbDpzM2NyZXQvIismPMO8", "token": "the-token"}"#,
    );
    assert_eq!(
        attempt.answer().as_deref(),
        Some(br#"{"message": "you sent Basic ***", "token": "***"}"#.as_slice())
    );
    let Outcome::Refused { reason, .. } = classify(&attempt, &["r0"], Timestamp::UNIX_EPOCH) else {
        panic!("not refused")
    };
    assert_eq!(reason, "the receiver answered 400: you sent Basic ***");
}

#[test]
fn a_verdict_on_a_record_is_told_without_our_secrets() {
    let attempt = echoed(
        207,
        r#"{"rejected": [{"index": 0, "error": "the-token is not mine"}]}"#,
    );
    let Outcome::Partly(verdicts) = classify(&attempt, &["r0"], Timestamp::UNIX_EPOCH) else {
        panic!("not partly")
    };
    assert_eq!(verdicts.rejected[&0], "*** is not mine");
}
