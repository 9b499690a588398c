use std::{collections::BTreeSet, time::Duration};

use super::{
    super::{
        clock,
        dice::Dice,
        manners::{Character, Manners, Mood, Poison, Turn},
    },
    bare, batch, id, punch,
};

fn manners(character: Character) -> Manners {
    Manners::new(character, Dice::new(1))
}

fn takes(turn: &Turn) -> bool {
    matches!(turn, Turn::Take(_))
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
        assert!(takes(&small.choose(&batch("a", &log[..1]), now)));
        let mut simple = manners(Character {
            only_bare: true,
            ..Character::default()
        });
        simple.set_mood(mood);
        assert_eq!(
            simple.choose(&batch("a", &log[..1]), now),
            Turn::Refuse(422)
        );
        assert!(takes(&simple.choose(&bare(&log[0]), now)));
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
    assert_eq!(manners.bad().count(), 1);
    assert_eq!(manners.choose(&batch("a", &log), now), Turn::Refuse(422));
    assert!(takes(&manners.choose(&batch("b", &log[1..]), now)));
    manners.set_mood(Mood::Cured);
    assert!(takes(&manners.choose(&batch("a", &log), now)));
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
    assert!(takes(&manners.choose(&batch("b", &log[..1]), now)));
}

#[test]
fn a_failing_receiver_fails_in_every_way_before_long_and_still_takes_most() {
    let log: Vec<_> = (0..60)
        .map(|minute| punch("1", &format!("2026-01-01 08:{minute:02}:00")))
        .collect();
    let mut manners = manners(Character {
        largest: Some(30),
        lists: true,
        ..Character::default()
    });
    manners.set_mood(Mood::Failing);
    let began = clock::now();
    let mut away = false;
    // Time passes between requests, so that no spell lasts.
    let turns: Vec<Turn> = (0..800)
        .map(|second| {
            let now = began + Duration::from_secs(3 * second);
            let size = usize::try_from(2 + second % 29).unwrap();
            let from = usize::try_from(second % 30).unwrap();
            away |= manners.is_away(now);
            let turn = manners.choose(&batch("a", &log[from..from + size]), now);
            away |= manners.is_away(now);
            turn
        })
        .collect();
    let kinds: BTreeSet<&str> = manners.turns().keys().map(String::as_str).collect();
    for kind in [
        "200 slowly",
        "301",
        "302",
        "308",
        "401",
        "403",
        "404",
        "408",
        "410",
        "413",
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
        "half a list",
        "half an answer after taking",
        "no answer after taking",
        "no answer before taking",
    ] {
        assert!(kinds.contains(kind), "{kind} is missing in {kinds:?}");
    }
    assert!(away);
    let taken = turns.iter().filter(|turn| takes(turn)).count();
    assert!(taken > 100, "{taken} of 800");
}

#[test]
fn one_that_lists_takes_the_others_and_names_what_it_refuses() {
    let log = [
        punch("7", "2026-01-01 08:00:00"),
        punch("1", "2026-01-01 08:00:00"),
    ];
    let mut manners = manners(Character {
        refuses: Some(Poison {
            pin: "7".to_owned(),
            records: 1,
        }),
        lists: true,
        ..Character::default()
    });
    let now = clock::now();
    manners.set_mood(Mood::Failing);
    manners.choose(&batch("a", &log), now);
    manners.set_mood(Mood::Healthy);
    let Turn::TakePart { taken, refused } = manners.choose(&batch("a", &log), now) else {
        panic!("not in part");
    };
    assert_eq!(
        (taken, refused),
        ([id(&log[1])].into(), [id(&log[0])].into())
    );
}

#[test]
fn one_that_says_conflict_does_so_to_what_it_has_alone() {
    let log = [
        punch("7", "2026-01-01 08:00:00"),
        punch("1", "2026-01-01 08:00:00"),
    ];
    let mut manners = manners(Character {
        says_conflict: true,
        ..Character::default()
    });
    let now = clock::now();
    assert!(takes(&manners.choose(&bare(&log[0]), now)));
    assert_eq!(manners.choose(&bare(&log[0]), now), Turn::Refuse(409));
    assert!(takes(&manners.choose(&batch("a", &log), now)));
}

#[test]
fn what_it_never_takes_is_500_however_often_it_comes_alone_until_it_is_cured() {
    let log = [punch("7", "2026-01-01 08:00:00")];
    let mut manners = manners(Character {
        never_takes: Some(Poison {
            pin: "7".to_owned(),
            records: 1,
        }),
        ..Character::default()
    });
    let now = clock::now();
    manners.set_mood(Mood::Failing);
    manners.choose(&batch("a", &log), now);
    manners.set_mood(Mood::Healthy);
    for _ in 0..9 {
        assert_eq!(manners.choose(&batch("a", &log), now), Turn::Refuse(500));
    }
    manners.set_mood(Mood::Cured);
    assert!(takes(&manners.choose(&batch("a", &log), now)));
}
