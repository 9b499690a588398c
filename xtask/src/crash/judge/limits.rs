//! An answer 413 teaches how many records a receiver takes at once, for good.

use std::collections::BTreeSet;

use super::{ids, requests};
use crate::crash::{journal::Event, request::Request};

/// Once the sender has gone on after an answer 413, no batch with more than half of that one's records is made any more.
/// What was made before may come: a batch that may have been taken comes again as it was, and so do the parts into which
/// one was divided.
pub(super) fn look(events: &[Event], complaints: &mut Vec<String>) {
    let all: Vec<&Request> = requests(events).collect();
    let mut most = usize::MAX;
    // Answered so, and not known to be learned: a kill may come first.
    let mut lesson = None;
    let mut next = 0;
    let mut first_of_this_life = 0;
    for (position, event) in events.iter().enumerate() {
        match event {
            Event::Arrived(request) => {
                most = most.min(lesson.take().unwrap_or(usize::MAX));
                if request.records.len() > most
                    && !is_old(request, events.get(..position).unwrap_or_default())
                {
                    complaints.push(format!(
                        "request {next} has {} records, after an answer 413 had taught that {most} is the most",
                        request.records.len()
                    ));
                }
                next += 1;
            }
            Event::Refused(number, 413) if number.0 >= first_of_this_life => {
                let size = all.get(number.0).map_or(0, |request| request.records.len());
                lesson = (size > 1).then(|| size.div_ceil(2));
            }
            Event::Killed => lesson = None,
            Event::Started => first_of_this_life = next,
            Event::Stopped => most = most.min(lesson.take().unwrap_or(usize::MAX)),
            Event::Refused(..)
            | Event::Taken(_)
            | Event::TakenInPart(..)
            | Event::Acknowledged(_)
            | Event::TurnedAway(_)
            | Event::Failed(_)
            | Event::Telling(_)
            | Event::Told(_) => {}
        }
    }
}

/// Whether all of it came together before.
fn is_old(request: &Request, before: &[Event]) -> bool {
    let wanted: BTreeSet<&str> = ids(request).collect();
    requests(before).any(|earlier| {
        let there: BTreeSet<&str> = ids(earlier).collect();
        wanted.is_subset(&there)
    })
}
