use std::{
    io::Write as _,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{
    clock,
    dice::Dice,
    journal::{Event, Journal, RequestNumber},
    manners::{Character, Manners, Mood, Silence, Taking, Turn},
    request::{Doors, ELSEWHERE, Request},
};

/// How long the sender waits for an answer, as its destinations are set.
pub(super) const SENDERS_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer than that.
const SILENCE: Duration = Duration::from_millis(3_600);
const READ_TIMEOUT: Duration = Duration::from_secs(10);
const LISTEN_EVERY: Duration = Duration::from_millis(2);
/// What it says of records that it refuses.
pub(super) const REFUSAL: &str = "not a record of ours";

/// A receiver of punches that misbehaves as receivers do.
pub(super) struct Receiver {
    address: SocketAddr,
    journal: Journal,
    manners: Arc<Mutex<Manners>>,
}

impl Receiver {
    pub(super) fn start(character: Character, dice: Dice, doors: Doors) -> anyhow::Result<Self> {
        let listener = open(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = listener.local_addr()?;
        let journal = Journal::default();
        let manners = Arc::new(Mutex::new(Manners::new(character, dice)));
        let counter = Counter {
            journal: journal.clone(),
            manners: Arc::clone(&manners),
            doors: Arc::new(doors),
        };
        // It ends with the process; so do the threads of its connections.
        thread::spawn(move || counter.listen(listener, address));
        Ok(Self {
            address,
            journal,
            manners,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/punches", self.address)
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(super) fn manners(&self) -> MutexGuard<'_, Manners> {
        lock(&self.manners)
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        self.manners().set_mood(mood);
    }
}

fn open(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).context("open a receiver's port")?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn lock(manners: &Mutex<Manners>) -> MutexGuard<'_, Manners> {
    manners.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where requests come in.
#[derive(Clone)]
struct Counter {
    journal: Journal,
    manners: Arc<Mutex<Manners>>,
    doors: Arc<Doors>,
}

impl Counter {
    /// While it is away its port is closed, and connections are refused.
    fn listen(&self, listener: TcpListener, address: SocketAddr) {
        let mut listener = Some(listener);
        loop {
            let is_away = lock(&self.manners).is_away(clock::now());
            if is_away {
                listener = None;
            } else if listener.is_none() {
                // Somebody's outgoing connection may have the port for a moment.
                listener = open(address).ok();
            }
            while let Some(Ok((stream, _))) = listener.as_ref().map(TcpListener::accept) {
                let counter = self.clone();
                // A connection that breaks is the sender's death, which the journal knows already.
                thread::spawn(move || drop(counter.serve(stream)));
            }
            clock::pause(LISTEN_EVERY);
        }
    }

    fn serve(&self, mut stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        stream.set_write_timeout(Some(READ_TIMEOUT))?;
        let Some(request) = Request::read(&stream, &self.doors)? else {
            return Ok(());
        };
        let (number, turn) = self.decide(Arc::new(request));
        match turn {
            Turn::Take(after) => {
                clock::pause(after);
                self.journal.add(Event::Acknowledged(number));
                answer(&mut stream, "200 OK", "")
            }
            Turn::TakePart { taken, refused } => {
                self.journal.add(Event::Acknowledged(number));
                let refused: Vec<Value> = refused
                    .iter()
                    .map(|id| json!({ "record_id": id, "reason": REFUSAL }))
                    .collect();
                let lists = json!({ "accepted": taken, "rejected": refused });
                answer(&mut stream, "200 OK", &lists.to_string())
            }
            Turn::Unheard(_, silence) => be_silent(&mut stream, silence),
            Turn::Status(status) => {
                self.journal.add(match status {
                    408 | 500.. => Event::Failed(number),
                    _ => Event::TurnedAway(number),
                });
                answer(&mut stream, &format!("{status} Not now"), "")
            }
            Turn::ErrorInside => {
                self.journal.add(Event::Failed(number));
                answer(&mut stream, "200 OK", r#"{"status":"error"}"#)
            }
            Turn::Refuse(status) => {
                self.journal.add(Event::Refused(number, status));
                let body = format!(r#"{{"message":"{REFUSAL}"}}"#);
                answer(&mut stream, &format!("{status} No"), &body)
            }
        }
    }

    /// One lock for all of it, so that the journal has requests in the order in which their fate was chosen.
    fn decide(&self, request: Arc<Request>) -> (RequestNumber, Turn) {
        let mut manners = lock(&self.manners);
        let turn = manners.choose(&request, clock::now());
        let number = self.journal.arrived(request);
        match &turn {
            Turn::Take(_) => self.journal.add(Event::Taken(number)),
            Turn::TakePart { taken, .. } => self
                .journal
                .add(Event::TakenInPart(number, Arc::new(taken.clone()))),
            // The sender gives it up while we still say nothing.
            Turn::Unheard(taking, _) => {
                if *taking == Taking::Takes {
                    self.journal.add(Event::Taken(number));
                }
                self.journal.add(Event::Failed(number));
            }
            Turn::Status(_) | Turn::ErrorInside | Turn::Refuse(_) => {}
        }
        (number, turn)
    }
}

fn be_silent(stream: &mut TcpStream, silence: Silence) -> anyhow::Result<()> {
    match silence {
        Silence::Cut => Ok(()),
        Silence::HalfAnAnswer => Ok(stream.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"status\":",
        )?),
        Silence::EndlessAnswer => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            let until = clock::now() + SILENCE;
            while clock::now() < until {
                stream.write_all(b"1\r\n \r\n")?;
                clock::pause(Duration::from_millis(50));
            }
            Ok(())
        }
        Silence::NoAnswer => {
            clock::pause(SILENCE);
            Ok(())
        }
    }
}

fn answer(stream: &mut TcpStream, status: &str, body: &str) -> anyhow::Result<()> {
    let more = match status.get(..1) {
        Some("4") if status.starts_with("429") => "Retry-After: 1\r\n".to_owned(),
        Some("3") => format!("Location: {ELSEWHERE}\r\n"),
        _ => String::new(),
    };
    let length = body.len();
    stream.write_all(
        format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n{body}"
        )
        .as_bytes(),
    )?;
    Ok(())
}
