//! Dividing the records of a batch.

use std::collections::HashMap;

use domain::{BatchShape, batch_key};
use storage::{Batch, BatchPart, BatchRecord, BatchRole, Whose};

/// That a batch is divided into in one transaction.
const MOST_PARTS: usize = 8;

/// Two parts, each not empty, in the order of the ledger.
pub(super) type Halves<'a> = (Vec<&'a BatchRecord>, Vec<&'a BatchRecord>);

/// The earlier half and the later; `None` when there is only one record.
pub(super) fn in_order(records: &[BatchRecord]) -> Option<Halves<'_>> {
    if records.len() < 2 {
        return None;
    }
    let (earlier, later) = records.split_at(records.len().div_ceil(2));
    Some((earlier.iter().collect(), later.iter().collect()))
}

/// The oldest record and the others; `None` when there is only one.
pub(super) fn first_record(records: &[BatchRecord]) -> Option<Halves<'_>> {
    let (first, rest) = records.split_first()?;
    (!rest.is_empty()).then(|| (vec![first], rest.iter().collect()))
}

/// Two halves of about the same size with nobody's records in both, so that each can be tried before the other is
/// decided and still nobody's record overtakes an earlier one; `None` when all are one person's.
pub(super) fn by_person(records: &[BatchRecord]) -> Option<Halves<'_>> {
    let mut sizes: HashMap<Whose, usize> = HashMap::new();
    for record in records {
        *sizes.entry(record.whose()).or_default() += 1;
    }
    if sizes.len() < 2 {
        return None;
    }
    let mut earlier_people: HashMap<Whose, bool> = HashMap::with_capacity(sizes.len());
    let mut taken = 0;
    for record in records {
        let whose = record.whose();
        if !earlier_people.contains_key(&whose) {
            let size = sizes.get(&whose).copied().unwrap_or_default();
            // The first person always goes left, the last one to turn up right when nobody else did.
            let is_last_chance = earlier_people.len() + 1 == sizes.len()
                && earlier_people.values().all(|left| *left);
            let left = earlier_people.is_empty()
                || (!is_last_chance && (taken + size) * 2 <= records.len());
            if left {
                taken += size;
            }
            earlier_people.insert(whose, left);
        }
    }
    Some(
        records
            .iter()
            .partition(|record| earlier_people.get(&record.whose()) == Some(&true)),
    )
}

/// Whether a batch that was opened before is larger than what is sent now: the size that is, and why.
///
/// One that may have arrived goes again as it was, under its id, for a receiver that knows requests by their ids.
pub(super) fn too_large(
    takes_one_record: bool,
    max_batch: Option<u32>,
    batch: &Batch,
    records: usize,
) -> Option<(usize, &'static str)> {
    if takes_one_record {
        return (records > 1).then_some((1, "the receiver is sent one record at a time now"));
    }
    if batch.in_doubt && batch.attempts > 0 {
        return None;
    }
    let most = usize::try_from(max_batch?).ok()?.max(1);
    (records > most).then_some((
        most,
        "the receiver answered 413 to another batch; it is sent fewer records at a time now",
    ))
}

/// Parts of about the same size, none larger than `size` but where there would be too many at once, in the order of
/// the ledger.
pub(super) fn of_size(records: &[BatchRecord], size: usize) -> Vec<Vec<&BatchRecord>> {
    let parts = records.len().div_ceil(size.max(1)).clamp(1, MOST_PARTS);
    records
        .chunks(records.len().div_ceil(parts).max(1))
        .map(|part| part.iter().collect())
        .collect()
}

/// All records of the person whose record is the oldest, and the rest; `None` when all are one person's.
pub(super) fn first_person(records: &[BatchRecord]) -> Option<Halves<'_>> {
    let first = records.first()?.whose();
    let (theirs, rest): Halves<'_> = records.iter().partition(|record| record.whose() == first);
    (!rest.is_empty()).then_some((theirs, rest))
}

/// A part with its own id.
pub(super) fn part(records: &[&BatchRecord], shape: BatchShape, role: BatchRole) -> BatchPart {
    let idempotency_key = match (shape, records) {
        (BatchShape::Bare, [only]) => only.record_id.as_str().to_owned(),
        (BatchShape::Bare | BatchShape::Batch, _) => {
            batch_key(records.iter().map(|each| &each.record_id))
        }
    };
    BatchPart {
        idempotency_key,
        shape,
        role,
        others_passed: false,
        records: records.iter().map(|each| each.id).collect(),
    }
}
