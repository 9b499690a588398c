use super::Filter;

fn filter() -> Filter {
    Filter {
        start_date: "2026-11-01".to_owned(),
        emp_no: " 7, 0042 ".to_owned(),
        before: "20261125083000-9".to_owned(),
        ..Filter::default()
    }
}

#[test]
fn the_csv_has_the_filter_of_the_page_but_not_its_place() {
    assert_eq!(
        filter().csv(),
        "/api/attendance?start_date=2026-11-01&emp_no=7%2C%200042&format=sheet"
    );
}

#[test]
fn the_next_page_keeps_the_filter() {
    assert_eq!(
        filter().page("20261101083000-1"),
        "/punches?start_date=2026-11-01&emp_no=7%2C%200042&before=20261101083000-1"
    );
    assert_eq!(
        filter().page(""),
        "/punches?start_date=2026-11-01&emp_no=7%2C%200042"
    );
}

#[test]
fn an_empty_filter_is_no_filter() {
    let wish = Filter::default().wish().unwrap();
    assert_eq!(
        (
            wish.start_date,
            wish.end_date,
            wish.people.len(),
            wish.device
        ),
        (None, None, 0, None)
    );
}

#[test]
fn a_shift_is_taken_as_people_write_it() {
    for (text, secs) in [
        ("90", Some(90)),
        ("-90", Some(-90)),
        ("9822 days", Some(9_822 * 86_400)),
        ("3h 30m", Some(12_600)),
        ("-1 day", Some(-86_400)),
        ("", None),
        ("soon", None),
    ] {
        assert_eq!(super::held::shift_of(text), secs, "{text:?}");
    }
}
