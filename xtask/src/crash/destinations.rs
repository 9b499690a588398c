//! Who gets the punches: destinations as different as they come, each with a receiver of its own.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Duration};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{
    dice::Dice,
    journal::{Event, Journal, Word},
    judge::Log,
    manners::{Character, Poison},
    receiver::{Receiver, SENDERS_TIMEOUT},
    request::{Doors, text},
    roster::{DRIVERS, Roster},
    server::Serve,
    wants::Wants,
};

/// Before any punch.
const BEGINNING: &str = "2000-01-01";
/// Gets every punch.
pub(super) const DEFAULT: &str = "default";
/// The PIN of which the default destination's receiver never takes a record.
const NEVER_TAKEN: &str = "1009";
/// How long a record is tried that fails alone while others pass: as short as it may be.
const GIVE_UP_AFTER: Duration = Duration::from_mins(1);

pub(super) struct Destination {
    pub(super) name: &'static str,
    pub(super) receiver: Receiver,
    /// Whether people change its filter while the server runs.
    pub(super) changes_its_mind: bool,
    wants: Arc<Wants>,
    batch_size: u32,
    /// What else is set of its request.
    more: Value,
}

/// How many filters [`mornings`] knows.
pub(super) const MINDS: u64 = 5;

/// Filters of a destination that changes its mind. Each wants the person whose records its receiver refuses.
pub(super) fn mornings(mind: u64) -> Wants {
    let (people, kinds) = match mind {
        0 => (Some(pins(1001..1013)), vec!["Check In"]),
        1 => (Some(pins(1004..1009)), vec!["Check In", "Check Out"]),
        2 => (Some(pins(1001..1007)), vec!["Check In"]),
        3 => (Some(pins(1001..1021)), vec!["Check In"]),
        _ => (Some(pins(1006..1021)), vec!["Check In", "Check Out"]),
    };
    Wants {
        people,
        kinds: Some(kinds),
        ..Wants::default()
    }
}

fn pins(range: Range<u16>) -> Vec<String> {
    range.map(|pin| pin.to_string()).collect()
}

/// Starts the receivers; `ports` are those of the terminals.
pub(super) fn start(
    dice: &mut Dice,
    doors: &Doors,
    ports: &[u16],
) -> anyhow::Result<Vec<Destination>> {
    let poison = |pin: &str, records| {
        Some(Poison {
            pin: pin.to_owned(),
            records,
        })
    };
    let mut open = |character| Receiver::start(character, dice.fork(), doors.clone());
    let mut destination = |name, character, wants: Wants, batch_size| {
        anyhow::Ok(Destination {
            name,
            receiver: open(character)?,
            changes_its_mind: false,
            wants: Arc::new(wants),
            batch_size,
            more: json!({}),
        })
    };
    let everything = Character {
        refuses: poison("1005", 5),
        never_takes: poison(NEVER_TAKEN, 1),
        ..Character::default()
    };
    let events = Character {
        largest: Some(30),
        breaks_at: poison("1007", 4),
        ..Character::default()
    };
    let lists = Character {
        lists: true,
        refuses: poison("1006", 3),
        ..Character::default()
    };
    let simple = Character {
        only_bare: true,
        says_conflict: true,
        refuses: poison("1004", 2),
        ..Character::default()
    };
    let some = Wants {
        terminals: ports.get(1).map(|port| vec![*port]),
        people: Some(pins(1003..1006)),
        ..Wants::default()
    };
    let drivers = Wants {
        groups: Some(vec![DRIVERS]),
        ..Wants::default()
    };
    Ok(vec![
        destination(DEFAULT, everything, Wants::default(), 50)?,
        Destination {
            more: json!({ "body": { "shape": "events" } }),
            ..destination("Events", events, Wants::default(), 500)?
        },
        Destination {
            changes_its_mind: true,
            ..destination("Mornings", lists, mornings(0), 7)?
        },
        destination("One by one", simple, some, 20)?,
        destination(DRIVERS, Character::default(), drivers, 9)?,
    ])
}

