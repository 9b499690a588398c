use domain::SuggestionReason;
use storage::InboxKind;

use super::{inbox::AnswerForm, list::PersonForm, one::released};
use crate::actions::{AnswerWish, PersonView, Whom};

#[test]
fn an_unchanged_form_keeps_a_person_as_they_are() {
    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    let person = PersonView {
        id: 1,
        employee_number: "007".to_owned(),
        name: "Dana".to_owned(),
        groups: vec!["Drivers".to_owned(), "Night".to_owned()],
        site: None,
        active: true,
        created_at: at,
        changed_at: at,
    };
    let wish = PersonForm::of(&person).wish();
    assert_eq!(wish.employee_number.as_deref(), Some("007"));
    assert_eq!(wish.groups, Some(person.groups));
    assert_eq!((wish.site, wish.active), (Some(None), Some(true)));
}

#[test]
fn a_button_of_a_suggestion_names_its_person() {
    let form: AnswerForm = serde_json::from_str(r#"{"person": "5", "answer": ""}"#).unwrap();
    let AnswerWish::Person { person, from: None } = form.wish().unwrap() else {
        unreachable!("it names a person");
    };
    assert_eq!(person, Whom::Id(5));
}

#[test]
fn somebody_is_added_as_the_terminal_calls_them() {
    let form: AnswerForm =
        serde_json::from_str(r#"{"answer": "as_called", "user_id": "42", "called": "Mona"}"#)
            .unwrap();
    let AnswerWish::NewPerson { person, .. } = form.wish().unwrap() else {
        unreachable!("it is somebody new");
    };
    assert_eq!(
        (person.employee_number.as_deref(), person.name.as_deref()),
        (Some("42"), Some("Mona"))
    );
}

#[test]
fn an_answer_without_a_number_is_told_what_is_missing() {
    let form: AnswerForm = serde_json::from_str(r#"{"answer": "new"}"#).unwrap();
    assert!(
        form.wish()
            .unwrap_err()
            .to_string()
            .contains("employee number")
    );
}

#[test]
fn what_goes_by_an_answer_is_told_in_words() {
    assert_eq!(released(0), "");
    assert_eq!(released(1), "1 punch that waited goes now.");
    assert_eq!(released(3), "3 punches that waited go now.");
}

#[test]
fn every_kind_of_question_has_its_words() {
    use super::inbox::Item;
    use crate::{
        actions::{InboxItemView, PersonNameView, SuggestionView},
        ui::frame::Moment,
    };

    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    let dana = PersonNameView {
        id: 1,
        employee_number: "007".to_owned(),
        name: "Dana".to_owned(),
    };
    for (kind, words) in [
        (InboxKind::Unmapped, "Whose is user id 42"),
        (InboxKind::Number, "whose employee number it is"),
        (InboxKind::Renamed, "calls user id 42"),
        (InboxKind::Returned, "added again"),
    ] {
        let view = InboxItemView {
            id: 1,
            kind,
            device: 1,
            user_id: "42".to_owned(),
            called: Some("D".to_owned()),
            person: Some(dana.clone()),
            asked: Some(dana.clone()),
            old_name: None,
            new_name: None,
            opened_at: at,
            punches: 3,
            first_punch: None,
            last_punch: None,
            suggestions: vec![SuggestionView {
                person: dana.clone(),
                reason: SuggestionReason::SameName,
            }],
            answered: None,
        };
        let moment = Moment::new(at, at, &jiff::tz::TimeZone::UTC);
        let item = Item::new(&view, "Gate", moment);
        assert!(item.question().contains(words), "{}", item.question());
    }
}
