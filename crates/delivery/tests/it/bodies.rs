#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use domain::{
    BodySpec, Field, FieldValue, RequestAuth, RequestSpec, Secret, Signing, TemplateUnit,
};
use storage::DestinationChange;
use test_kit::receiver::{Reply, Request};

use crate::bench::Bench;

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

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

async fn choose(bench: &Bench, spec: RequestSpec) {
    let change = DestinationChange {
        spec: Some(spec),
        ..DestinationChange::default()
    };
    let id = bench.destination().await.id;
    bench
        .store
        .update_destination(id, change, bench.now())
        .await
        .unwrap();
    bench.wake();
}

#[tokio::test]
async fn an_odd_receiver_gets_exactly_what_the_template_writes() {
    let mut bench = Bench::running().await;
    let source = "{% for r in records %}\n{{ r.employee_id }};{{ r.timestamp | strftime('%d.%m.%Y %H:%M') }};{{ terminal.name }}\n{% endfor %}";
    let spec = RequestSpec {
        headers: vec![Field {
            name: "X-Count".to_owned(),
            value: FieldValue::Value("{{ batch.count }}".to_owned()),
        }],
        auth: RequestAuth::Basic {
            username: "me".to_owned(),
            password: secret("secret"),
        },
        ..template(TemplateUnit::Batch, "text/csv", source)
    };
    choose(&bench, spec).await;
    bench.punch(&["007", "8"]).await;
    let requests = bench.settled(1).await;
    assert_eq!(
        requests[0].text(),
        "007;23.11.2026 06:00;SN1\n8;23.11.2026 06:00;SN1\n"
    );
    assert_eq!(requests[0].header("content-type"), Some("text/csv"));
    assert_eq!(requests[0].header("x-count"), Some("2"));
    assert_eq!(
        requests[0].header("authorization"),
        Some("Basic bWU6c2VjcmV0")
    );
    bench.deliver_all().await;
    assert_eq!(bench.counts().await.delivered, 2);
}

#[tokio::test]
async fn a_template_for_one_record_sends_each_in_a_request_of_its_own_under_its_own_id() {
    let mut bench = Bench::running().await;
    let source = "<punch><who>{{ record.employee_name }}</who></punch>";
    choose(
        &bench,
        template(TemplateUnit::Record, "application/xml", source),
    )
    .await;
    bench.punch(&["1", "2", "3"]).await;
    let requests = bench.settled(3).await;
    let texts: Vec<&str> = requests.iter().map(Request::text).collect();
    assert_eq!(
        texts,
        [
            "<punch><who>Person 1</who></punch>",
            "<punch><who>Person 2</who></punch>",
            "<punch><who>Person 3</who></punch>",
        ]
    );
    for request in &requests {
        assert_eq!(request.header("x-record-id"), Some(request.key()));
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_written_is_parked_with_its_reason_and_the_others_arrive() {
    let mut bench = Bench::new().await;
    let source = "{% for r in records %}{{ r.employee_id | int }} {% endfor %}";
    choose(&bench, template(TemplateUnit::Batch, "text/plain", source)).await;
    bench.punch(&["1", "2", "A3", "4"]).await;
    bench.start();
    bench.deliver_all().await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (3, 1));
    assert_eq!(bench.receiver.requests().len(), 1);
    assert_eq!(bench.receiver.requests()[0].text(), "1 2 4 ");
    let id = bench.destination().await.id;
    let parked = bench.store.parked(id, None, 10).await.unwrap();
    assert_eq!(parked[0].pin.as_str(), "A3");
    let reason = parked[0].reason.clone().unwrap();
    assert!(reason.contains("the body, line 1"), "{reason}");
}

#[tokio::test]
async fn a_template_that_can_write_nothing_pauses_and_parks_nothing_until_it_is_corrected() {
    let mut bench = Bench::new().await;
    let wrong = "{% for r in records %}{{ r.employe_id }}{% endfor %}";
    choose(&bench, template(TemplateUnit::Batch, "text/plain", wrong)).await;
    bench.punch_people(12).await;
    bench.start();
    bench
        .until("a pause", |destination, _| destination.pause.is_some())
        .await;
    let pause = bench.destination().await.pause.unwrap();
    assert_eq!(pause.code, "template");
    assert!(
        pause.reason.contains("r.employe_id does not exist"),
        "{pause:?}"
    );
    assert_eq!(bench.counts().await.parked, 0);
    assert!(bench.receiver.requests().is_empty());
    let right = "{% for r in records %}{{ r.employee_id }}{% endfor %}";
    choose(&bench, template(TemplateUnit::Batch, "text/plain", right)).await;
    bench.deliver_all().await;
    assert_eq!(bench.counts().await.delivered, 12);
    assert_eq!(bench.receiver.requests()[0].text(), "123456789101112");
}

#[tokio::test]
async fn a_batch_too_large_for_its_template_goes_in_parts() {
    let mut bench = Bench::new().await;
    let source = "{% for r in records %}{{ r.pin }}{{ ' ' * 200000 }}{% endfor %}";
    choose(&bench, template(TemplateUnit::Batch, "text/plain", source)).await;
    bench.punch_people(60).await;
    bench.start();
    bench.deliver_all().await;
    let counts = bench.counts().await;
    assert_eq!((counts.delivered, counts.parked), (60, 0));
    let all: String = bench
        .receiver
        .requests()
        .iter()
        .flat_map(|request| request.text().split_whitespace())
        .collect();
    let expected: String = (1..=60).map(|pin| pin.to_string()).collect();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn a_signed_batch_goes_again_in_the_same_bytes_under_the_same_id_signed_anew() {
    let mut bench = Bench::running().await;
    let spec = RequestSpec {
        body: BodySpec::Events,
        signing: Some(Signing {
            secret: secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
            previous: None,
        }),
        ..RequestSpec::default()
    };
    choose(&bench, spec).await;
    bench.receiver.answer_next(Reply::status(503));
    bench.punch(&["1", "2"]).await;
    bench.deliver_all().await;
    let requests = bench.receiver.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    let header = |name: &str| {
        let both = [requests[0].header(name), requests[1].header(name)];
        both.map(Option::unwrap)
    };
    let [first, second] = header("webhook-id");
    assert_eq!((first, second), (requests[0].key(), requests[1].key()));
    assert_eq!(first, second);
    let [first, second] = header("webhook-timestamp");
    assert!(first < second, "{first} {second}");
    let [first, second] = header("webhook-signature");
    assert_ne!(first, second);
    let events = requests[0].json();
    assert_eq!(events[0]["time"], "2026-11-23T06:00:00+00:00");
    assert_eq!(events[1]["data"]["employee_name"], "Person 2");
}

#[tokio::test]
async fn events_are_never_turned_into_the_seeds_bare_records() {
    let mut bench = Bench::new().await;
    let spec = RequestSpec {
        body: BodySpec::Events,
        ..RequestSpec::default()
    };
    choose(&bench, spec).await;
    bench.receiver.answer(|_| Reply::status(422));
    bench.punch(&["1", "2"]).await;
    bench.start();
    bench.deliver_all().await;
    for request in bench.receiver.requests() {
        assert!(request.json().is_array(), "{}", request.text());
    }
    assert_eq!(bench.counts().await.parked, 2);
}
