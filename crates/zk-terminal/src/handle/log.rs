//! The log and the clock, from inside.

use jiff::{SignedDuration, ToSpan as _, civil::DateTime};

use super::Handle;
use crate::{contents::Punch, operations::Done};

impl Handle {
    /// The time by the terminal's own clock.
    pub fn time(&self) -> DateTime {
        self.shared.time()
    }

    /// Sets the terminal's clock, as at its menu: so far ahead of the true time. Rows that are there keep their times, so
    /// that a log may go on before it ended.
    pub fn set_clock_offset(&self, offset: SignedDuration) {
        self.shared.state().offset = offset;
        self.record(Done::ClockSet, [0; 4]);
    }

    /// Adds this row to the log, whoever and whenever it is, and tells it to clients that registered for events. `false`
    /// where the log is full and refuses.
    ///
    /// A time that the wire cannot hold (before 2000 or after 2099) becomes a row whose date is impossible, as occurs on
    /// real terminals.
    pub fn punch(&self, punch: Punch) -> bool {
        self.shared.punch(punch)
    }

    /// The user with this PIN punches now, with a finger. `None` where the terminal knows no such user, or where its log
    /// is full and refuses.
    pub fn punch_by(&self, pin: &str, state: u8) -> Option<Punch> {
        let uid = self.shared.state().people().slot_of(pin)?;
        let punch = Punch {
            uid,
            pin: pin.to_owned(),
            time: self.time(),
            state,
            verify: 1,
            work_code: 0,
        };
        self.shared.punch(punch.clone()).then_some(punch)
    }

    /// A user picked by the terminal's seed punches now: in, and out the next time.
    ///
    /// Nobody punches twice in one second. `None` where that leaves nobody, while the terminal is disabled, and where its
    /// log is full and refuses.
    pub fn punch_random(&self) -> Option<Punch> {
        self.shared.punch_random()
    }

    /// Adds `count` rows at once, without telling them to clients: everybody in turn, one second after the other, behind
    /// the last row and at the earliest so that the last of them was a second ago. Gives how many the log took.
    ///
    /// Nobody has two rows in one second. Without users they are those of PIN 1001, who has left.
    pub fn fill_log(&self, count: usize) -> usize {
        let now = self.time();
        let mut state = self.shared.state();
        let people: Vec<(u16, String)> = match state.people().everybody() {
            nobody if nobody.is_empty() => vec![(0, "1001".to_owned())],
            people => people,
        };
        let span = i64::try_from(count.div_ceil(people.len())).unwrap_or(i64::MAX);
        let earliest = now.saturating_sub(span.seconds());
        let last = state.log.punches().next_back().map(|punch| punch.time);
        let first = last.map_or(earliest, |last| {
            earliest.max(last.saturating_add(1.second()))
        });
        let mut taken = 0;
        for nth in 0..count {
            let Some((uid, pin)) = people.get(nth % people.len()) else {
                break;
            };
            let later = i64::try_from(nth / people.len()).unwrap_or(i64::MAX);
            taken += usize::from(state.log.append(Punch {
                uid: *uid,
                pin: pin.clone(),
                time: first.saturating_add(later.seconds()),
                state: 0,
                verify: 1,
                work_code: 0,
            }));
        }
        taken
    }

    /// The log, the oldest first.
    pub fn punches(&self) -> Vec<Punch> {
        self.shared.state().log.punches().cloned().collect()
    }

    /// How many rows the log has.
    pub fn punch_count(&self) -> usize {
        self.shared.state().log.len()
    }

    /// From now on the log that clients read is these bytes, in whatever layout they are; `None`: what was punched. The
    /// counters stay those of the punches.
    pub fn say_log(&self, rows: Option<Vec<u8>>) {
        self.shared.state().log.say_instead(rows.map(Into::into));
    }

    /// Clears the log, as at the terminal's menu.
    pub fn clear_log(&self) {
        self.shared.state().log.clear();
        self.record(Done::AttendanceCleared, [0; 4]);
    }
}
