//! A receiver of punches that notes each request as it came and answers 200, sharing no code with the program.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) idempotency_key: String,
    pub(crate) record_id: Option<String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The records in either of the seed's shapes.
    pub(crate) fn records(&self) -> Vec<Value> {
        let body = self.json();
        match body.get("records") {
            Some(records) => records.as_array().unwrap().clone(),
            None => vec![body],
        }
    }
}

/// Whether requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Accepts,
    /// Reads each request and closes without a word.
    HangsUp,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    inbox: Arc<Mutex<Vec<Request>>>,
    mood: Arc<Mutex<Mood>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            inbox: Arc::default(),
            mood: Arc::new(Mutex::new(Mood::Accepts)),
        };
        let to_serve = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let receiver = to_serve.clone();
                thread::spawn(move || receiver.converse(stream));
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/punches", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.inbox.lock().unwrap().clone()
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Takes requests until the other side goes away.
    fn converse(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while let Some(request) = read(&mut reader) {
            let mood = *self.mood.lock().unwrap();
            self.inbox.lock().unwrap().push(request);
            if mood == Mood::HangsUp {
                return;
            }
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"status\":\"success\"}";
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        headers.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        idempotency_key: header("idempotency-key").unwrap(),
        record_id: header("x-record-id"),
        body: String::from_utf8(body).unwrap(),
    })
}
