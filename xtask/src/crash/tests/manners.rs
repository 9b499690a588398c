use std::{collections::BTreeSet, time::Duration};

use super::{
    super::{
        clock,
        dice::Dice,
        manners::{Character, Manners, Mood, Poison, Turn},
    },
    bare, batch, punch,
};

fn manners(character: Character) -> Manners {
    Manners::new(character, Dice::new(1))
}

#[test]
fn too_many_records_are_413_and_those_that_are_not_bare_422_whatever_the_mood() {
    let log = [
        punch("1", "2026-01-01 08:00:00"),
        punch("2", "2026-01-01 08:00:00"),
    ];
    for mood in [Mood::Healthy, Mood::Cured] {
        let mut small = manners(Character {
            largest: Some(1),
            ..Character::default()
        });
        small.set_mood(mood);
        let now = clock::now();
        assert_eq!(small.choose(&batch("a", &log), now), Turn::Refuse(413));
        assert!(small.choose(&batch("a", &log[..1]), now).takes());
        let mut simple = manners(Character {
            only_bare: true,
            ..Character::default()
        });
        simple.set_mood(mood);
        assert_eq!(
            simple.choose(&batch("a", &log[..1]), now),
            Turn::Refuse(422)
        );
        assert!(simple.choose(&bare(&log[0]), now).takes());
    }
}

#[test]
fn poison_is_refused_until_it_is_cured_and_only_so_much_of_it() {
    let log = [
        punch("7", "2026-01-01 08:00:00"),
        punch("7", "2026-01-01 09:00:00"),
        punch("1", "2026-01-01 08:00:00"),
    ];
    let mut manners = manners(Character {
        refuses: Some(Poison {
            pin: "7".to_owned(),
            records: 1,
        }),
        ..Character::default()
    });
    let now = clock::now();
    manners.set_mood(Mood::Failing);
    manners.choose(&batch("a", &log), now);
    manners.set_mood(Mood::Healthy);
    assert_eq!(manners.refused().len(), 1);
    assert_eq!(manners.choose(&batch("a", &log), now), Turn::Refuse(422));
    assert!(manners.choose(&batch("b", &log[1..]), now).takes());
    manners.set_mood(Mood::Cured);
    assert!(manners.choose(&batch("a", &log), now).takes());
}

#[test]
fn a_record_that_breaks_it_passes_when_it_came_alone_twice() {
    let log = [
        punch("7", "2026-01-01 08:00:00"),
        punch("1", "2026-01-01 08:00:00"),
    ];
    let mut manners = manners(Character {
        breaks_at: Some(Poison {
            pin: "7".to_owned(),
            records: 1,
        }),
        ..Character::default()
    });
    let now = clock::now();
    manners.set_mood(Mood::Failing);
    manners.choose(&batch("a", &log), now);
    manners.set_mood(Mood::Healthy);
    for _ in 0..3 {
        assert_eq!(manners.choose(&batch("a", &log), now), Turn::Refuse(500));
    }
    for _ in 0..2 {
        assert_eq!(
            manners.choose(&batch("b", &log[..1]), now),
            Turn::Refuse(500)
        );
    }
    assert!(manners.choose(&batch("b", &log[..1]), now).takes());
}

#[test]
fn a_failing_receiver_fails_in_every_way_before_long_and_still_takes_most() {
    let log = [punch("1", "2026-01-01 08:00:00")];
    let mut manners = manners(Character::default());
    manners.set_mood(Mood::Failing);
    let began = clock::now();
    // A second passes between requests, so that no spell lasts.
    let turns: Vec<Turn> = (0..400)
        .map(|second| manners.choose(&batch("a", &log), began + Duration::from_secs(second)))
        .collect();
    let kinds: BTreeSet<&str> = manners.turns().keys().map(String::as_str).collect();
    for kind in [
        "200 slowly",
        "401",
        "408",
        "422",
        "425",
        "429",
        "500",
        "502",
        "503",
        "cut after taking",
        "cut before taking",
        "endless answer after taking",
        "error inside 200",
        "half an answer after taking",
        "no answer after taking",
        "no answer before taking",
    ] {
        assert!(kinds.contains(kind), "{kind} is missing in {kinds:?}");
    }
    let taken = turns
        .iter()
        .filter(|turn| matches!(turn, Turn::Take(_)))
        .count();
    assert!(taken > 200, "{taken} of 400");
}