/// Sends what the default destination still owes of the person whose record its receiver never takes; how long that was
/// tried decides then.
pub(super) fn hurry(serve: &Serve) -> anyhow::Result<()> {
    serve
        .post("/api/send-attendance", &json!({ "emp_no": NEVER_TAKEN }))
        .map(drop)
}

impl Destination {
    pub(super) fn journal(&self) -> &Journal {
        self.receiver.journal()
    }

    pub(super) fn path(&self) -> String {
        format!("/api/v1/destinations/{}", self.name.replace(' ', "%20"))
    }

    /// Makes it known to the server.
    pub(super) fn add(&self, serve: &Serve) -> anyhow::Result<()> {
        let word = Word::Wants(Arc::clone(&self.wants));
        self.journal().add(Event::Telling(word.clone()));
        self.set_up(serve)?;
        self.journal().add(Event::Told(word));
        Ok(())
    }

    fn set_up(&self, serve: &Serve) -> anyhow::Result<()> {
        let mut request = self.more.clone();
        request["timeout_secs"] = json!(SENDERS_TIMEOUT.as_secs());
        if self.name == DEFAULT {
            // It is there once something of it was set; all is said before it has a URL.
            serve.post(
                "/api/export-config",
                &json!({ "start_from": BEGINNING, "batch_size": self.batch_size }),
            )?;
            serve.patch(
                &self.path(),
                &json!({
                    "include_record_id": true,
                    "give_up_after": GIVE_UP_AFTER.as_secs(),
                    "request": request,
                }),
            )?;
            serve.post(
                "/api/export-config",
                &json!({ "export_url": self.receiver.url(), "auto_export": true }),
            )?;
            return Ok(());
        }
        serve.post(
            "/api/v1/destinations",
            &json!({
                "name": self.name,
                "url": self.receiver.url(),
                "history": { "since": BEGINNING },
                "filter": self.wants.filter(),
                "needs_mapping": self.wants.needs_mapping(),
                "order": "per_person",
                "batch_size": self.batch_size,
                "include_record_id": true,
                "request": request,
            }),
        )?;
        Ok(())
    }

    /// A change of nothing makes a waiting destination try at once, and ends its pause.
    pub(super) fn nudge(&self, serve: &Serve) -> anyhow::Result<()> {
        serve.patch(&self.path(), &json!({})).map(drop)
    }

    /// Sends again what is parked; gives how many.
    pub(super) fn replay(&self, serve: &Serve) -> anyhow::Result<u64> {
        let path = format!("{}/replay", self.path());
        let replayed = serve.post(&path, &json!({ "parked": true }))?;
        replayed
            .get("queued")
            .and_then(Value::as_u64)
            .context("a replay without queued")
    }

    /// What the server has set aside: reasons by record id.
    pub(super) fn parked(&self, serve: &Serve) -> anyhow::Result<BTreeMap<String, String>> {
        let path = format!(
            "/api/v1/deliveries?destination={}&state=parked&limit=1000",
            self.name.replace(' ', "%20")
        );
        let page = serve.get(&path)?;
        page.get("deliveries")
            .and_then(Value::as_array)
            .context("a page without deliveries")?
            .iter()
            .map(|each| Ok((text(each, "/record_id")?, text(each, "/reason")?)))
            .collect()
    }

    pub(super) fn change_wants(&mut self, wants: &Arc<Wants>, serve: &Serve) -> anyhow::Result<()> {
        serve.patch(&self.path(), &json!({ "filter": wants.filter() }))?;
        self.wants = Arc::clone(wants);
        Ok(())
    }

    /// Queues what is wanted by now and was not when it was stored.
    pub(super) fn queue_past(&self, serve: &Serve) -> anyhow::Result<()> {
        let path = format!("{}/queue-past", self.path());
        serve.post(&path, &json!({ "since": BEGINNING })).map(drop)
    }

    /// What of the terminals' logs it is to get once everybody is mapped.
    pub(super) fn wanted(&self, logs: &[Log], roster: &Roster) -> Vec<Log> {
        logs.iter()
            .map(|Log(punches)| {
                let wanted = punches
                    .iter()
                    .filter(|punch| self.wants.matches(punch, roster.of(punch)));
                Log(wanted.cloned().collect())
            })
            .collect()
    }
}
