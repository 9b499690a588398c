use crate::{Acquaintance, PersonId, Pin, SuggestionReason, suggest};

fn people() -> Vec<Acquaintance> {
    let known = [
        (1, "0042", "Mona Said", ""),
        (2, "7", "Anna Schmidt", ""),
        (3, "E9", "Robert Miller", "Bob the Builder"),
        (4, "E10", "Roberto Milleri", ""),
        (5, "E11", "", ""),
    ];
    known
        .into_iter()
        .map(|(id, number, name, elsewhere)| Acquaintance {
            id: PersonId(id),
            employee_number: number.to_owned(),
            name: name.to_owned(),
            known_as: vec![elsewhere.to_owned()],
        })
        .collect()
}

fn suggested(pin: &str, name: Option<&str>) -> Vec<(i64, SuggestionReason)> {
    let asked = [(Pin::new(pin).unwrap(), name.map(str::to_owned))];
    suggest(&people(), &asked)
        .remove(0)
        .into_iter()
        .map(|each| (each.person.0, each.reason))
        .collect()
}

#[test]
fn an_employee_number_is_suggested_with_and_without_its_zeros() {
    assert_eq!(
        suggested("42", None),
        [(1, SuggestionReason::NumberButZeros)]
    );
    assert_eq!(
        suggested("0007", None),
        [(2, SuggestionReason::NumberButZeros)]
    );
    assert_eq!(suggested("7", None), [(2, SuggestionReason::SameNumber)]);
}

#[test]
fn the_same_name_is_suggested_before_one_that_is_like_it() {
    assert_eq!(
        suggested("99", Some("MILLER Robert")),
        [
            (3, SuggestionReason::SameName),
            (4, SuggestionReason::LikeName)
        ]
    );
}

#[test]
fn the_name_that_another_terminal_has_is_suggested() {
    assert_eq!(
        suggested("99", Some("bob the builder")),
        [(3, SuggestionReason::SameNameElsewhere)]
    );
}

#[test]
fn a_name_with_a_letter_wrong_is_suggested() {
    assert_eq!(
        suggested("99", Some("Ana Schmid")),
        [(2, SuggestionReason::LikeName)]
    );
}

#[test]
fn a_stranger_is_nobody() {
    assert_eq!(suggested("99", Some("Zheng Wei")), []);
    assert_eq!(suggested("99", Some("99")), []);
}
