use std::collections::BTreeMap;

use domain::{
    BodySpec, Field, FieldValue, KeyPlace, Pin, RequestAuth, RequestMethod, RequestSpec, Secret,
    Signing, TemplateUnit,
};
use serde_json::{Value, json};

use super::*;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn template(unit: TemplateUnit, content_type: &str, source: &str) -> RequestSpec {
    RequestSpec {
        body: BodySpec::Template {
            unit,
            content_type: content_type.to_owned(),
            source: source.to_owned(),
        },
        ..RequestSpec::default()
    }
}

fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: FieldValue::Value(value.to_owned()),
    }
}

/// As many records as wanted, each of another person.
fn punches(count: usize) -> Vec<OutPunch> {
    let (_, sample) = crate::sample();
    (0..count)
        .map(|index| OutPunch {
            pin: Pin::new(index.to_string()).unwrap(),
            employee_id: index.to_string(),
            employee_name: format!("Person {index}"),
            ..sample[0].clone()
        })
        .collect()
}

fn rendered(spec: &RequestSpec, punches: &[OutPunch]) -> Result<Rendered, RenderError> {
    let (facts, _) = crate::sample();
    Material {
        spec,
        url: "https://hr.example.com/in?site=1",
        facts: &facts,
        punches,
    }
    .render(Secrets::Real)
}

fn text(spec: &RequestSpec, count: usize) -> String {
    let Ok(rendered) = rendered(spec, &punches(count)) else {
        panic!("it can be rendered");
    };
    String::from_utf8(rendered.body).unwrap()
}

fn error(spec: &RequestSpec, punches: &[OutPunch]) -> RenderError {
    rendered(spec, punches)
        .err()
        .expect("it cannot be rendered")
}

#[test]
fn the_usual_request_is_the_seeds() {
    let spec = RequestSpec::default();
    let rendered = rendered(&spec, &punches(1)).ok().unwrap();
    assert_eq!(
        String::from_utf8(rendered.body).unwrap(),
        concat!(
            r#"{"device_info":{"ip":"192.168.1.201","port":4370,"export_time":"2026-11-23 18:00:00"},"records":["#,
            r#"{"employee_id":"0","employee_name":"Person 0","timestamp":"2026-11-23 08:59:58","#,
            r#""date":"2026-11-23","time":"08:59:58","punch_type":"Check In"}]}"#
        )
    );
    assert_eq!(rendered.method, RequestMethod::Post);
    assert_eq!(rendered.url.as_str(), "https://hr.example.com/in?site=1");
    assert_eq!(
        rendered.headers,
        [
            ("content-type".to_owned(), "application/json".to_owned()),
            (
                "idempotency-key".to_owned(),
                "0123456789abcdef0123456789abcdef".to_owned()
            ),
        ]
    );
}

#[test]
fn events_are_cloudevents_with_the_offset_of_then_and_there() {
    let spec = RequestSpec {
        body: BodySpec::Events,
        ..RequestSpec::default()
    };
    let (_, sample) = crate::sample();
    let rendered = rendered(&spec, &sample).ok().unwrap();
    let body: Value = serde_json::from_slice(&rendered.body).unwrap();
    assert_eq!(
        body[0],
        json!({
            "specversion": "1.0",
            "type": "attendance.punch.created",
            "id": sample[0].record_id.as_str(),
            "source": "/terminals/CJDE193560303",
            "time": "2026-11-23T08:59:58+02:00",
            "datacontenttype": "application/json",
            "data": {
                "employee_id": "007",
                "employee_name": "Dana \"Bo\" O'Neil & <Co>",
                "pin": "007",
                "local_time": "2026-11-23 08:59:58",
                "zone": "Africa/Cairo",
                "time_flag": "ok",
                "state": 0,
                "punch_type": "Check In",
                "verify": 1,
                "work_code": 0,
                "terminal": {"serial": "CJDE193560303", "name": "Main gate"},
            },
        })
    );
    assert_eq!(body.as_array().unwrap().len(), 2);
    assert_eq!(rendered.headers[0].1, "application/cloudevents-batch+json");
}

