//! Which waiting records make the next batch.

use std::collections::HashSet;

use domain::Order;
use storage::Candidate;

/// Chooses from `candidates` (oldest first) at most `limit` records of one terminal, the oldest record's.
///
/// Where order counts, nobody's record overtakes an earlier one of the same person: once a record is passed over because it is another
/// terminal's, what follows of the same person is passed over too.
pub(crate) fn compose(candidates: Vec<Candidate>, limit: usize, order: Order) -> Vec<Candidate> {
    let Some(terminal) = candidates.first().map(|oldest| oldest.terminal_id) else {
        return Vec::new();
    };
    let mut passed_over = HashSet::new();
    let mut chosen = Vec::with_capacity(limit.min(candidates.len()));
    for candidate in candidates {
        if chosen.len() == limit {
            break;
        }
        if candidate.terminal_id == terminal && !passed_over.contains(&candidate.whose()) {
            chosen.push(candidate);
        } else if order == Order::PerPerson {
            passed_over.insert(candidate.whose());
        }
    }
    chosen
}
