//! "Organizing by user and date": records come in the order of time, so those of one date stand together.

use std::{collections::HashMap, mem};

use serde::Serialize;
use storage::PunchCursor;
use utoipa::ToSchema;

use crate::actions::PunchView;

/// A person's records of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct GroupView {
    #[schema(example = "123")]
    employee_id: String,
    /// As in the last record.
    #[schema(example = "John Doe")]
    employee_name: String,
    #[schema(example = "2025-05-04")]
    date: String,
    /// Timestamp of the first record.
    #[schema(example = "2025-05-04 09:00:00")]
    first: String,
    /// Timestamp of the last record; the same where there is only one.
    #[schema(example = "2025-05-04 17:30:00")]
    last: String,
    count: usize,
    records: Vec<PunchView>,
}

/// Collects a date at a time.
#[derive(Default)]
pub(super) struct Days {
    date: String,
    groups: Vec<GroupView>,
    /// Where in `groups` a person is.
    places: HashMap<String, usize>,
    /// The last record of `groups`.
    until: Option<PunchCursor>,
    /// The last record of the date before.
    whole: Option<PunchCursor>,
}

impl Days {
    /// Takes the next record; gives the date before when a new one begins with it.
    pub(super) fn add(&mut self, punch: PunchView, cursor: PunchCursor) -> Option<Vec<GroupView>> {
        let finished = (punch.date != self.date && !self.groups.is_empty()).then(|| {
            self.whole = self.until;
            self.places.clear();
            mem::take(&mut self.groups)
        });
        self.until = Some(cursor);
        self.date.clone_from(&punch.date);
        let place = self.places.get(&punch.employee_id).copied();
        if let Some(group) = place.and_then(|place| self.groups.get_mut(place)) {
            group.add(punch);
        } else {
            self.places
                .insert(punch.employee_id.clone(), self.groups.len());
            self.groups.push(GroupView::new(punch));
        }
        finished
    }

    /// The last record of the dates that were given out.
    pub(super) fn whole(&self) -> Option<PunchCursor> {
        self.whole
    }

    /// The date that no other followed.
    pub(super) fn last(self) -> Vec<GroupView> {
        self.groups
    }
}

impl GroupView {
    fn new(punch: PunchView) -> Self {
        Self {
            employee_id: punch.employee_id.clone(),
            employee_name: punch.employee_name.clone(),
            date: punch.date.clone(),
            first: punch.timestamp.clone(),
            last: punch.timestamp.clone(),
            count: 1,
            records: vec![punch],
        }
    }

    fn add(&mut self, punch: PunchView) {
        self.employee_name.clone_from(&punch.employee_name);
        self.last.clone_from(&punch.timestamp);
        self.count += 1;
        self.records.push(punch);
    }
}
