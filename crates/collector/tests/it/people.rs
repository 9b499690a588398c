//! People and their fingerprints: kept, written back, and taken to another terminal.

use collector::{CommandError, Saved, UserChange};
use domain::{Pin, TerminalId};
use rstest::rstest;
use zk_terminal::{Faults, Handle, Refusal, TerminalConfig, User};
use zk_wire::{RowLayout, TemplateRow, UserFormat, code};

use crate::world::{SELDOM, World, config, contents, terminal};

async fn known(world: &World, make: TerminalConfig, users: usize) -> (Handle, TerminalId) {
    let gate = terminal(make, contents(users, 10)).await;
    let id = world.register(gate.address()).await;
    world
        .shows(id, "a good contact", |status| {
            status.connected && !status.busy
        })
        .await;
    (gate, id)
}

fn pin(text: &str) -> Pin {
    Pin::new(text).unwrap()
}

fn fingerprint(uid: u16, finger: u8) -> TemplateRow {
    let mut template = b"M\x11SS21".to_vec();
    template.extend((0..500_u16).map(|at| (at % 251).to_le_bytes()[0] ^ finger | 1));
    TemplateRow {
        uid,
        finger,
        valid: 1,
        template,
    }
}

fn user(gate: &Handle, pin: &str) -> User {
    gate.users()
        .into_iter()
        .find(|user| user.pin == pin)
        .expect("a user of this PIN")
}

fn fingers(gate: &Handle, pin: &str) -> Vec<(u8, Vec<u8>)> {
    let uid = user(gate, pin).uid;
    gate.templates()
        .into_iter()
        .filter(|row| row.uid == uid)
        .map(|row| (row.finger, row.template))
        .collect()
}

fn named(pin: &str, name: &str) -> UserChange {
    UserChange {
        pin: Pin::new(pin).unwrap(),
        name: Some(name.to_owned()),
        privilege: None,
        password: None,
        card: None,
        group: None,
    }
}

#[tokio::test]
async fn fingerprints_are_kept_sealed_and_written_back_after_they_were_deleted() {
    let world = World::new(SELDOM).await;
    let (gate, id) = known(&world, config("A1"), 3).await;
    let uid = user(&gate, "1002").uid;
    for finger in [0, 6] {
        gate.add_template(fingerprint(uid, finger)).unwrap();
    }
    let before = fingers(&gate, "1002");
    let read = world.collector.read_templates(id).await.unwrap();
    assert_eq!((read.templates, read.people), (2, 1));
    let kept = world
        .ledger
        .templates(id, Some(&pin("1002")))
        .await
        .unwrap();
    assert_eq!(kept[0].algorithm.as_deref(), Some("ZKFinger 10.0"));

    world
        .collector
        .delete_template(id, pin("1002"), 6)
        .await
        .unwrap();
    assert_eq!(fingers(&gate, "1002").len(), 1);
    assert_eq!(world.ledger.templates(id, None).await.unwrap().len(), 1);
    let results = world
        .collector
        .write_templates(id, vec![pin("1002"), pin("1003")])
        .await
        .unwrap();
    assert_eq!(results[0].outcome.as_ref().unwrap().templates, 1);
    assert!(matches!(
        results[1].outcome,
        Err(CommandError::Invalid { .. })
    ));
    assert_eq!(fingers(&gate, "1002"), before[..1]);
}

#[tokio::test]
async fn people_are_copied_with_their_fingers_roles_and_cards() {
    let world = World::new(SELDOM).await;
    let (from, from_id) = known(&world, config("A1"), 3).await;
    let (to, to_id) = known(&world, config("B2"), 2).await;
    let boss = User {
        uid: 40,
        pin: "77".to_owned(),
        name: "Zoë Ørsted".to_owned(),
        privilege: 15,
        password: "4321".to_owned(),
        card: 4_711,
        group: 2,
    };
    from.add_user(&boss).unwrap();
    from.add_template(fingerprint(40, 1)).unwrap();
    from.add_template(fingerprint(40, 5)).unwrap();
    let pins = Some(vec![pin("77"), pin("404")]);

    let plan = world
        .collector
        .copy_people(from_id, to_id, pins.clone(), true)
        .await
        .unwrap();
    assert_eq!(plan[1].outcome.as_ref().unwrap().saved, Saved::Added);
    assert_eq!(to.activity().uploads, 0);

    let results = world
        .collector
        .copy_people(from_id, to_id, pins.clone(), false)
        .await
        .unwrap();
    assert_eq!(results[0].pin, "404");
    assert!(matches!(
        results[0].outcome,
        Err(CommandError::Invalid { .. })
    ));
    let copied = results[1].outcome.as_ref().unwrap();
    assert_eq!((copied.saved, copied.templates), (Saved::Added, 2));
    let there = user(&to, "77");
    assert_eq!(
        there,
        User {
            uid: there.uid,
            ..boss
        }
    );
    assert_eq!(fingers(&to, "77"), fingers(&from, "77"));
    let people = world.ledger.enrolments(to_id).await.unwrap();
    assert!(people.iter().any(|person| person.pin == pin("77")));
    // Once more changes nothing.
    let again = world
        .collector
        .copy_people(from_id, to_id, pins, false)
        .await
        .unwrap();
    assert_eq!(again[1].outcome.as_ref().unwrap().saved, Saved::Unchanged);
    assert_eq!(to.users().len(), 3);
}

