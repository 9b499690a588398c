//! Conversations with a terminal, kept as text: what was sent, what came, and when.
//!
//! A capture is made where the terminal is and answered from by a virtual one where it is not. Its format, one line each,
//! fields separated by one space:
//!
//! ```text
//! zk-capture 1
//! # anything; for people
//! 0.000 tcp opened
//! 0.001 tcp > e80317fc00000000
//! 0.013 tcp < d007fbe534120000
//! 0.500 tcp noise 485454502f312e31
//! 0.501 tcp closed
//! ```
//!
//! The first line names the format and its version. Each further line has the seconds since the beginning, to the
//! millisecond, what carried it (`tcp` or `udp`), and what it was: `opened` (a new connection, or a new socket; what
//! follows belongs to it), `>` (the client sent a packet), `<` (the terminal sent one), `noise` (the terminal sent
//! something that is no packet) or `closed` (the terminal closed the connection). A packet is in hexadecimal with its
//! right checksum and without the prefix that TCP has. Lines that begin with `#`, and empty ones, are passed over.
//!
//! To answer from a capture, match requests by command and payload and take what followed the first that was not used
//! yet, else the last that was. Echo the reply number of the request that is answered; session fields stay as they are,
//! because they carry other things too. `AUTH` matches whatever its payload: in a capture it does not prove any key.

use std::{fmt, str::FromStr, time::Duration};

use crate::{FrameReader, Link, Packet, hex};

/// A conversation, or several, with one terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capture {
    /// For people: which terminal this was, and what was replaced. One line each.
    pub notes: Vec<String>,
    /// In the order of time.
    pub moments: Vec<Moment>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Since the beginning; kept to the millisecond.
    pub at: Duration,
    /// What carried it.
    pub link: Link,
    /// What it was.
    pub what: Happened,
}

/// What happened in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A new connection, or a new socket.
    Opened,
    /// The client sent a packet.
    Sent(Packet),
    /// The terminal sent a packet.
    Received(Packet),
    /// The terminal sent something that is no packet; its first bytes.
    Noise(Vec<u8>),
    /// The terminal closed the connection.
    Closed,
}

/// A line that is not in the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the capture cannot be read: {reason}")]
pub struct CaptureError {
    /// Counted from 1.
    pub line: usize,
    /// For people.
    pub reason: String,
}

const FIRST_LINE: &str = "zk-capture 1";
/// Longest packet that is taken, in hexadecimal digits.
const LONGEST: usize = 2 * FrameReader::MAX_PACKET as usize;

impl fmt::Display for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        for note in self.notes.iter().flat_map(|note| note.split('\n')) {
            writeln!(f, "# {note}")?;
        }
        self.moments
            .iter()
            .try_for_each(|moment| writeln!(f, "{moment}"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.at.as_secs(), self.at.subsec_millis());
        let link = match self.link {
            Link::Stream => "tcp",
            Link::Datagram => "udp",
        };
        write!(f, "{seconds}.{millis:03} {link} ")?;
        match &self.what {
            Happened::Opened => f.write_str("opened"),
            Happened::Sent(packet) => write!(f, "> {}", hex::text(&packet.to_datagram())),
            Happened::Received(packet) => write!(f, "< {}", hex::text(&packet.to_datagram())),
            Happened::Noise(bytes) => write!(f, "noise {}", hex::text(bytes)),
            Happened::Closed => f.write_str("closed"),
        }
    }
}

impl FromStr for Capture {
    type Err = CaptureError;

    fn from_str(text: &str) -> Result<Self, CaptureError> {
        let mut lines = (1..).zip(text.lines().map(str::trim_end));
        match lines.next() {
            Some((_, FIRST_LINE)) => {}
            _ => {
                return Err(CaptureError {
                    line: 1,
                    reason: format!("it should begin with {FIRST_LINE:?}"),
                });
            }
        }
        let mut capture = Self::default();
        for (line, text) in lines {
            if let Some(note) = text.strip_prefix('#') {
                capture
                    .notes
                    .push(note.strip_prefix(' ').unwrap_or(note).to_owned());
            } else if !text.is_empty() {
                let moment = text
                    .parse()
                    .map_err(|reason| CaptureError { line, reason })?;
                capture.moments.push(moment);
            }
        }
        Ok(capture)
    }
}

impl FromStr for Moment {
    type Err = String;

    /// Reads one line; the error says what is wrong with it.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut fields = text.splitn(4, ' ');
        let mut field = |what: &str| fields.next().ok_or_else(|| format!("{what} is missing"));
        let at = seconds(field("its time")?)?;
        let link = match field("tcp or udp")? {
            "tcp" => Link::Stream,
            "udp" => Link::Datagram,
            other => return Err(format!("{other:?} is neither tcp nor udp")),
        };
        let what = match field("what happened")? {
            "opened" => Happened::Opened,
            ">" => Happened::Sent(packet(field("the packet")?)?),
            "<" => Happened::Received(packet(field("the packet")?)?),
            "noise" => Happened::Noise(bytes(field("what came").unwrap_or_default())?),
            "closed" => Happened::Closed,
            other => {
                return Err(format!(
                    "{other:?} is none of opened, >, <, noise and closed"
                ));
            }
        };
        match fields.next() {
            None => Ok(Self { at, link, what }),
            Some(more) => Err(format!("{more:?} stands behind its end")),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let parsed = text.split_once('.').and_then(|(seconds, millis)| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let millis = Some(millis).filter(|millis| millis.len() == 3 && digits(millis))?;
        let seconds = Some(seconds).filter(|seconds| digits(seconds))?;
        Some(
            Duration::from_secs(seconds.parse().ok()?)
                .saturating_add(Duration::from_millis(millis.parse().ok()?)),
        )
    });
    parsed.ok_or_else(|| format!("{text:?} is no time in seconds with three decimals"))
}

fn packet(text: &str) -> Result<Packet, String> {
    Packet::decode(&bytes(text)?).map_err(|error| error.to_string())
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    if text.len() > LONGEST {
        return Err(format!("a packet has at most {} bytes", LONGEST / 2));
    }
    hex::bytes(text).ok_or_else(|| "it is not hexadecimal".to_owned())
}
