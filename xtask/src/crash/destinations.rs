//! Who gets the punches: destinations as different as they come, each with a receiver of its own.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{
    dice::Dice,
    journal::Journal,
    judge::Log,
    manners::{Character, Poison},
    receiver::{Receiver, SENDERS_TIMEOUT},
    request::{Doors, Punch, text},
    server::Serve,
};

/// Before any punch.
const BEGINNING: &str = "2000-01-01";
const DEFAULT: &str = "default";

pub(super) struct Destination {
    pub(super) name: &'static str,
    pub(super) receiver: Receiver,
    wants: Wants,
    batch_size: u32,
    /// What else is set.
    more: Value,
}

/// The filter, as we read it. `None`: all.
#[derive(Default)]
struct Wants {
    terminals: Option<Vec<u16>>,
    people: Option<Vec<String>>,
    kinds: Option<Vec<&'static str>>,
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
    let pins = |range: std::ops::Range<u16>| Some(range.map(|pin| pin.to_string()).collect());
    let mut open = |character| Receiver::start(character, dice.fork(), doors.clone());
    Ok(vec![
        Destination {
            name: DEFAULT,
            receiver: open(Character {
                refuses: poison("1005", 5),
                ..Character::default()
            })?,
            wants: Wants::default(),
            batch_size: 50,
            more: json!({}),
        },
        Destination {
            name: "Events",
            receiver: open(Character {
                largest: Some(30),
                breaks_at: poison("1007", 4),
                ..Character::default()
            })?,
            wants: Wants::default(),
            batch_size: 500,
            more: json!({ "body": { "shape": "events" } }),
        },
        Destination {
            name: "Mornings",
            receiver: open(Character::default())?,
            wants: Wants {
                terminals: None,
                people: pins(1001..1013),
                kinds: Some(vec!["Check In"]),
            },
            batch_size: 7,
            more: json!({}),
        },
        Destination {
            name: "One by one",
            receiver: open(Character {
                only_bare: true,
                refuses: poison("1004", 2),
                ..Character::default()
            })?,
            wants: Wants {
                terminals: ports.get(1).map(|port| vec![*port]),
                people: pins(1003..1006),
                kinds: None,
            },
            batch_size: 20,
            more: json!({}),
        },
    ])
}

impl Destination {
    pub(super) fn journal(&self) -> &Journal {
        self.receiver.journal()
    }

    fn path(&self) -> String {
        format!("/api/v1/destinations/{}", self.name.replace(' ', "%20"))
    }

    /// Makes it known to the server.
    pub(super) fn add(&self, serve: &Serve) -> anyhow::Result<()> {
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
                &json!({ "include_record_id": true, "request": request }),
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

    /// What of the terminals' logs it is to get.
    pub(super) fn wanted(&self, logs: &[Log]) -> Vec<Log> {
        logs.iter()
            .map(|Log(punches)| {
                let wanted = punches.iter().filter(|punch| self.wants.matches(punch));
                Log(wanted.cloned().collect())
            })
            .collect()
    }
}

impl Wants {
    fn filter(&self) -> Value {
        let addresses = |ports: &Vec<u16>| -> Vec<String> {
            ports
                .iter()
                .map(|port| format!("127.0.0.1:{port}"))
                .collect()
        };
        json!({
            "devices": self.terminals.as_ref().map(addresses),
            "people": self.people,
            "states": self.kinds,
        })
    }

    fn matches(&self, punch: &Punch) -> bool {
        let of_terminal = self
            .terminals
            .as_ref()
            .is_none_or(|ports| ports.contains(&punch.terminal));
        let of_person = self
            .people
            .as_ref()
            .is_none_or(|people| people.contains(&punch.person));
        let of_kind = self
            .kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&punch.kind.as_str()));
        of_terminal && of_person && of_kind
    }
}
