//! The examples of the manual, as people will copy them.

use std::collections::BTreeMap;

use domain::{BodySpec, RequestSpec, Secret, TemplateUnit};

use crate::{OutboundPolicy, check_spec, preview, sample};

const MANUAL: &str = include_str!("../../../../docs/TEMPLATES.md");

struct Example {
    spec: RequestSpec,
    output: String,
}

/// Each block of a template with the output that follows it.
fn examples() -> Vec<Example> {
    let mut blocks = MANUAL.split("```jinja ").skip(1);
    let mut found = Vec::new();
    for block in &mut blocks {
        let (head, rest) = block.split_once('\n').unwrap();
        let (source, rest) = rest.split_once("\n```").unwrap();
        let (_, output) = rest.split_once("```output\n").unwrap();
        let (output, _) = output.split_once("\n```").unwrap();
        let (content_type, unit) = head.split_once(' ').unwrap();
        let unit = match unit {
            "record" => TemplateUnit::Record,
            "batch" => TemplateUnit::Batch,
            other => panic!("{other} is neither record nor batch"),
        };
        let spec = RequestSpec {
            body: BodySpec::Template {
                unit,
                content_type: content_type.to_owned(),
                source: source.to_owned(),
            },
            secrets: BTreeMap::from([("password".to_owned(), Secret::new("hidden".to_owned()))]),
            ..RequestSpec::default()
        };
        found.push(Example {
            spec,
            output: output.to_owned(),
        });
    }
    found
}

#[test]
fn every_example_of_the_manual_writes_what_the_manual_says() {
    let examples = examples();
    assert_eq!(examples.len(), 5);
    let (facts, punches) = sample();
    for Example { spec, output } in examples {
        let url = "https://receiver.example/";
        check_spec(&spec, Some(url), &OutboundPolicy::default()).unwrap();
        let shown = preview(&spec, url, &facts, &punches).unwrap();
        assert_eq!(shown.body.trim_end(), output);
    }
}

#[test]
fn every_name_that_a_template_sees_stands_in_the_manual() {
    let spec = RequestSpec {
        body: BodySpec::Template {
            unit: TemplateUnit::Record,
            content_type: "text/plain".to_owned(),
            source: concat!(
                "{% for each in record %}{{ each }} {% endfor %}",
                "{% for each in terminal %}terminal.{{ each }} {% endfor %}",
                "{% for each in batch %}batch.{{ each }} {% endfor %}",
            )
            .to_owned(),
        },
        ..RequestSpec::default()
    };
    let (facts, punches) = sample();
    let shown = preview(&spec, "https://receiver.example/", &facts, &punches).unwrap();
    let names: Vec<&str> = shown.body.split_whitespace().collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(MANUAL.contains(&format!("`{name}`")), "{name}");
    }
}
