use domain::{
    AlreadyThere, BodySpec, ClientIdentity, Field, FieldValue, KeyPlace, Proxy, RequestAuth,
    RequestSpec, Secret, Signing, TemplateUnit, TlsSpec,
};

use super::*;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn template(content_type: &str, source: &str) -> RequestSpec {
    RequestSpec {
        body: BodySpec::Template {
            unit: TemplateUnit::Batch,
            content_type: content_type.to_owned(),
            source: source.to_owned(),
        },
        ..RequestSpec::default()
    }
}

fn with_header(name: &str, value: &str) -> RequestSpec {
    RequestSpec {
        headers: vec![Field {
            name: name.to_owned(),
            value: FieldValue::Value(value.to_owned()),
        }],
        ..RequestSpec::default()
    }
}

fn with_auth(auth: RequestAuth) -> RequestSpec {
    RequestSpec {
        auth,
        ..RequestSpec::default()
    }
}

fn fault(spec: &RequestSpec) -> SpecFault {
    check_spec(spec, None, &OutboundPolicy::default()).unwrap_err()
}

#[test]
fn the_usual_request_and_sound_ones_pass() {
    let sound = [
        RequestSpec::default(),
        template("application/json", "{{ records }}"),
        with_header("X-Site", "{{ terminal.serial }}"),
        with_auth(RequestAuth::ApiKey {
            place: KeyPlace::Header,
            name: "Authorization".to_owned(),
            key: secret("token a:b"),
        }),
        RequestSpec {
            signing: Some(Signing {
                secret: secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
                previous: None,
            }),
            proxy: Some(Proxy {
                url: "http://192.168.1.1:3128".to_owned(),
                username: None,
                password: None,
            }),
            timeout_secs: Some(30),
            already_there: vec![
                already_there(417, "already has a log"),
                already_there(200, "ä"),
            ],
            ..RequestSpec::default()
        },
    ];
    for spec in sound {
        check_spec(
            &spec,
            Some("https://hr.example.com/"),
            &OutboundPolicy::default(),
        )
        .unwrap();
    }
}

fn already_there(status: u16, text: &str) -> AlreadyThere {
    AlreadyThere {
        status,
        text: text.to_owned(),
    }
}

fn with_already_there(status: u16, text: &str) -> RequestSpec {
    RequestSpec {
        already_there: vec![already_there(status, text)],
        ..RequestSpec::default()
    }
}

#[test]
fn each_fault_is_told_by_its_place() {
    let faults = [
        (
            "timeout_secs",
            RequestSpec {
                timeout_secs: Some(0),
                ..RequestSpec::default()
            },
        ),
        ("already_there", with_already_there(417, "")),
        ("already_there", with_already_there(417, " ")),
        ("already_there", with_already_there(417, &"x".repeat(201))),
        ("already_there", with_already_there(401, "x")),
        ("already_there", with_already_there(429, "x")),
        ("already_there", with_already_there(503, "x")),
        ("already_there", with_already_there(0, "x")),
        ("headers.Content-Length", with_header("Content-Length", "1")),
        ("headers.bad name", with_header("bad name", "1")),
        ("headers.X-Site", with_header("X-Site", "{{ terminal.")),
        (
            "the header X-Site",
            with_header("X-Site", "{{ terminal.nothing }}"),
        ),
        ("body.content_type", template("", "x")),
        ("body.content_type", template("a\nb", "x")),
        ("the body", template("text/plain", "{{ records")),
        ("the body", template("application/json", "{")),
        (
            "body.source",
            template("text/plain", &"x".repeat(SOURCE_LIMIT + 1)),
        ),
        (
            "auth.token",
            with_auth(RequestAuth::Bearer {
                token: secret("a\nb"),
            }),
        ),
        (
            "auth.token",
            with_auth(RequestAuth::Bearer {
                token: secret("***"),
            }),
        ),
        (
            "auth.token",
            with_auth(RequestAuth::Bearer { token: secret("") }),
        ),
        (
            "auth.username",
            with_auth(RequestAuth::Basic {
                username: "a:b".to_owned(),
                password: secret(""),
            }),
        ),
        (
            "signing",
            RequestSpec {
                signing: Some(Signing {
                    secret: secret("whsec_short"),
                    previous: None,
                }),
                ..RequestSpec::default()
            },
        ),
    ];
    are_told(faults);
}

#[test]
fn a_fault_of_the_way_is_told_by_its_place() {
    are_told([
        (
            "proxy.url",
            RequestSpec {
                proxy: Some(Proxy {
                    url: "socks5://x".to_owned(),
                    username: None,
                    password: None,
                }),
                ..RequestSpec::default()
            },
        ),
        (
            "tls",
            RequestSpec {
                tls: TlsSpec {
                    ca_pem: Some("nonsense".to_owned()),
                    client: None,
                },
                ..RequestSpec::default()
            },
        ),
        (
            "tls",
            RequestSpec {
                tls: TlsSpec {
                    ca_pem: None,
                    client: Some(ClientIdentity {
                        certificate_pem: "nonsense".to_owned(),
                        key_pem: secret("hidden"),
                    }),
                },
                ..RequestSpec::default()
            },
        ),
        (
            "secrets",
            RequestSpec {
                secrets: [("no name".to_owned(), secret("x"))].into(),
                ..RequestSpec::default()
            },
        ),
    ]);
}

fn are_told(faults: impl IntoIterator<Item = (&'static str, RequestSpec)>) {
    for (place, spec) in faults {
        let fault = fault(&spec);
        assert_eq!(fault.place, place, "{fault}");
        assert!(!fault.to_string().contains("hidden"), "{fault}");
    }
}

#[test]
fn a_template_is_told_its_line() {
    let fault = fault(&template("text/plain", "a\n{{ records | nothing }}"));
    assert_eq!((fault.place.as_str(), fault.line), ("the body", Some(2)));
}

#[test]
fn this_machine_is_allowed_by_an_explicit_choice_only_and_metadata_never() {
    let open = RequestSpec {
        allow_loopback: true,
        allow_link_local: true,
        ..RequestSpec::default()
    };
    let check = |spec: &RequestSpec, url: &str| {
        check_spec(spec, Some(url), &OutboundPolicy::default()).is_ok()
    };
    for url in [
        "http://127.0.0.1:5000/",
        "http://[::1]/",
        "http://169.254.7.7/",
        "http://localhost/",
    ] {
        assert!(check(&open, url), "{url}");
        assert!(!check(&RequestSpec::default(), url), "{url}");
    }
    assert!(!check(&open, "http://169.254.169.254/"));
    assert!(!check(&open, "http://metadata.google.internal/"));
}

#[test]
fn a_preview_shows_the_first_record_where_each_goes_alone() {
    let spec = RequestSpec {
        body: BodySpec::Template {
            unit: TemplateUnit::Record,
            content_type: "text/plain".to_owned(),
            source: "{{ record.pin }} of {{ batch.count }}".to_owned(),
        },
        ..RequestSpec::default()
    };
    let (facts, punches) = sample();
    let shown = preview(&spec, "https://x.example/", &facts, &punches).unwrap();
    assert_eq!(shown.body, "007 of 1");
}

#[test]
fn a_preview_tells_the_faults_that_saving_would_tell() {
    let (facts, punches) = sample();
    let large = template("text/plain", &"x".repeat(SOURCE_LIMIT + 1));
    let ours = with_header("Content-Length", "1");
    for (place, spec) in [("body.source", large), ("headers.Content-Length", ours)] {
        let told = preview(&spec, "https://x.example/", &facts, &punches).unwrap_err();
        assert_eq!(told.place, place);
    }
}
