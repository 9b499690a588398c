use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{request::Request, wants::Wants};

/// What a receiver saw and what was done to the sender, in order.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A whole request is here.
    Arrived(Arc<Request>),
    /// The receiver has made the request's records its own, whatever the sender will hear of it.
    Taken(RequestNumber),
    /// The same with these records only, by their ids.
    TakenInPart(RequestNumber, Arc<BTreeSet<String>>),
    /// The answer that the request was taken, or what of it was, is about to be written.
    Acknowledged(RequestNumber),
    /// The request is about to be answered with a status that says something against its records.
    Refused(RequestNumber, u16),
    /// The request is about to be answered with a status that says that nothing of it was taken: later, or not here.
    TurnedAway(RequestNumber),
    /// The request ends with no such answer, so that it may have been taken.
    Failed(RequestNumber),
    /// The sender is gone without warning; what it had not read yet it never will.
    Killed,
    /// The sender ended in good order.
    Stopped,
    /// The sender is about to begin a new life; all that its last one sent has been read.
    Started,
    /// The sender is being told something: it may know it from now on.
    Telling(Word),
    /// It said that it knows.
    Told(Word),
}

/// What people tell the sender while it runs.
#[derive(Debug, Clone)]
pub(super) enum Word {
    /// Whose a PIN is, by its place in the roster.
    Mapped(usize),
    /// What this receiver's destination wants from now on.
    Wants(Arc<Wants>),
}

/// The place of a request among all that arrived at one receiver, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestNumber(pub(super) usize);

/// One receiver's.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    events: Vec<Event>,
    arrivals: usize,
}

impl Journal {
    fn lock(&self) -> MutexGuard<'_, Pages> {
        // A thread that died while it wrote has written all or nothing of its line.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, event: Event) {
        self.lock().events.push(event);
    }

    pub(super) fn arrived(&self, request: Arc<Request>) -> RequestNumber {
        let mut pages = self.lock();
        let number = RequestNumber(pages.arrivals);
        pages.arrivals += 1;
        pages.events.push(Event::Arrived(request));
        number
    }

    pub(super) fn arrivals(&self) -> usize {
        self.lock().arrivals
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }
}

/// Writes down a kill in all journals so that nothing else is written between it and the lines about it.
pub(super) fn killing(
    journals: &[&Journal],
    kill: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut all: Vec<_> = journals.iter().map(|journal| journal.lock()).collect();
    kill()?;
    for pages in &mut all {
        pages.events.push(Event::Killed);
    }
    Ok(())
}
