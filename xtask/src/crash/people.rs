//! What people do at the server while it runs: they say whose a PIN is, and what a destination wants.

use std::sync::Arc;

use super::{
    destinations::{self, Destination},
    dice::Dice,
    journal::{Event, Word},
    roster::Roster,
    server::Serve,
};

pub(super) struct People {
    roster: Roster,
    /// How many mappings the server was told of.
    mapped: usize,
    changes: u32,
}

impl People {
    pub(super) fn new(roster: Roster) -> Self {
        Self {
            roster,
            mapped: 0,
            changes: 0,
        }
    }

    pub(super) fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(super) fn changes(&self) -> u32 {
        self.changes
    }

    /// One deed, whichever the dice say.
    pub(super) fn meddle(
        &mut self,
        destinations: &mut [Destination],
        dice: &mut Dice,
        serve: &Serve,
    ) -> anyhow::Result<()> {
        match dice.between(0, 5) {
            0 | 1 => self.map_next(destinations, serve).map(drop),
            2 | 3 => self.change_filters(destinations, dice, serve),
            _ => queue_past(destinations, serve),
        }
    }

    /// What is left to be said; then what was missed under earlier filters is asked for.
    pub(super) fn finish(
        &mut self,
        destinations: &mut [Destination],
        dice: &mut Dice,
        serve: &Serve,
    ) -> anyhow::Result<()> {
        while self.map_next(destinations, serve)? {}
        self.change_filters(destinations, dice, serve)?;
        queue_past(destinations, serve)
    }

    fn map_next(&mut self, destinations: &[Destination], serve: &Serve) -> anyhow::Result<bool> {
        let place = self.mapped;
        let Some(mapping) = self.roster.get(place) else {
            return Ok(false);
        };
        let note = |event: Event| {
            for destination in destinations {
                destination.journal().add(event.clone());
            }
        };
        note(Event::Telling(Word::Mapped(place)));
        mapping.tell(serve)?;
        note(Event::Told(Word::Mapped(place)));
        self.mapped += 1;
        Ok(true)
    }

    fn change_filters(
        &mut self,
        destinations: &mut [Destination],
        dice: &mut Dice,
        serve: &Serve,
    ) -> anyhow::Result<()> {
        for destination in destinations.iter_mut().filter(|each| each.changes_its_mind) {
            let wants = Arc::new(destinations::mornings(dice.between(0, destinations::MINDS)));
            let journal = destination.journal().clone();
            journal.add(Event::Telling(Word::Wants(Arc::clone(&wants))));
            destination.change_wants(&wants, serve)?;
            journal.add(Event::Told(Word::Wants(wants)));
            self.changes += 1;
        }
        Ok(())
    }
}

fn queue_past(destinations: &[Destination], serve: &Serve) -> anyhow::Result<()> {
    destinations
        .iter()
        .filter(|each| each.changes_its_mind)
        .try_for_each(|destination| destination.queue_past(serve))
}
