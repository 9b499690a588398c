use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{JobId, TerminalId};

use crate::actions::OperationsRead;

/// What terminals told when somebody asked, kept in memory until the program ends or newer things take its place.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Shelves>>);

#[derive(Default)]
struct Shelves {
    operations: VecDeque<(TerminalId, Arc<OperationsRead>)>,
    captures: VecDeque<(JobId, Arc<str>)>,
}

/// Terminals whose operations are kept.
const TERMINALS: usize = 32;
const CAPTURES: usize = 4;
/// Of one conversation.
const LONGEST_CAPTURE: usize = 32 << 20;

impl Kept {
    pub(crate) fn put_operations(&self, terminal: TerminalId, read: OperationsRead) {
        let held = &mut self.shelves().operations;
        held.retain(|(known, _)| *known != terminal);
        held.truncate(TERMINALS - 1);
        held.push_front((terminal, Arc::new(read)));
    }

    pub(crate) fn operations(&self, terminal: TerminalId) -> Option<Arc<OperationsRead>> {
        let shelves = self.shelves();
        let mut held = shelves.operations.iter();
        held.find(|(known, _)| *known == terminal)
            .map(|(_, read)| Arc::clone(read))
    }

    /// Gives whether it is kept: one that is too long is not.
    pub(crate) fn put_capture(&self, job: JobId, text: String) -> bool {
        if text.len() > LONGEST_CAPTURE {
            return false;
        }
        let held = &mut self.shelves().captures;
        held.truncate(CAPTURES - 1);
        held.push_front((job, text.into()));
        true
    }

    pub(crate) fn capture(&self, job: JobId) -> Option<Arc<str>> {
        let shelves = self.shelves();
        let mut held = shelves.captures.iter();
        held.find(|(known, _)| *known == job)
            .map(|(_, text)| Arc::clone(text))
    }

    /// Whoever panicked while they held it left it whole.
    fn shelves(&self) -> std::sync::MutexGuard<'_, Shelves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
