//! A receiver of many minds.

use std::collections::BTreeSet;

use serde_json::json;
use test_kit::receiver::{Gate, Reply, Request};

/// What it is like, whatever its mood.
#[derive(Debug, Clone)]
pub(super) struct Character {
    /// Answers 413 to more at once.
    pub(super) largest: Option<usize>,
    pub(super) only_bare: bool,
    /// Answers 409 to a single record that it has.
    pub(super) says_conflict: bool,
    /// Of a hundred requests, how many are answered by a whim.
    pub(super) whims: u64,
    /// What it answers to some records, until it is good; 0: names them in a list.
    pub(super) poison: Option<u16>,
}

/// What everything is answered for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spell {
    Status(u16),
    TakenAnd500,
    ErrorInside,
    Away,
}

/// One request, and what became of it at the receiver.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) lane: usize,
    pub(super) key: String,
    pub(super) body: Vec<u8>,
    pub(super) records: Vec<String>,
    /// Those that it made its own.
    pub(super) taken: Vec<String>,
    /// Those that it said something against.
    pub(super) accused: Vec<String>,
    /// Those that the destination did not want at that time.
    pub(super) unwanted: Vec<String>,
}

pub(super) struct Manners {
    dice: u64,
    pub(super) lanes: Vec<Lane>,
    pub(super) seen: Vec<Seen>,
    /// Of each destination, what it does not want now.
    pub(super) unwanted: Vec<BTreeSet<String>>,
    /// The next request waits for this.
    pub(super) gate: Option<Gate>,
    pub(super) is_good: bool,
}

pub(super) struct Lane {
    character: Character,
    spell: Option<(Spell, u32)>,
    has: BTreeSet<String>,
}

/// What it does with a request.
struct Turn {
    taken: Vec<String>,
    accused: Vec<String>,
    reply: Reply,
}

impl Manners {
    pub(super) fn new(seed: u64, characters: &[Character]) -> Self {
        Self {
            dice: seed,
            lanes: characters
                .iter()
                .map(|character| Lane {
                    character: character.clone(),
                    spell: None,
                    has: BTreeSet::new(),
                })
                .collect(),
            seen: Vec::new(),
            unwanted: vec![BTreeSet::new(); characters.len()],
            gate: None,
            is_good: false,
        }
    }

    pub(super) fn cast(&mut self, lane: usize, spell: Spell, times: u32) {
        self.lanes[lane].spell = Some((spell, times));
    }

    pub(super) fn be_good(&mut self) {
        self.is_good = true;
        for lane in &mut self.lanes {
            lane.spell = None;
        }
    }

    pub(super) fn answer(&mut self, request: &Request) -> Reply {
        let lane = request.target.trim_start_matches('/').parse().unwrap();
        let records: Vec<String> = request
            .records()
            .iter()
            .map(|record| record["record_id"].as_str().unwrap().to_owned())
            .collect();
        let turn = self.turn(lane, &records, request.is_bare());
        self.lanes[lane].has.extend(turn.taken.iter().cloned());
        let unwanted = records
            .iter()
            .filter(|id| self.unwanted[lane].contains(*id));
        self.seen.push(Seen {
            unwanted: unwanted.cloned().collect(),
            lane,
            key: request.key().to_owned(),
            body: request.body.clone(),
            records,
            taken: turn.taken,
            accused: turn.accused,
        });
        match self.gate.take() {
            Some(gate) => Reply::Later(gate, Box::new(turn.reply)),
            None => turn.reply,
        }
    }

    fn turn(&mut self, at: usize, records: &[String], is_bare: bool) -> Turn {
        let dice = self.roll();
        let whim = self.roll() % 100;
        let lane = &mut self.lanes[at];
        if let Some((spell, times)) = &mut lane.spell {
            let spell = *spell;
            *times -= 1;
            if *times == 0 {
                lane.spell = None;
            }
            return spell.turn(records);
        }
        let character = &lane.character;
        if character.only_bare && !is_bare {
            return refused(records, 422);
        }
        if character.largest.is_some_and(|most| records.len() > most) {
            return refused(records, 413);
        }
        if let [only] = records
            && character.says_conflict
            && lane.has.contains(only)
        {
            return status(409);
        }
        if self.is_good {
            return taken(records);
        }
        let is_bad = |id: &&String| {
            !lane.has.contains(*id) && id.bytes().map(u64::from).sum::<u64>().is_multiple_of(6)
        };
        let bad: Vec<String> = records.iter().filter(is_bad).cloned().collect();
        if let Some(poison) = character.poison
            && !bad.is_empty()
        {
            return match poison {
                0 => listed(records, bad),
                500 => Turn {
                    accused: records.to_vec(),
                    ..status(500)
                },
                other => refused(records, other),
            };
        }
        if whim < character.whims {
            lane.whim(dice, records)
        } else {
            taken(records)
        }
    }

