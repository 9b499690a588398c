//! What arrived.

use std::io::{Error, ErrorKind, Result};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpStream,
};

const LONGEST_LINE: usize = 64 * 1024;
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// One request, as it came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its place among all requests of this receiver.
    pub number: usize,
    pub method: String,
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The status it was answered with; `None` while it is not, and when it never is.
    pub answered: Option<u16>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The idempotency key; empty where there is none.
    pub fn key(&self) -> &str {
        self.header("idempotency-key").unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body in JSON")
    }

    /// One record without `device_info`.
    pub fn is_bare(&self) -> bool {
        self.json().get("records").is_none()
    }

    pub fn records(&self) -> Vec<Value> {
        let body = self.json();
        match body.get("records").and_then(Value::as_array) {
            Some(records) => records.clone(),
            None => vec![body],
        }
    }

    /// Each record as `pin timestamp punch_type`.
    pub(super) fn record_names(&self) -> Vec<String> {
        let field =
            |record: &Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
        self.records()
            .iter()
            .map(|record| {
                [
                    field(record, "employee_id"),
                    field(record, "timestamp"),
                    field(record, "punch_type"),
                ]
                .join(" ")
            })
            .collect()
    }

    pub fn pins(&self) -> Vec<String> {
        self.records()
            .iter()
            .map(|record| {
                record["employee_id"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    pub fn is_taken(&self) -> bool {
        self.answered
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// Reads a request; `None` when the other side closed instead.
pub(super) async fn read(stream: &mut BufReader<TcpStream>) -> Result<Option<Request>> {
    let Some(first) = line(stream).await? else {
        return Ok(None);
    };
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(Error::from(ErrorKind::InvalidData));
    };
    let mut headers = Vec::new();
    loop {
        let line = line(stream).await?.ok_or(ErrorKind::UnexpectedEof)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(ErrorKind::InvalidData)?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request {
        number: 0,
        method,
        target,
        headers,
        body: Vec::new(),
        answered: None,
    };
    let length = request
        .header("content-length")
        .map_or(Ok(0), str::parse)
        .map_err(Error::other)?;
    if length > LONGEST_BODY {
        return Err(Error::from(ErrorKind::InvalidData));
    }
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).await?;
    Ok(Some(request))
}

async fn line(stream: &mut BufReader<TcpStream>) -> Result<Option<String>> {
    let mut line = Vec::new();
    let read = stream
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', &mut line)
        .await?;
    if read == 0 {
        return Ok(None);
    }
    let text = String::from_utf8(line).map_err(Error::other)?;
    Ok(Some(text.trim_end().to_owned()))
}
