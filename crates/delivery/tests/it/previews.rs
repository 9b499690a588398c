use domain::{BodySpec, RequestSpec, TemplateUnit};

use crate::bench::Bench;

fn csv(unit: TemplateUnit, source: &str) -> RequestSpec {
    RequestSpec {
        body: BodySpec::Template {
            unit,
            content_type: "text/csv".to_owned(),
            source: source.to_owned(),
        },
        ..RequestSpec::default()
    }
}

#[tokio::test]
async fn a_template_is_tried_on_the_last_real_punches_and_on_made_up_ones_before_there_are_any() {
    let mut bench = Bench::running().await;
    let all = csv(
        TemplateUnit::Batch,
        "{% for r in records %}{{ r.pin }},{% endfor %}{{ terminal.name }}",
    );
    let url = "https://hr.example.com/";
    let preview = bench.delivery().preview(&all, url, false).await.unwrap();
    assert!(preview.made_up);
    assert_eq!(preview.request.unwrap().body, "007,42,Main gate");
    bench.punch(&["1", "2", "3", "4"]).await;
    let preview = bench.delivery().preview(&all, url, false).await.unwrap();
    assert_eq!((preview.made_up, preview.records), (false, 3));
    assert_eq!(preview.request.unwrap().body, "2,3,4,SN1");
    let one = csv(TemplateUnit::Record, "{{ record.pin }}");
    let preview = bench.delivery().preview(&one, url, false).await.unwrap();
    assert_eq!(preview.request.unwrap().body, "2");
    let wrong = csv(TemplateUnit::Record, "\n{{ record.pn }}");
    let preview = bench.delivery().preview(&wrong, url, false).await.unwrap();
    let fault = preview.request.unwrap_err();
    assert_eq!((fault.place.as_str(), fault.line), ("the body", Some(2)));
    assert!(
        fault.message.contains("record.pn does not exist"),
        "{fault}"
    );
}
