use super::*;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn full() -> RequestSpec {
    RequestSpec {
        method: RequestMethod::Put,
        headers: vec![
            Field {
                name: "X-Site".to_owned(),
                value: FieldValue::Value("{{ terminal.name }}".to_owned()),
            },
            Field {
                name: "X-Token".to_owned(),
                value: FieldValue::Secret(secret("hidden 1")),
            },
        ],
        query: vec![Field {
            name: "key".to_owned(),
            value: FieldValue::Secret(secret("hidden 2")),
        }],
        body: BodySpec::Template {
            unit: TemplateUnit::Record,
            content_type: "application/xml".to_owned(),
            source: "<p>{{ record.pin }}</p>".to_owned(),
        },
        secrets: BTreeMap::from([("database".to_owned(), secret("hidden 8"))]),
        auth: RequestAuth::OAuth2 {
            token_url: "https://id.example.com/token".to_owned(),
            client_id: "me".to_owned(),
            client_secret: secret("hidden 3"),
            scope: None,
            audience: None,
            credentials_in: ClientCredentialsIn::Body,
        },
        signing: Some(Signing {
            secret: secret("hidden 4"),
            previous: Some(secret("hidden 5")),
        }),
        tls: TlsSpec {
            ca_pem: Some("CA".to_owned()),
            client: Some(ClientIdentity {
                certificate_pem: "CERTIFICATE".to_owned(),
                key_pem: secret("hidden 6"),
            }),
        },
        proxy: Some(Proxy {
            url: "http://proxy.example.com:3128".to_owned(),
            username: Some("me".to_owned()),
            password: Some(secret("hidden 7")),
        }),
        already_there: vec![AlreadyThere {
            status: 417,
            text: "already has a log".to_owned(),
        }],
        timeout_secs: Some(5),
        allow_loopback: true,
        allow_link_local: false,
    }
}

#[test]
fn a_specification_taken_apart_hides_every_secret_and_is_put_together_again() {
    let stored = full().split().unwrap();
    assert!(!stored.public.contains("hidden"), "{}", stored.public);
    assert!(!format!("{stored:?} {:?}", full()).contains("hidden"));
    let sealed = stored.secrets.clone().unwrap();
    assert_eq!(sealed.expose().matches("hidden").count(), 8);
    assert_eq!(RequestSpec::join(&stored).unwrap(), full());
}

#[test]
fn a_specification_to_be_shown_holds_masks_only() {
    let mut shown = full().masked();
    assert!(
        shown
            .secrets_mut()
            .iter()
            .all(|(_, secret)| secret.expose() == "***")
    );
    shown.keep_masked(&full()).unwrap();
    assert_eq!(shown, full());
}

#[test]
fn the_default_has_nothing_to_seal_and_reads_from_an_empty_object() {
    let stored = RequestSpec::default().split().unwrap();
    assert_eq!(stored.secrets, None);
    assert_eq!(RequestSpec::join(&stored).unwrap(), RequestSpec::default());
    let empty: RequestSpec = serde_json::from_str("{}").unwrap();
    assert_eq!(empty, RequestSpec::default());
}

#[test]
fn every_kind_of_authentication_and_body_reads_what_it_writes() {
    let auths = [
        RequestAuth::None,
        RequestAuth::Basic {
            username: "me".to_owned(),
            password: secret("x"),
        },
        RequestAuth::Bearer { token: secret("x") },
        RequestAuth::ApiKey {
            place: KeyPlace::Query,
            name: "key".to_owned(),
            key: secret("x"),
        },
    ];
    for auth in auths {
        let spec = RequestSpec {
            auth,
            ..RequestSpec::default()
        };
        assert_eq!(RequestSpec::join(&spec.split().unwrap()).unwrap(), spec);
    }
    for body in [BodySpec::Seed, BodySpec::Bare, BodySpec::Events] {
        let spec = RequestSpec {
            body,
            ..RequestSpec::default()
        };
        assert_eq!(RequestSpec::join(&spec.split().unwrap()).unwrap(), spec);
    }
}

#[test]
fn secrets_whose_key_is_lost_come_out_empty() {
    let mut stored = full().split().unwrap();
    stored.secrets = None;
    let mut spec = RequestSpec::join(&stored).unwrap();
    assert!(
        spec.secrets_mut()
            .iter()
            .all(|(_, secret)| secret.expose().is_empty())
    );
}

#[test]
fn what_was_left_masked_keeps_its_secret_and_what_was_written_anew_does_not() {
    let mut edited: RequestSpec = serde_json::from_str(&full().split().unwrap().public).unwrap();
    edited.headers.reverse();
    edited.auth = RequestAuth::Bearer {
        token: secret("new"),
    };
    edited.keep_masked(&full()).unwrap();
    let mut expected = full();
    expected.headers.reverse();
    expected.auth = RequestAuth::Bearer {
        token: secret("new"),
    };
    assert_eq!(edited, expected);
}

#[test]
fn a_mask_with_nothing_behind_it_is_refused_by_its_place() {
    let mut edited = RequestSpec {
        auth: RequestAuth::Bearer {
            token: secret("***"),
        },
        ..RequestSpec::default()
    };
    let error = edited.keep_masked(&full()).unwrap_err();
    assert_eq!(error.place, "auth.token");
}

#[test]
fn a_misspelt_setting_is_refused() {
    for text in [
        r#"{"metod":"POST"}"#,
        r#"{"auth":{"kind":"bearer","tokn":"x"}}"#,
        r#"{"body":{"shape":"nothing"}}"#,
        r#"{"headers":[{"name":"x"}]}"#,
    ] {
        assert!(serde_json::from_str::<RequestSpec>(text).is_err(), "{text}");
    }
}

#[test]
fn oauth2_is_written_as_people_write_it_and_read_as_older_ledgers_hold_it() {
    let auth = full().auth;
    let written = serde_json::to_value(&auth).unwrap();
    assert_eq!(written["kind"], "oauth2");
    let older = written.to_string().replace("oauth2", "o_auth2");
    for text in [written.to_string(), older] {
        let RequestAuth::OAuth2 { client_id, .. } = serde_json::from_str(&text).unwrap() else {
            panic!("another kind")
        };
        assert_eq!(client_id, "me");
    }
}
