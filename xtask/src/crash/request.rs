use std::{
    collections::BTreeMap,
    fmt,
    io::{BufRead, BufReader, Read},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::roster::Roster;

/// One request as it came to a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) idempotency_key: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) shape: Shape,
    pub(super) records: Vec<Record>,
    /// Why it is not what a receiver may expect.
    pub(super) fault: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// The seed's envelope.
    Batch,
    /// The seed's bare record.
    Bare,
    Events,
}

/// One record of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) id: String,
    /// The port of its terminal, where the request tells it.
    pub(super) terminal: Option<u16>,
    /// As whom it is told: the employee number of whoever is mapped, else the PIN.
    pub(super) told_as: String,
    /// Where the request tells it.
    pub(super) pin: Option<String>,
    pub(super) time: String,
    pub(super) kind: String,
}

/// What tells one punch from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Punch {
    /// The port of its terminal; all are on one address here.
    pub(super) terminal: u16,
    pub(super) pin: String,
    pub(super) time: String,
    pub(super) kind: String,
}

/// The ports of terminals by their serial numbers.
pub(super) type Doors = BTreeMap<String, u16>;

impl fmt::Display for Punch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            terminal,
            pin,
            time,
            kind,
        } = self;
        write!(f, "{pin} at {time} ({kind}) on terminal :{terminal}")
    }
}

impl Record {
    /// `None` where it does not tell its terminal.
    pub(super) fn punch(&self, roster: &Roster) -> Option<Punch> {
        let terminal = self.terminal?;
        let pin = self
            .pin
            .clone()
            .unwrap_or_else(|| roster.pin(terminal, &self.told_as).to_owned());
        Some(Punch {
            terminal,
            pin,
            time: self.time.clone(),
            kind: self.kind.clone(),
        })
    }
}

const LONGEST_HEAD: u64 = 64 * 1024;
const LONGEST_BODY: u64 = 16 * 1024 * 1024;
/// Where receivers that moved point to.
pub(super) const ELSEWHERE: &str = "/elsewhere";

impl Request {
    /// Reads one request. `None`: the connection was closed without any.
    pub(super) fn read(stream: impl Read, doors: &Doors) -> anyhow::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let mut idempotency_key: Option<String> = None;
        let mut record_id: Option<String> = None;
        let mut length = None;
        let mut head = reader.by_ref().take(LONGEST_HEAD);
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.contains(ELSEWHERE) {
            return Ok(Some(Self::astray(&line)));
        }
        loop {
            line.clear();
            if head.read_line(&mut line)? == 0 {
                bail!("the head of a request has no end");
            }
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            let value = value.trim().to_owned();
            match name.to_ascii_lowercase().as_str() {
                "idempotency-key" => idempotency_key = Some(value),
                "x-record-id" => record_id = Some(value),
                "content-length" => length = Some(value.parse::<u64>()?),
                _ => {}
            }
        }
        let length = length.context("a request without Content-Length")?;
        if length > LONGEST_BODY {
            bail!("a request of {length} bytes");
        }
        let mut body = Vec::new();
        reader.take(length).read_to_end(&mut body)?;
        if u64::try_from(body.len())? != length {
            bail!("a request that ends in its body");
        }
        Ok(Some(Self::new(
            idempotency_key,
            record_id.as_deref(),
            body,
            doors,
        )))
    }

    /// One that followed a receiver's pointer.
    fn astray(line: &str) -> Self {
        Self {
            idempotency_key: None,
            body: Vec::new(),
            shape: Shape::Batch,
            records: Vec::new(),
            fault: Some(format!("a redirect was followed: {}", line.trim())),
        }
    }

    pub(super) fn new(
        idempotency_key: Option<String>,
        record_id: Option<&str>,
        body: Vec<u8>,
        doors: &Doors,
    ) -> Self {
        let (shape, records, fault) = match parse(&body, doors) {
            Ok((shape, records)) => (shape, records, None),
            Err(error) => (Shape::Batch, Vec::new(), Some(format!("{error:#}"))),
        };
        let named = match (shape, records.as_slice()) {
            (Shape::Bare, [only]) => Some(only.id.as_str()),
            _ => None,
        };
        let fault = match fault {
            Some(fault) => Some(fault),
            None if idempotency_key.is_none() => {
                Some("a request without Idempotency-Key".to_owned())
            }
            None if record_id != named => Some(format!(
                "a request whose X-Record-Id is {record_id:?}, not {named:?}"
            )),
            None => None,
        };
        Self {
            idempotency_key,
            body,
            shape,
            records,
            fault,
        }
    }

    /// The record of a request that cannot be any smaller or simpler.
    pub(super) fn only(&self) -> Option<&Record> {
        match self.records.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

fn parse(body: &[u8], doors: &Doors) -> anyhow::Result<(Shape, Vec<Record>)> {
    let body: Value = serde_json::from_slice(body).context("a body that is no JSON")?;
    if let Value::Array(events) = &body {
        let records = events
            .iter()
            .map(|each| event(each, doors))
            .collect::<Result<_, _>>()?;
        return Ok((Shape::Events, records));
    }
    let Some(records) = body.get("records").and_then(Value::as_array) else {
        return Ok((Shape::Bare, vec![seed(&body, None)?]));
    };
    let terminal = body
        .pointer("/device_info/port")
        .and_then(Value::as_u64)
        .and_then(|port| u16::try_from(port).ok())
        .context("a body without device_info.port")?;
    let records = records
        .iter()
        .map(|record| seed(record, Some(terminal)))
        .collect::<Result<_, _>>()?;
    Ok((Shape::Batch, records))
}

fn seed(record: &Value, terminal: Option<u16>) -> anyhow::Result<Record> {
    Ok(Record {
        id: text(record, "/record_id")?,
        terminal,
        told_as: text(record, "/employee_id")?,
        pin: None,
        time: text(record, "/timestamp")?,
        kind: text(record, "/punch_type")?,
    })
}

fn event(event: &Value, doors: &Doors) -> anyhow::Result<Record> {
    let serial = text(event, "/data/terminal/serial")?;
    let port = doors
        .get(&serial)
        .with_context(|| format!("an event of the terminal {serial}, which is none of ours"))?;
    Ok(Record {
        id: text(event, "/id")?,
        terminal: Some(*port),
        told_as: text(event, "/data/employee_id")?,
        pin: Some(text(event, "/data/pin")?),
        time: text(event, "/data/local_time")?,
        kind: text(event, "/data/punch_type")?,
    })
}

pub(super) fn text(record: &Value, place: &str) -> anyhow::Result<String> {
    record
        .pointer(place)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("a record without {place}: {record}"))
}