#[test]
fn a_template_writes_a_whole_batch_or_one_record() {
    let batch = template(
        TemplateUnit::Batch,
        "application/json",
        "[{% for r in records %}{{ r.pin }}{% if not loop.last %},{% endif %}{% endfor %}]",
    );
    assert_eq!(text(&batch, 3), r#"["0","1","2"]"#);
    let one = template(
        TemplateUnit::Record,
        "application/xml",
        "<p id=\"{{ record.pin }}\">{{ record.employee_name }}</p>",
    );
    assert_eq!(text(&one, 1), r#"<p id="0">Person 0</p>"#);
    let form = template(
        TemplateUnit::Record,
        "application/x-www-form-urlencoded",
        "id={{ record.pin }}&name={{ record.employee_name }}",
    );
    assert_eq!(text(&form, 1), "id=0&name=Person+0");
}

#[test]
fn a_record_that_goes_alone_has_its_id_in_the_headers() {
    let spec = template(TemplateUnit::Record, "text/plain", "{{ record.pin }}");
    let rendered = rendered(&spec, &punches(1)).ok().unwrap();
    let id = punches(1)[0].record_id.as_str().to_owned();
    assert!(rendered.headers.contains(&("x-record-id".to_owned(), id)));
}

#[test]
fn headers_and_the_query_are_templates_too_and_a_get_has_no_body() {
    let spec = RequestSpec {
        method: RequestMethod::Get,
        query: vec![
            field("who", "{{ record.employee_name }}"),
            Field {
                name: "k".to_owned(),
                value: FieldValue::Secret(secret("{{ & }}")),
            },
        ],
        headers: vec![field("X-Terminal", "{{ terminal.name }}")],
        ..template(TemplateUnit::Record, "text/plain", "{{ record.nothing }}")
    };
    let (_, sample) = crate::sample();
    let rendered = rendered(&spec, &sample[1..]).ok().unwrap();
    let query: Vec<_> = rendered.url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        query,
        [
            pair("site", "1"),
            pair("who", "منى سعيد"),
            pair("k", "{{ & }}")
        ]
    );
    assert!(rendered.body.is_empty());
    assert!(rendered.headers.contains(&pair("X-Terminal", "Main gate")));
    assert!(
        rendered
            .headers
            .iter()
            .all(|(name, _)| name != "content-type")
    );
}

#[test]
fn a_content_type_of_ones_own_replaces_the_usual_one() {
    let spec = RequestSpec {
        headers: vec![field("Content-Type", "application/json")],
        body: BodySpec::Events,
        ..RequestSpec::default()
    };
    let rendered = rendered(&spec, &punches(1)).ok().unwrap();
    let types: Vec<_> = rendered
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .collect();
    assert_eq!(
        types,
        [&("Content-Type".to_owned(), "application/json".to_owned())]
    );
}

#[test]
fn a_header_of_more_than_one_line_is_refused() {
    let spec = RequestSpec {
        headers: vec![field("X-Names", "{{ record.employee_name }}")],
        ..template(TemplateUnit::Record, "text/plain", "")
    };
    let mut punch = punches(1).remove(0);
    punch.employee_name = "a\r\nX-Other: b".to_owned();
    let error = error(&spec, &[punch]);
    assert!(
        matches!(&error, RenderError::Records(bad) if bad[0].0 == 0),
        "{error:?}"
    );
}

#[test]
fn what_is_no_json_is_told_with_the_line_it_stands_in() {
    let spec = template(
        TemplateUnit::Record,
        "application/json",
        "{\n\"pin\": \"{{ record.pin }}\"}",
    );
    let error = error(&spec, &punches(1));
    let RenderError::Records(bad) = error else {
        panic!("{error:?}")
    };
    let said = bad[0].1.to_string();
    assert!(
        said.contains("line 2") && said.contains(r#""pin": ""0"""#),
        "{said}"
    );
}

#[test]
fn no_error_tells_a_secret() {
    for source in [
        r#"{"key": "{{ secrets.key }}"}"#,
        "{{ secrets.key | int }}",
        "{{ secrets.key | strftime('%Y') }}",
        "{{ secrets.key + 1 }}",
    ] {
        let spec = RequestSpec {
            secrets: BTreeMap::from([("key".to_owned(), secret("hidden"))]),
            ..template(TemplateUnit::Record, "application/json", source)
        };
        let error = error(&spec, &punches(1));
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    }
}

#[test]
fn only_the_records_at_fault_are_named() {
    let spec = template(
        TemplateUnit::Batch,
        "text/plain",
        "{% for r in records %}{{ r.employee_name | int }}{% endfor %}",
    );
    let mut records = punches(20);
    for (index, record) in records.iter_mut().enumerate() {
        if index != 3 && index != 17 {
            record.employee_name = index.to_string();
        }
    }
    let RenderError::Records(bad) = error(&spec, &records) else {
        panic!("records are at fault");
    };
    let places: Vec<usize> = bad.iter().map(|(index, _)| *index).collect();
    assert_eq!(places, [3, 17]);
}

#[test]
fn a_template_that_fails_for_ten_records_of_ten_is_at_fault_itself() {
    let spec = template(
        TemplateUnit::Batch,
        "text/plain",
        "{% for r in records %}{{ r.nothing }}{% endfor %}",
    );
    assert!(matches!(error(&spec, &punches(10)), RenderError::Setup(_)));
    assert!(matches!(error(&spec, &punches(9)), RenderError::Records(bad) if bad.len() == 9));
    let unknown = template(TemplateUnit::Batch, "text/plain", "{{ records | nothing }}");
    assert!(matches!(
        error(&unknown, &punches(2)),
        RenderError::Setup(_)
    ));
}

#[test]
fn what_is_too_much_together_may_go_in_parts() {
    let spec = template(
        TemplateUnit::Batch,
        "text/plain",
        "{% for r in records %}{{ 'x' * 100000 }}{% endfor %}",
    );
    assert!(matches!(
        error(&spec, &punches(100)),
        RenderError::Divide(_)
    ));
    assert!(rendered(&spec, &punches(1)).is_ok());
    let alone = template(
        TemplateUnit::Batch,
        "text/plain",
        "{% if batch.count > 1 %}{{ nothing }}{% endif %}",
    );
    assert!(matches!(error(&alone, &punches(2)), RenderError::Divide(_)));
}

#[test]
fn the_same_material_gives_the_same_bytes() {
    let specs = [
        RequestSpec::default(),
        RequestSpec {
            body: BodySpec::Events,
            ..RequestSpec::default()
        },
        template(TemplateUnit::Batch, "application/json", "{{ records }}"),
    ];
    for spec in specs {
        assert_eq!(text(&spec, 50), text(&spec, 50));
    }
}

#[test]
fn each_way_to_say_who_we_are_stands_where_it_belongs() {
    let with = |auth: RequestAuth| {
        let spec = RequestSpec {
            auth,
            ..RequestSpec::default()
        };
        rendered(&spec, &punches(1)).ok().unwrap()
    };
    let header = |rendered: &Rendered, name: &str| {
        rendered
            .headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let basic = with(RequestAuth::Basic {
        username: "Aladdin".to_owned(),
        password: secret("open sesame"),
    });
    assert_eq!(
        header(&basic, "authorization"),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
    let bearer = with(RequestAuth::Bearer {
        token: secret("abc"),
    });
    assert_eq!(header(&bearer, "authorization"), "Bearer abc");
    let key = |place| RequestAuth::ApiKey {
        place,
        name: "x-key".to_owned(),
        key: secret("k&y"),
    };
    assert_eq!(header(&with(key(KeyPlace::Header)), "x-key"), "k&y");
    let url = with(key(KeyPlace::Query)).url;
    assert_eq!(url.query(), Some("site=1&x-key=k%26y"));
}

#[test]
fn what_people_see_holds_no_secret() {
    let hidden = |text: &str| FieldValue::Secret(secret(text));
    let auths = [
        RequestAuth::Basic {
            username: "me".to_owned(),
            password: secret("hidden"),
        },
        RequestAuth::Bearer {
            token: secret("hidden"),
        },
        RequestAuth::ApiKey {
            place: KeyPlace::Header,
            name: "x-key".to_owned(),
            key: secret("hidden"),
        },
        RequestAuth::ApiKey {
            place: KeyPlace::Query,
            name: "key".to_owned(),
            key: secret("hidden"),
        },
    ];
    for auth in auths {
        let spec = RequestSpec {
            auth,
            secrets: BTreeMap::from([("database".to_owned(), secret("hidden"))]),
            signing: Some(Signing {
                secret: secret("hidden"),
                previous: None,
            }),
            headers: vec![
                Field {
                    name: "X-Token".to_owned(),
                    value: hidden("hidden"),
                },
                field("X-Db", "{{ secrets.database | upper }}"),
            ],
            query: vec![Field {
                name: "q".to_owned(),
                value: hidden("hidden"),
            }],
            ..template(
                TemplateUnit::Record,
                "application/json",
                r#"{"db": {{ secrets.database }}, "x": "{{ secrets.database | urlencode }}"}"#,
            )
        };
        let (facts, sample) = crate::sample();
        let shown = Material {
            spec: &spec,
            url: "https://hr.example.com/in?site=1&access_token=hidden",
            facts: &facts,
            punches: &sample[..1],
        }
        .show()
        .unwrap();
        let all = serde_json::to_string(&shown).unwrap();
        assert!(!all.to_lowercase().contains("hidden"), "{all}");
        assert!(all.contains("***") && all.contains("site=1"), "{all}");
        assert!(all.contains("webhook-signature"), "{all}");
    }
}
