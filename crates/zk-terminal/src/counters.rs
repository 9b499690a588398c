//! The answer to `GET_FREE_SIZES`: how much the terminal says that it holds.

use zk_wire::{Counts, FreeSizes};

use crate::{
    config::{CounterShape, TerminalConfig},
    shared::State,
};

const USUAL: usize = 23;

pub(crate) fn answer(config: &TerminalConfig, state: &mut State) -> Vec<u8> {
    let truth = counts(config, state);
    let told = |records: u32| FreeSizes::encode(&Counts { records, ..truth }, USUAL);
    match state.counters {
        CounterShape::B80 => FreeSizes::encode(&truth, 20),
        CounterShape::B92 => FreeSizes::encode(&truth, USUAL),
        CounterShape::B112 => FreeSizes::encode(&truth, 28),
        CounterShape::Unknown => vec![0; 4],
        CounterShape::NoRecords => told(0),
        CounterShape::OneTooMany => told(truth.records.saturating_add(1)),
        CounterShape::Records(records) => told(records),
        CounterShape::Frozen => state
            .frozen
            .get_or_insert_with(|| told(truth.records))
            .clone(),
    }
}

/// Counters that never change are those of the moment when that begins.
pub(crate) fn freeze(config: &TerminalConfig, state: &mut State) {
    state.frozen = None;
    if state.counters == CounterShape::Frozen {
        answer(config, state);
    }
}

fn counts(config: &TerminalConfig, state: &State) -> Counts {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Counts {
        users: count(state.people().len()),
        templates: count(state.templates.len()),
        records: count(state.log.len()),
        operations: count(state.operations.len()),
        admins: count(state.people().admins()),
        passwords: count(state.people().passwords()),
        template_capacity: u32::from(config.template_capacity),
        user_capacity: config.user_capacity,
        record_capacity: state.log.capacity(),
    }
}
