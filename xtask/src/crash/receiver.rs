use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Context as _;

use super::{
    clock,
    dice::Dice,
    journal::{Event, Journal},
    request::Request,
};

/// A receiver of punches that misbehaves as receivers do. It takes a key once and answers its repeats alike.
pub(super) struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Healthy,
    Failing,
}

struct State {
    mood: Mood,
    dice: Dice,
    slowest: Duration,
    taken: BTreeSet<String>,
    failures_in_a_row: u32,
    /// Answers 500 by key: four of them would have the sender halve the batch, on purpose.
    server_errors: BTreeMap<String, u32>,
}

/// How one request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Take(Duration),
    TakeAndCut,
    Cut,
    Status(u16),
}

const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// More would teach nothing and cost the sender's waits.
const MOST_FAILURES_IN_A_ROW: u32 = 2;
const MOST_SERVER_ERRORS: u32 = 2;

impl Receiver {
    /// `slowest`: the longest that it thinks about an answer.
    pub(super) fn start(journal: Journal, dice: Dice, slowest: Duration) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("open the receiver's port")?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            mood: Mood::Healthy,
            dice,
            slowest,
            taken: BTreeSet::new(),
            failures_in_a_row: 0,
            server_errors: BTreeMap::new(),
        }));
        let shared = Arc::clone(&state);
        // It ends with the process; so do the threads of its connections.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (journal, state) = (journal.clone(), Arc::clone(&shared));
                // A connection that breaks is the sender's death, which the journal knows already.
                thread::spawn(move || drop(serve(stream, &journal, &state)));
            }
        });
        Ok(Self { address, state })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/punches", self.address)
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        lock(&self.state).mood = mood;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, journal: &Journal, state: &Mutex<State>) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    stream.set_write_timeout(Some(READ_TIMEOUT))?;
    let Some(request) = Request::read(&stream)? else {
        return Ok(());
    };
    let key = request.idempotency_key.clone().unwrap_or_default();
    let turn = {
        // One lock for both, so that the journal has requests in the order in which their fate was chosen.
        let mut state = lock(state);
        let number = journal.arrived(request);
        let turn = state.choose(&key);
        if matches!(turn, Turn::Take(_) | Turn::TakeAndCut) {
            state.taken.insert(key);
            journal.add(Event::Taken(number));
        }
        (number, turn)
    };
    match turn {
        (number, Turn::Take(after)) => {
            clock::pause(after);
            journal.add(Event::Acknowledged(number));
            answer(&mut stream, 200, "OK")
        }
        (number, Turn::TakeAndCut | Turn::Cut) => {
            journal.add(Event::Failed(number));
            Ok(())
        }
        (number, Turn::Status(status)) => {
            journal.add(Event::Failed(number));
            answer(&mut stream, status, "Not now")
        }
    }
}

fn answer(stream: &mut TcpStream, status: u16, reason: &str) -> anyhow::Result<()> {
    let retry_after = if status == 429 {
        "Retry-After: 1\r\n"
    } else {
        ""
    };
    stream.write_all(
        format!("HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n{retry_after}\r\n")
            .as_bytes(),
    )?;
    Ok(())
}

impl State {
    fn choose(&mut self, key: &str) -> Turn {
        let turn = match self.mood {
            Mood::Healthy => Turn::Take(Duration::ZERO),
            Mood::Failing => self.roll(key),
        };
        match turn {
            Turn::Take(_) => self.failures_in_a_row = 0,
            Turn::TakeAndCut | Turn::Cut | Turn::Status(_) => self.failures_in_a_row += 1,
        }
        turn
    }

    fn roll(&mut self, key: &str) -> Turn {
        let slowly = self.dice.wait(self.slowest);
        let roll = self.dice.between(0, 100);
        if self.failures_in_a_row >= MOST_FAILURES_IN_A_ROW {
            return Turn::Take(Duration::ZERO);
        }
        match roll {
            0..50 => Turn::Take(Duration::ZERO),
            50..70 => Turn::Take(slowly),
            70..82 => Turn::TakeAndCut,
            // An idempotent receiver does not refuse what it has taken.
            _ if self.taken.contains(key) => Turn::Take(Duration::ZERO),
            82..88 => Turn::Cut,
            88..92 => Turn::Status(503),
            92..95 => Turn::Status(429),
            _ => {
                let errors = self.server_errors.entry(key.to_owned()).or_default();
                *errors += 1;
                if *errors > MOST_SERVER_ERRORS {
                    Turn::Status(503)
                } else {
                    Turn::Status(500)
                }
            }
        }
    }
}
