use std::collections::BTreeMap;

use domain::Secret;
use proptest::prelude::*;
use rstest::rstest;
use url::form_urlencoded;

use super::*;

mod attacks;

#[rstest]
#[case::replaced_by_more("{{ ('a' * 1000) | replace('a', 'b' * 100000) }}")]
#[case::doubled(concat!(
    "{% set a = [1, 1] %}",
    "{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}",
    "{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}",
    "{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}{% set a = [a, a, a, a] %}",
    "{{ a }}"
))]
fn a_value_that_is_endless_as_a_text_is_not_written(#[case] source: &str) {
    for escape in [Escape::Plain, Escape::Json, Escape::Xml] {
        let error = written(source, escape).unwrap_err();
        assert!(
            error.to_string().contains("it does too much"),
            "{source}: {error}"
        );
    }
}

#[rstest]
#[case(
    "{{ record | tojson(indent=1000000000) }}",
    "the indent is more than 16"
)]
#[case("{{ record | tojson(1000000000) }}", "the indent is more than 16")]
#[case(
    "{{ [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] }}",
    "within each other"
)]
fn a_value_is_not_written_wider_or_deeper_than_anybody_needs(
    #[case] source: &str,
    #[case] why: &str,
) {
    let error = written(source, Escape::Plain).unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[rstest]
#[case("{{ [1, 2] | tojson(indent=2) }}", "[\n  1,\n  2\n]")]
#[case("{{ 'a-b-c' | replace('-', '') | upper }}", "ABC")]
#[case("{{ ['a', 'b'] | join(';') }} {{ '%03d' | format(7) }}", "a;b 007")]
#[case("{{ ' x ' | trim | title }}{{ 7 | string }}", "X7")]
#[case("{{ 'a,b' | split(',') | last }}", "b")]
fn filters_that_pay_do_what_they_did(#[case] source: &str, #[case] expected: &str) {
    assert_eq!(written(source, Escape::Plain).unwrap(), expected);
}

/// What `source` makes of the sample's records.
fn written(source: &str, escape: Escape) -> Result<String, TemplateError> {
    let (facts, punches) = crate::sample();
    let secrets = BTreeMap::from([("key".to_owned(), Secret::new("s3cret".to_owned()))]);
    let facts = Facts {
        batch: &facts,
        secrets: &secrets,
    };
    let values = values(facts, &punches[..1], true);
    let engine = Engine::new(1);
    let bytes = engine.render("the body", source, escape, values, 10_000)?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[rstest]
#[case("{{ record.pin }}", "007")]
#[case(
    "{{ record.timestamp }}|{{ record.date }}|{{ record.time }}",
    "2026-11-23 08:59:58|2026-11-23|08:59:58"
)]
#[case("{{ record.rfc3339 }}", "2026-11-23T08:59:58+02:00")]
#[case("{{ record.utc }} {{ record.unix }}", "2026-11-23 06:59:58 1795417198")]
#[case("{{ record.punch_type }} {{ record.state }}", "Check In 0")]
#[case("{{ records | length }} {{ batch.count }}", "1 1")]
#[case(
    "{{ terminal.name }} {{ terminal.serial }} {{ terminal.host }}:{{ terminal.port }}",
    "Main gate CJDE193560303 192.168.1.201:4370"
)]
#[case("{{ secrets.key }}", "s3cret")]
#[case(
    "{{ record.timestamp | strftime('%d/%m/%Y %H.%M') }}",
    "23/11/2026 08.59"
)]
#[case("{% if record.state == 0 %}IN{% else %}OUT{% endif %}", "IN")]
#[case("{{ {0: 'I', 1: 'O'}[record.state] }}", "I")]
#[case("{{ record.nickname | default('none') }}", "none")]
#[case("{{ none }}{{ true }}", "true")]
#[case(
    "a\n{% for each in records %}\n{{ each.pin }}\n{% endfor %}\n",
    "a\n007\n"
)]
fn a_template_writes_what_it_is_asked_for(#[case] source: &str, #[case] expected: &str) {
    assert_eq!(written(source, Escape::Plain).unwrap(), expected);
}

#[rstest]
#[case(
    Escape::Json,
    "{{ record.employee_name }}",
    r#""Dana \"Bo\" O'Neil & <Co>""#
)]
#[case(Escape::Json, "{{ record.state }}{{ none }}", "0null")]
#[case(
    Escape::Json,
    "{{ {'b': 1, 'a': record.pin} }}",
    r#"{"b":1,"a":"007"}"#
)]
#[case(
    Escape::Xml,
    "{{ record.employee_name }}",
    "Dana &quot;Bo&quot; O&#39;Neil &amp; &lt;Co&gt;"
)]
#[case(
    Escape::Xml,
    "{{ record.employee_name | xmlescape }}",
    "Dana &quot;Bo&quot; O&#39;Neil &amp; &lt;Co&gt;"
)]
#[case(Escape::Xml, "{{ record.pin | tojson }}", "&quot;007&quot;")]
#[case(Escape::Xml, "{{ 'a\u{1}b' }}", "a\u{fffd}b")]
#[case(
    Escape::Form,
    "n={{ record.employee_name }}",
    "n=Dana+%22Bo%22+O%27Neil+%26+%3CCo%3E"
)]
#[case(
    Escape::Form,
    "n={{ record.employee_name | urlencode }}",
    "n=Dana+%22Bo%22+O%27Neil+%26+%3CCo%3E"
)]
#[case(
    Escape::Form,
    "payload={{ [record.pin] | tojson }}",
    "payload=%5B%22007%22%5D"
)]
#[case(
    Escape::Plain,
    "{{ record.employee_name | urlencode }}",
    "Dana+%22Bo%22+O%27Neil+%26+%3CCo%3E"
)]
fn no_name_breaks_the_body_it_stands_in(
    #[case] escape: Escape,
    #[case] source: &str,
    #[case] expected: &str,
) {
    assert_eq!(written(source, escape).unwrap(), expected);
}

