use super::{
    fields::{filled, people, value},
    words::{count, link},
};
use crate::input::{Count, Seconds};

#[test]
fn one_is_not_many() {
    assert_eq!(count(1, "punch", "punches"), "1 punch");
    assert_eq!(count(0, "punch", "punches"), "0 punches");
    assert_eq!(count(18_214, "punch", "punches"), "18214 punches");
}

#[test]
fn a_link_leaves_out_what_is_empty_and_escapes_the_rest() {
    assert_eq!(
        link(
            "/users/edit",
            [("device", "1"), ("find", ""), ("user_id", "a/b&c=d é")]
        ),
        "/users/edit?device=1&user_id=a%2Fb%26c%3Dd%20%C3%A9"
    );
    assert_eq!(link("/users", [("device", "")]), "/users");
}

#[test]
fn an_empty_field_says_nothing() {
    assert_eq!(filled("  "), None);
    assert_eq!(value::<Count>("batch_size", " ").unwrap(), None);
}

#[test]
fn a_field_is_read_as_the_api_reads_it() {
    let Seconds(interval) = value::<Seconds>("interval", "5m").unwrap().unwrap();
    assert_eq!(interval.as_secs(), 300);
    let error = value::<Seconds>("interval", "soon")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("interval: \"soon\" is not a length of time"),
        "{error}"
    );
}

#[test]
fn user_ids_are_listed_with_commas_and_keep_their_zeros() {
    assert_eq!(people(" 7, 0042 ,").unwrap(), ["7", "0042"]);
    assert!(people("").unwrap().is_empty());
}

#[test]
fn commas_alone_do_not_mean_everybody() {
    assert!(people(" , ").is_err());
}
