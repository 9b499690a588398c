use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::request::Request;

/// What the receiver saw and what was done to the sender, in order.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A whole request is here.
    Arrived(Request),
    /// The receiver has made the request's records its own, whatever the sender will hear of it.
    Taken(RequestNumber),
    /// The answer that the request was taken is about to be written.
    Acknowledged(RequestNumber),
    /// The request ends without that answer: refused, or cut.
    Failed(RequestNumber),
    /// The sender is gone without warning; what it had not read yet it never will.
    Killed,
    /// The sender ended in good order.
    Stopped,
}

/// The place of a request among all that arrived, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestNumber(pub(super) usize);

#[derive(Debug, Clone, Default)]
pub(super) struct Journal(Arc<Mutex<Vec<Event>>>);

impl Journal {
    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        // A thread that died while it wrote has written all or nothing of its line.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, event: Event) {
        self.lock().push(event);
    }

    pub(super) fn arrived(&self, request: Request) -> RequestNumber {
        let mut events = self.lock();
        let number = RequestNumber(arrivals(&events));
        events.push(Event::Arrived(request));
        number
    }

    /// Writes down a kill so that nothing else is written between it and the line about it.
    pub(super) fn killing(&self, kill: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut events = self.lock();
        kill()?;
        events.push(Event::Killed);
        Ok(())
    }

    pub(super) fn arrivals(&self) -> usize {
        arrivals(&self.lock())
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.lock().clone()
    }
}

fn arrivals(events: &[Event]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, Event::Arrived(_)))
        .count()
}
