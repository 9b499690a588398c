//! A receiver of deliveries that records every request and answers as a test wants.
//!
//! It speaks HTTP/1.1 over plain sockets itself, so that it can also do what no HTTP library lets a server do: close a
//! connection without an answer, cut one in the middle, never end one.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say so at once"
)]

mod reply;
mod request;
pub mod rules;

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::BufReader,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
};

pub use self::{
    reply::{Gate, Reply},
    request::Request,
};

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_mins(2);

type Rule = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

/// A receiver on a free port of this machine, until it is dropped.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    state: Mutex<State>,
    /// Counts requests and answers.
    news: watch::Sender<u64>,
    /// Tells idle connections to close.
    closing: watch::Sender<u64>,
}

struct State {
    next: VecDeque<Reply>,
    rule: Rule,
    requests: Vec<Request>,
}

impl Receiver {
    /// Takes everything until it is told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("the address of the listener");
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                next: VecDeque::new(),
                rule: Box::new(|_| Reply::ok()),
                requests: Vec::new(),
            }),
            news: watch::Sender::new(0),
            closing: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Self {
            address,
            shared,
            task,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}/punches", self.address)
    }

    /// Answers the next request that no earlier call claimed with this, whatever the rule says.
    pub fn answer_next(&self, reply: Reply) {
        self.shared.state().next.push_back(reply);
    }

    /// Answers by this rule from now on.
    pub fn answer(&self, rule: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        self.shared.state().rule = Box::new(rule);
    }

    /// All requests so far, in the order in which they arrived.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// Closes the connections on which no request is being answered.
    pub fn close_idle_connections(&self) {
        self.shared.closing.send_modify(|count| *count += 1);
    }

    /// Waits until so many requests have arrived, and gives them all.
    pub async fn wait_for_requests(&self, count: usize) -> Vec<Request> {
        self.wait_until(&format!("{count} requests"), |requests| {
            requests.len() >= count
        })
        .await
    }

    /// Waits until the requests so far fulfil a condition; fails the test after a while.
    pub async fn wait_until(&self, what: &str, is_so: impl Fn(&[Request]) -> bool) -> Vec<Request> {
        let mut news = self.shared.news.subscribe();
        let waited = tokio::time::timeout(
            PATIENCE,
            news.wait_for(|_| is_so(&self.shared.state().requests)),
        )
        .await;
        let requests = self.requests();
        assert!(
            waited.is_ok(),
            "the receiver waited for {what} and got {} requests: {requests:#?}",
            requests.len()
        );
        requests
    }

    /// The records that were answered with a success, each once, in the order in which they first were.
    pub fn taken(&self) -> Vec<String> {
        taken(&self.shared.state().requests)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrived(&self, mut request: Request) -> (usize, Reply) {
        let mut state = self.state();
        let index = state.requests.len();
        request.number = index;
        let reply = match state.next.pop_front() {
            Some(reply) => reply,
            None => (state.rule)(&request),
        };
        state.requests.push(request);
        drop(state);
        self.news.send_modify(|count| *count += 1);
        (index, reply)
    }

    fn answered(&self, index: usize, status: Option<u16>) {
        if let Some(request) = self.state().requests.get_mut(index) {
            request.answered = status;
        }
        self.news.send_modify(|count| *count += 1);
    }
}

/// Connections end with the receiver.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // An answer leaves in two writes; the second must not wait for a receipt of the first.
        let _ = stream.set_nodelay(true);
        connections.spawn(converse(stream, Arc::clone(&shared)));
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let mut closing = shared.closing.subscribe();
    let mut stream = BufReader::new(stream);
    loop {
        let request = tokio::select! {
            request = request::read(&mut stream) => request,
            _ = closing.changed() => return,
        };
        let Ok(Some(request)) = request else { return };
        let (index, reply) = shared.arrived(request);
        let status = reply.status_sent();
        // What is noted must be visible before the sender can act on the answer.
        reply.wait().await;
        shared.answered(index, status);
        if reply.send(stream.get_mut()).await.is_err() {
            return;
        }
    }
}

fn taken(requests: &[Request]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    requests
        .iter()
        .filter(|request| request.is_taken())
        .flat_map(Request::record_names)
        .filter(|name| seen.insert(name.clone()))
        .collect()
}