#[rstest]
#[case("application/json", Escape::Json)]
#[case("application/vnd.api+json; charset=utf-8", Escape::Json)]
#[case("text/xml; charset=utf-8", Escape::Xml)]
#[case("application/soap+xml", Escape::Xml)]
#[case("Application/X-WWW-Form-Urlencoded", Escape::Form)]
#[case("text/csv", Escape::Plain)]
fn the_content_type_says_how_values_are_written(
    #[case] content_type: &str,
    #[case] escape: Escape,
) {
    assert_eq!(Escape::of(content_type), escape);
}

#[rstest]
#[case("a\n{{ record.pin", 2, Fault::Template)]
#[case("a\nb\n{{ record.pin | nonsense }}", 3, Fault::Template)]
#[case("{{ nonsense() }}", 1, Fault::Template)]
#[case("\n{{ record.employe_id }}", 2, Fault::Record)]
#[case("{{ record.pin + 1 }}", 1, Fault::Record)]
#[case("{% include 'other' %}", 1, Fault::Template)]
#[case("{{ record.pin | strftime('%Y') }}", 1, Fault::Record)]
fn an_error_names_its_line(#[case] source: &str, #[case] line: usize, #[case] fault: Fault) {
    let error = written(source, Escape::Plain).unwrap_err();
    assert_eq!((error.line, error.fault), (Some(line), fault), "{error}");
    assert_eq!(error.place, "the body");
}

#[test]
fn a_name_that_does_not_exist_is_told_by_its_name() {
    let error = written("{{ record.employe_id }}", Escape::Plain).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the body, line 1: record.employe_id does not exist; correct the name, or give it a default"
    );
}

#[rstest]
#[case::endless_loop(
    "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}"
)]
#[case::a_long_text("{{ 'x' * 100000000 }}")]
#[case::a_growing_text(
    "{% set ns = namespace(t='x') %}{% for a in range(60) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}"
)]
#[case::a_long_list("{{ range(10000000) | list | length }}")]
#[case::much_output("{% for a in range(2000) %}0123456789{% endfor %}")]
fn a_template_that_does_too_much_is_stopped(#[case] source: &str) {
    let error = written(source, Escape::Plain).unwrap_err();
    assert!(
        matches!(error.fault, Fault::Size | Fault::Record),
        "{error:?}"
    );
}

#[test]
fn deep_nesting_is_an_error_and_not_the_end_of_the_program() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{% if 1 %}", "{% endif %}")] {
        let source = format!("{{{{ {}1{} }}}}", open.repeat(5_000), close.repeat(5_000));
        let source = if open.starts_with('{') {
            format!("{}1{}", open.repeat(5_000), close.repeat(5_000))
        } else {
            source
        };
        written(&source, Escape::Plain).unwrap_err();
    }
}

#[test]
fn the_same_batch_is_written_the_same_each_time() {
    let source = "{{ record }}{{ records }}{{ terminal }}{{ batch }}{{ {'z': 1, 'a': 2, 'm': 3} }}";
    let first = written(source, Escape::Json).unwrap();
    for _ in 0..20 {
        assert_eq!(written(source, Escape::Json).unwrap(), first);
    }
}

/// What `source` makes of a record of somebody with this name.
fn of_name(source: &str, escape: Escape, name: &str) -> String {
    let (facts, mut punches) = crate::sample();
    punches.truncate(1);
    punches[0].employee_name = name.to_owned();
    let facts = Facts {
        batch: &facts,
        secrets: &BTreeMap::new(),
    };
    let values = values(facts, &punches, true);
    let written = Engine::new(1).render("the body", source, escape, values, BODY_LIMIT);
    String::from_utf8(written.unwrap()).unwrap()
}

proptest! {
    #[test]
    fn any_name_is_read_back_from_json_as_it_was(name in any::<String>()) {
        for source in ["{{ record.employee_name }}", "{{ record.employee_name | tojson }}"] {
            let json = of_name(source, Escape::Json, &name);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), name.clone());
        }
    }

    #[test]
    fn any_name_is_read_back_from_a_form_as_it_was(name in any::<String>()) {
        let form = of_name("a=1&name={{ record.employee_name }}&b=2", Escape::Form, &name);
        let read: Vec<_> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        prop_assert_eq!(read, [pair("a", "1"), pair("name", &name), pair("b", "2")]);
    }

    #[test]
    fn no_name_opens_or_closes_anything_in_xml(name in any::<String>()) {
        let xml = of_name("{{ record.employee_name }}", Escape::Xml, &name);
        let is_plain = !xml.contains(['<', '>', '"', '\'', '\0', '\u{b}', '\u{fffe}']);
        prop_assert!(is_plain, "{}", xml);
        for after in xml.split('&').skip(1) {
            let (entity, _) = after.split_once(';').unwrap();
            prop_assert!(matches!(entity, "lt" | "gt" | "amp" | "quot" | "#39" | "#9" | "#10" | "#13"));
        }
    }

    #[test]
    fn no_template_ends_the_program(source in "[{}%#|.'\"()\\[\\]a-z0-9 \n~*+-]{0,60}") {
        let _ = written(&source, Escape::Json);
    }
}