#[rstest]
#[case::it_takes_them(None, 3, None)]
#[case::it_takes_common_ones_only(
    Some(code::TEMPLATE_STORE),
    1,
    Some("finger 5 gave a silent alarm and does not on this terminal")
)]
#[tokio::test]
async fn a_finger_that_gives_a_silent_alarm_stays_one_where_the_terminal_takes_it(
    #[case] refused: Option<u16>,
    #[case] valid: u8,
    #[case] warned: Option<&str>,
) {
    let world = World::new(SELDOM).await;
    let (from, from_id) = known(&world, config("A1"), 3).await;
    let (to, to_id) = known(&world, config("B2"), 2).await;
    to.set_faults(Faults {
        refusal: refused.map(|command| Refusal {
            command,
            code: code::ACK_ERROR,
        }),
        ..Faults::default()
    });
    let uid = user(&from, "1003").uid;
    from.add_template(fingerprint(uid, 1)).unwrap();
    let duress = TemplateRow {
        valid: 3,
        ..fingerprint(uid, 5)
    };
    from.add_template(duress).unwrap();
    let planned = world
        .collector
        .copy_people(from_id, to_id, Some(vec![pin("1003")]), true)
        .await
        .unwrap();
    let warning = planned[0].outcome.as_ref().unwrap().warning.as_deref();
    assert!(
        warning.is_some_and(|text| text.contains("finger 5 gives a silent alarm")),
        "{warning:?}"
    );
    assert!(to.templates().is_empty(), "a dry run writes nothing");
    for _ in 0..2 {
        let results = world
            .collector
            .copy_people(from_id, to_id, Some(vec![pin("1003")]), false)
            .await
            .unwrap();
        let copied = results[0].outcome.as_ref().unwrap();
        assert_eq!(copied.templates, 2);
        let warning = copied.warning.as_deref();
        assert_eq!(warning.is_some(), warned.is_some(), "{warning:?}");
        assert!(warned.is_none_or(|warned| warning.is_some_and(|text| text.contains(warned))));
        assert_eq!(fingers(&to, "1003"), fingers(&from, "1003"));
        let there: Vec<u8> = to.templates().iter().map(|row| row.valid).collect();
        assert_eq!(there, [1, valid]);
    }
}

#[tokio::test]
async fn fingers_of_another_algorithm_are_not_copied() {
    let world = World::new(SELDOM).await;
    let (from, from_id) = known(&world, config("A1"), 2).await;
    let (to, to_id) = known(
        &world,
        TerminalConfig {
            fingerprint_version: "9".to_owned(),
            ..config("B2")
        },
        1,
    )
    .await;
    from.add_template(fingerprint(user(&from, "1002").uid, 1))
        .unwrap();
    let results = world
        .collector
        .copy_people(from_id, to_id, None, false)
        .await
        .unwrap();
    let refused = results[1].outcome.as_ref().unwrap_err().to_string();
    assert!(
        refused.contains("algorithm 10") && refused.contains("9 on the other"),
        "{refused}"
    );
    // Who has no fingers there is copied.
    assert!(results[0].outcome.is_ok());
    assert_eq!(to.users().len(), 1);
}

#[rstest]
#[case::large(UserFormat::B72, RowLayout::R40)]
#[case::small(UserFormat::B28, RowLayout::R16)]
#[tokio::test]
async fn many_new_users_go_in_one_transfer(
    #[case] user_format: UserFormat,
    #[case] record_format: RowLayout,
) {
    let world = World::new(SELDOM).await;
    let make = TerminalConfig {
        user_format,
        record_format,
        ..config("A1")
    };
    let (gate, id) = known(&world, make, 3).await;
    let changes: Vec<UserChange> = (1..=300)
        .map(|number| named(&(9_000 + number).to_string(), "Neu"))
        .chain([named("1001", "Anders")])
        .collect();
    let results = world
        .collector
        .save_users(id, changes, false)
        .await
        .unwrap();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!((gate.users().len(), gate.activity().uploads), (303, 1));
    assert_eq!(user(&gate, "1001").name, "Anders");
    assert_eq!(world.ledger.enrolments(id).await.unwrap().len(), 303);
}

#[tokio::test]
async fn names_are_read_and_written_in_the_code_page_that_they_are_in() {
    let world = World::new(SELDOM).await;
    let (gate, id) = known(&world, config("A1"), 12).await;
    let names = [
        "Иванов",
        "Петров",
        "Сидоров",
        "Смирнов",
        "Кузнецов",
        "Попов",
        "Васильев",
        "Новиков",
    ];
    for (number, name) in names.iter().enumerate() {
        let bytes = zk_wire::text::encode(name, zk_wire::text::WINDOWS_1251, 24).unwrap();
        assert!(gate.set_raw_name(&(1_001 + number).to_string(), &bytes.bytes));
    }
    world
        .collector
        .save_user(id, named("1009", "Фёдоров"))
        .await
        .unwrap();
    let people = world.ledger.enrolments(id).await.unwrap();
    let name = |text: &str| {
        let person = people.iter().find(|person| person.pin == pin(text));
        person.map(|person| person.name.clone()).unwrap()
    };
    assert_eq!(
        (name("1001"), name("1009")),
        ("Иванов".to_owned(), "Фёдоров".to_owned())
    );
    let written = gate.raw_name("1009").unwrap();
    assert_eq!(written[..7], [0xd4, 0xb8, 0xe4, 0xee, 0xf0, 0xee, 0xe2]);
}

#[tokio::test]
async fn a_name_that_is_too_long_is_cut_and_said_to_be() {
    let world = World::new(SELDOM).await;
    let (gate, id) = known(&world, config("A1"), 2).await;
    let long = "Wolfeschlegelsteinhausenbergerdorff";
    let saved = world
        .collector
        .save_user(id, named("501", long))
        .await
        .unwrap();
    assert_eq!(user(&gate, "501").name, "Wolfeschlegelsteinhause");
    let warning = saved.warning.unwrap();
    assert!(
        warning.contains("Wolfeschlegelsteinhause\" instead"),
        "{warning}"
    );
}
