use super::{
    form::{UserForm, privilege_word},
    import::{ImportForm, headline},
    list::UserRow,
};
use crate::actions::{ImportView, UserView};

fn user() -> UserView {
    UserView {
        user_id: "0042".to_owned(),
        name: "Amina".to_owned(),
        privilege: 14,
        card: 0,
        group_id: "1".to_owned(),
        has_password: true,
    }
}

#[test]
fn an_unchanged_form_changes_nothing_and_keeps_the_password() {
    let wish = UserForm::of(3, &user()).change().unwrap();
    assert_eq!(
        (wish.user_id.as_str(), wish.name.as_deref()),
        ("0042", Some("Amina"))
    );
    assert_eq!(
        (wish.privilege, wish.card, wish.group_id.as_deref()),
        (Some(14), Some(0), Some("1"))
    );
    assert_eq!(wish.password, None);
    assert_eq!(wish.device.as_deref(), Some("3"));
}

#[test]
fn what_is_left_empty_for_somebody_new_is_left_to_the_terminal() {
    let wish = UserForm {
        user_id: " 7 ".to_owned(),
        ..UserForm::default()
    }
    .addition()
    .unwrap();
    assert_eq!(wish.user_id, "7");
    assert_eq!(
        (wish.name, wish.privilege, wish.card, wish.group_id),
        (None, None, None, None)
    );
}

#[test]
fn a_card_that_is_no_number_is_told_by_its_name() {
    for card in ["blue", "-1", "4294967296"] {
        let form = UserForm {
            user_id: "7".to_owned(),
            card: card.to_owned(),
            ..UserForm::default()
        };
        assert!(
            form.addition().unwrap_err().to_string().starts_with("card"),
            "{card}"
        );
    }
}

#[test]
fn a_role_of_the_terminals_own_can_be_kept() {
    let form = UserForm::of(
        1,
        &UserView {
            privilege: 6,
            ..user()
        },
    );
    let chosen: Vec<String> = form
        .privileges()
        .into_iter()
        .filter(|choice| choice.chosen)
        .map(|choice| choice.word)
        .collect();
    assert_eq!(chosen, ["Role 6"]);
    assert_eq!(UserForm::of(1, &user()).privileges().len(), 2);
    assert_eq!(privilege_word(1), "Disabled (1)");
}

#[test]
fn links_to_a_user_keep_every_sign_of_their_id() {
    let row = UserRow::new(
        &UserView {
            user_id: "a&b".to_owned(),
            ..user()
        },
        "3",
    );
    assert!(
        format!("{row:?}").contains("/users/edit?device=3&user_id=a%26b"),
        "{row:?}"
    );
}

#[test]
fn an_import_names_headers_and_fields_as_people_write_them() {
    let form = ImportForm {
        url: " https://hr.example/people.json ".to_owned(),
        field_map: "user_id=emp_code, name = full_name".to_owned(),
        ..ImportForm::default()
    };
    let wish = form.wish().unwrap();
    assert_eq!(wish.url, "https://hr.example/people.json");
    assert_eq!(
        wish.field_map.get("user_id").map(String::as_str),
        Some("emp_code")
    );
    assert_eq!(
        wish.field_map.get("name").map(String::as_str),
        Some("full_name")
    );
    assert!(!wish.dry_run);
}

#[test]
fn field_names_without_an_equals_sign_are_refused() {
    let form = ImportForm {
        field_map: "emp_code".to_owned(),
        ..ImportForm::default()
    };
    assert!(form.wish().unwrap_err().to_string().contains("ours=theirs"));
}

#[test]
fn a_dry_run_says_that_nothing_was_changed() {
    let result = ImportView {
        total: 1,
        dry_run: true,
        state: "done",
        ..ImportView::default()
    };
    assert_eq!(
        headline(&result),
        "Nothing was changed yet: the list has 1 user"
    );
}