    /// Knuth's, the better bits.
    fn roll(&mut self) -> u64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.dice >> 33
    }
}

impl Lane {
    fn whim(&mut self, dice: u64, records: &[String]) -> Turn {
        let times = u32::try_from(1 + dice / 64 % 12).unwrap();
        let mut spell = |spell| {
            self.spell = Some((spell, times));
            Spell::turn(spell, records)
        };
        let lost = |taken: &[String], reply| Turn {
            taken: taken.to_vec(),
            accused: Vec::new(),
            reply,
        };
        match dice % 24 {
            0 => lost(records, Reply::Close),
            1 => lost(&[], Reply::Close),
            2 => lost(records, Reply::Cut { status: 200 }),
            3 => lost(&[], Reply::Cut { status: 200 }),
            4 => lost(records, Reply::status(503)),
            5 => lost(&records[..records.len() / 2], Reply::status(502)),
            6 => Turn {
                reply: Reply::status(429).with_header("Retry-After", "200"),
                ..status(429)
            },
            7 => status(408),
            8 => status(425),
            9 => Spell::TakenAnd500.turn(records),
            10 | 11 => spell(Spell::Status(500)),
            12 => spell(Spell::Status(422)),
            13 => spell(Spell::ErrorInside),
            14 => spell(Spell::Status(401)),
            15 => spell(Spell::Status(302)),
            16 => spell(Spell::Status(404)),
            17 => spell(Spell::Status(503)),
            18 | 19 => some_mentioned(records),
            20 => refused(records, 400),
            21 => {
                let most = self.character.largest.unwrap_or(8);
                self.character.largest = Some((most / 2).max(1));
                taken(records)
            }
            22 => spell(Spell::Away),
            _ => lost(records, Reply::Stall { status: 200 }),
        }
    }
}

impl Spell {
    fn turn(self, records: &[String]) -> Turn {
        match self {
            Self::Status(code @ (413 | 422)) => refused(records, code),
            Self::Status(500) => Turn {
                accused: records.to_vec(),
                ..status(500)
            },
            Self::Status(code) => status(code),
            Self::TakenAnd500 => Turn {
                taken: records.to_vec(),
                accused: records.to_vec(),
                reply: Reply::status(500),
            },
            Self::ErrorInside => Turn {
                taken: Vec::new(),
                accused: records.to_vec(),
                reply: Reply::json(200, r#"{"status":"error"}"#),
            },
            Self::Away => Turn {
                reply: Reply::Close,
                ..status(0)
            },
        }
    }
}

fn taken(records: &[String]) -> Turn {
    Turn {
        taken: records.to_vec(),
        accused: Vec::new(),
        reply: Reply::ok(),
    }
}

fn status(code: u16) -> Turn {
    Turn {
        taken: Vec::new(),
        accused: Vec::new(),
        reply: Reply::status(code),
    }
}

fn refused(records: &[String], code: u16) -> Turn {
    Turn {
        accused: records.to_vec(),
        ..status(code)
    }
}

/// Takes the others, and names these with a reason.
fn listed(records: &[String], bad: Vec<String>) -> Turn {
    let rejected: Vec<_> = bad
        .iter()
        .map(|id| json!({"record_id": id, "error": "no"}))
        .collect();
    Turn {
        taken: records
            .iter()
            .filter(|id| !bad.contains(id))
            .cloned()
            .collect(),
        accused: bad,
        reply: Reply::json(200, &json!({ "rejected": rejected }).to_string()),
    }
}

/// Takes the first half, and speaks of no other.
fn some_mentioned(records: &[String]) -> Turn {
    let (first, rest) = records.split_at(records.len().div_ceil(2));
    Turn {
        taken: first.to_vec(),
        accused: rest.to_vec(),
        reply: Reply::json(207, &json!({ "accepted": first }).to_string()),
    }
}
