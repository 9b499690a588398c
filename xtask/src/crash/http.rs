use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Long enough for a contact with a terminal inside the request.
const TIMEOUT: Duration = Duration::from_secs(30);
const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// A whole answer: its status, and its body as text.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// As HTTP/1.0, so that no answer comes in pieces.
pub(super) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> anyhow::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let call = || format!("{method} http://{address}{path}");
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).with_context(call)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).with_context(call)?;
    let mut bytes = Vec::new();
    stream
        .take(LONGEST_ANSWER)
        .read_to_end(&mut bytes)
        .with_context(call)?;
    let text = String::from_utf8_lossy(&bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        bail!("{} answered no HTTP", call());
    };
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .with_context(|| format!("{} answered no status: {head}", call()))?;
    Ok(Answer {
        status,
        body: body.to_owned(),
    })
}
