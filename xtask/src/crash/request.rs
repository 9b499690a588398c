use std::{
    fmt,
    io::{BufRead, BufReader, Read},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// One request as it came to the receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) idempotency_key: Option<String>,
    pub(super) record_id: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What tells one punch from another in the seed's JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Punch {
    /// The port of its terminal; all are on one address here.
    pub(super) terminal: u16,
    pub(super) person: String,
    pub(super) time: String,
    pub(super) kind: String,
}

impl fmt::Display for Punch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            terminal,
            person,
            time,
            kind,
        } = self;
        write!(f, "{person} at {time} ({kind}) on terminal :{terminal}")
    }
}

const LONGEST_HEAD: u64 = 64 * 1024;
const LONGEST_BODY: u64 = 16 * 1024 * 1024;

impl Request {
    /// Reads one request. `None`: the connection was closed without any.
    pub(super) fn read(stream: impl Read) -> anyhow::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let mut request = Self {
            idempotency_key: None,
            record_id: None,
            body: Vec::new(),
        };
        let mut length = None;
        let mut head = reader.by_ref().take(LONGEST_HEAD);
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
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
                "idempotency-key" => request.idempotency_key = Some(value),
                "x-record-id" => request.record_id = Some(value),
                "content-length" => length = Some(value.parse::<u64>()?),
                _ => {}
            }
        }
        let length = length.context("a request without Content-Length")?;
        if length > LONGEST_BODY {
            bail!("a request of {length} bytes");
        }
        reader.take(length).read_to_end(&mut request.body)?;
        if u64::try_from(request.body.len())? != length {
            bail!("a request that ends in its body");
        }
        Ok(Some(request))
    }

    /// The punches of a batch in the seed's shape.
    pub(super) fn punches(&self) -> anyhow::Result<Vec<Punch>> {
        let body: Value = serde_json::from_slice(&self.body).context("a body that is no JSON")?;
        let terminal = body
            .pointer("/device_info/port")
            .and_then(Value::as_u64)
            .and_then(|port| u16::try_from(port).ok())
            .context("a body without device_info.port")?;
        body.get("records")
            .and_then(Value::as_array)
            .context("a body without records")?
            .iter()
            .map(|record| {
                let field = |name: &str| {
                    record
                        .get(name)
                        .and_then(Value::as_str)
                        .map(str::to_owned)
                        .with_context(|| format!("a record without {name}: {record}"))
                };
                Ok(Punch {
                    terminal,
                    person: field("employee_id")?,
                    time: field("timestamp")?,
                    kind: field("punch_type")?,
                })
            })
            .collect()
    }
}
