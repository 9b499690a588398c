use super::body::{RangeBody, ReplayBody};
use crate::{
    actions::{PunchWish, ReplayWish},
    input::{Count, Switch, Word},
    problem::Problem,
};

const MOST: usize = 10_000;

impl ReplayBody {
    /// Nothing said must not mean everything.
    pub(super) fn wish(self) -> Result<ReplayWish, Problem> {
        let force = self.force.is_some_and(|Switch(on)| on);
        let cause = self.cause.and_then(Word::filled);
        let reason = self.reason.and_then(Word::filled);
        let parked = self.parked.is_some_and(|Switch(on)| on);
        let wish = match (self.deliveries, cause, parked, self.range) {
            (Some(ids), None, false, None) => ReplayWish::Deliveries {
                ids: checked(&ids)?,
                force,
            },
            (None, Some(cause), false, None) => ReplayWish::Cause {
                cause,
                reason: reason.clone(),
            },
            (None, None, true, None) => ReplayWish::Parked,
            (None, None, false, Some(range)) => ReplayWish::Range {
                punches: range.wish()?,
                force,
            },
            (None, None, false, None) => {
                return Err(Problem::invalid(
                    "say what goes again: {\"deliveries\": [17]}, {\"cause\": \"refused\"}, {\"parked\": true} or \
                     {\"range\": {\"start_date\": \"2026-11-01\"}}",
                ));
            }
            _ => {
                return Err(Problem::invalid(
                    "deliveries, cause, parked and range exclude each other; send one of them",
                ));
            }
        };
        if reason.is_some() && !matches!(wish, ReplayWish::Cause { .. }) {
            return Err(Problem::invalid("reason belongs to a cause; send both"));
        }
        Ok(wish)
    }
}

fn checked(ids: &[Count]) -> Result<Vec<i64>, Problem> {
    if ids.is_empty() || ids.len() > MOST {
        return Err(Problem::invalid(format!(
            "deliveries has {} ids; send 1 to {MOST}",
            ids.len()
        )));
    }
    ids.iter()
        .map(|Count(id)| {
            i64::try_from(*id)
                .map_err(|_| Problem::invalid(format!("deliveries holds {id}, which is no id")))
        })
        .collect()
}

impl RangeBody {
    fn wish(self) -> Result<PunchWish, Problem> {
        let wish = PunchWish {
            start_date: self.start_date.and_then(Word::filled),
            end_date: self.end_date.and_then(Word::filled),
            people: self.emp_no.unwrap_or_default().0,
            device: self.device.and_then(Word::filled),
        };
        if wish.is_everything() {
            return Err(Problem::invalid(
                "the range is empty; give start_date, end_date, emp_no or device",
            ));
        }
        Ok(wish)
    }
}
