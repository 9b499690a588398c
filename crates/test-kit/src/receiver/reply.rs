//! What is answered.

use std::io::{Error, ErrorKind, Result};

use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::watch};

/// One way to answer.
#[derive(Debug, Clone)]
pub enum Reply {
    Whole {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// A whole answer when the gate is opened.
    Later(Gate, Box<Reply>),
    /// Reads the request and never answers.
    Hang,
    /// Reads the request and closes the connection.
    Close,
    /// Begins an answer and closes the connection in the middle of its body.
    Cut { status: u16 },
    /// Begins an answer in chunks and says nothing more.
    Stall { status: u16 },
    /// An answer in chunks that never ends.
    Endless { status: u16 },
}

impl Reply {
    pub fn ok() -> Self {
        Self::json(200, r#"{"status":"success"}"#)
    }

    pub fn status(status: u16) -> Self {
        Self::json(status, "")
    }

    pub fn json(status: u16, body: &str) -> Self {
        Self::Whole {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// The same answer with one header more; only of whole answers.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Whole { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The status that the sender gets to know for sure.
    pub(super) fn status_sent(&self) -> Option<u16> {
        match self {
            Self::Whole { status, .. } => Some(*status),
            Self::Later(_, reply) => reply.status_sent(),
            Self::Hang
            | Self::Close
            | Self::Cut { .. }
            | Self::Stall { .. }
            | Self::Endless { .. } => None,
        }
    }

    pub(super) async fn wait(&self) {
        if let Self::Later(gate, _) = self {
            gate.opened().await;
        }
    }

    /// An error ends the connection.
    pub(super) async fn send(&self, stream: &mut TcpStream) -> Result<()> {
        match self {
            Self::Whole {
                status,
                headers,
                body,
            } => {
                let mut head = format!("HTTP/1.1 {status} Test\r\n");
                for (name, value) in headers {
                    head.extend([name, ": ", value, "\r\n"]);
                }
                head.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(body).await?;
                stream.flush().await
            }
            Self::Later(_, reply) => Box::pin(reply.send(stream)).await,
            Self::Hang => std::future::pending().await,
            Self::Close => Err(Error::from(ErrorKind::ConnectionAborted)),
            Self::Cut { status } => {
                let begun =
                    format!("HTTP/1.1 {status} Test\r\nContent-Length: 100\r\n\r\n{{\"status\":");
                stream.write_all(begun.as_bytes()).await?;
                Err(Error::from(ErrorKind::ConnectionAborted))
            }
            Self::Stall { status } => {
                begin_chunks(stream, *status).await?;
                std::future::pending().await
            }
            Self::Endless { status } => {
                begin_chunks(stream, *status).await?;
                let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
                loop {
                    stream.write_all(chunk.as_bytes()).await?;
                }
            }
        }
    }
}

async fn begin_chunks(stream: &mut TcpStream, status: u16) -> Result<()> {
    let head =
        format!("HTTP/1.1 {status} Test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
    stream.write_all(head.as_bytes()).await
}

/// Holds answers back until a test opens it.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<bool>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Gate {
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    async fn opened(&self) {
        let mut state = self.0.subscribe();
        // The sender is `self`, so that this ends only when the gate is open.
        let _ = state.wait_for(|open| *open).await;
    }
}
