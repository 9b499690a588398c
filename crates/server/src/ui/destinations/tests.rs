use domain::{BodySpec, FieldValue, RequestAuth, RequestSpec, Schedule, Secret};

use super::{
    form::{blank, history, request, wish},
    request::ShownRequest,
    show::class_pill,
};
use crate::{
    actions::{History, RequestView},
    ui::{fields::Fields, frame::Tone},
};

fn typed(pairs: &[(&str, &str)]) -> Fields {
    let mut form = Fields::default();
    for (name, value) in pairs {
        form.put(name, value);
    }
    form
}

#[test]
fn an_untouched_form_asks_for_the_seeds_request() {
    let form = blank();
    assert_eq!(request(&form).unwrap(), RequestSpec::default());
    let wish = wish(&form).unwrap();
    assert_eq!(wish.schedule, Some(Schedule::AtOnce));
    assert_eq!(history(&form).unwrap(), History::FromNow);
}

#[test]
fn headers_are_written_a_line_each_and_a_masked_one_stays_a_secret() {
    let form = typed(&[("headers", "X-Site: {{ terminal.name }}\r\nX-Key: ***\r\n")]);
    let headers = request(&form).unwrap().headers;
    assert_eq!(
        headers[0].value,
        FieldValue::Value("{{ terminal.name }}".to_owned())
    );
    assert_eq!(
        headers[1].value,
        FieldValue::Secret(Secret::new("***".to_owned()))
    );
}

#[test]
fn a_line_that_is_no_header_is_told_by_its_number_and_not_repeated() {
    let form = typed(&[("headers", "X-Site: a\nsecret words")]);
    let problem = request(&form).unwrap_err().to_string();
    assert!(
        problem.contains("line 2") && !problem.contains("secret"),
        "{problem}"
    );
}

#[test]
fn an_answer_that_means_already_there_is_a_status_and_a_text_which_may_hold_colons() {
    let form = typed(&[(
        "already_there",
        "417: already: there\r\n 500 : duplicate key",
    )]);
    let rules = request(&form).unwrap().already_there;
    let rules: Vec<_> = rules
        .iter()
        .map(|each| (each.status, each.text.as_str()))
        .collect();
    assert_eq!(rules, [(417, "already: there"), (500, "duplicate key")]);
    // A status that is none is refused where the request is checked.
    let form = typed(&[("already_there", "teapot: already")]);
    assert_eq!(request(&form).unwrap().already_there[0].status, 0);
}

#[test]
fn a_template_has_the_line_breaks_that_were_typed() {
    let form = typed(&[
        ("shape", "template"),
        ("content_type", "text/plain"),
        ("source", "a\r\nb"),
    ]);
    let BodySpec::Template { source, .. } = request(&form).unwrap().body else {
        unreachable!("the form asks for a template");
    };
    assert_eq!(source, "a\nb");
}

#[test]
fn only_the_chosen_way_of_authentication_counts() {
    let form = typed(&[
        ("auth", "bearer"),
        ("bearer", "token"),
        ("username", "left over"),
    ]);
    assert_eq!(
        request(&form).unwrap().auth,
        RequestAuth::Bearer {
            token: Secret::new("token".to_owned())
        }
    );
}

#[test]
fn history_from_no_day_is_refused() {
    assert!(history(&typed(&[("history", "since")])).is_err());
    assert!(history(&typed(&[])).is_err());
    let since = typed(&[("history", "since"), ("since", "2026-11-01")]);
    assert_eq!(
        history(&since).unwrap(),
        History::Since("2026-11-01".to_owned())
    );
}

#[test]
fn a_body_is_broken_into_lines_and_keeps_its_signs() {
    let shown = |body: &str| {
        ShownRequest::from(RequestView {
            body: Some(body.to_owned()),
            ..RequestView::default()
        })
        .body
    };
    assert_eq!(
        shown(r#"{"b":"a, \"x\": {","a":[1,2],"n":{}}"#),
        "{\n  \"b\": \"a, \\\"x\\\": {\",\n  \"a\": [\n    1,\n    2\n  ],\n  \"n\": {}\n}"
    );
    assert_eq!(shown("<a>1</a>"), "<a>1</a>");
    assert_eq!(shown("{not json"), "{not json");
}

#[test]
fn a_class_that_is_not_known_is_told_as_it_is() {
    let pill = class_pill("render_failed");
    assert_eq!(
        (pill.tone, pill.word.as_str()),
        (Tone::Bad, "render failed")
    );
}
