use std::time::Duration;

use zk_wire::code;

use crate::{Error, Session, conversation::Repeat};

/// Whether a door stands open, by its sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorState {
    /// Shut.
    Closed,
    /// Not shut.
    Open,
}

/// In what a terminal counts how long a door stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnlockUnit {
    /// As pyzk and gozk have it.
    #[default]
    TenthsOfASecond,
    /// As an F19 was seen to do.
    Seconds,
}

/// Whoever wants a door open longer than this wants something else.
const LONGEST: Duration = Duration::from_mins(10);

impl Session {
    /// Opens the door for so long, in steps of the terminal's [`UnlockUnit`]: a tenth of a second, or what
    /// [`count_unlock_in`](Self::count_unlock_in) says.
    ///
    /// Sent once. After [`Error::Timeout`] the door may have been opened all the same.
    pub async fn unlock(&mut self, time: Duration) -> Result<(), Error> {
        if time.is_zero() || time > LONGEST {
            return Err(Error::Invalid {
                reason: format!(
                    "a door can be opened for a tenth of a second up to {} minutes",
                    LONGEST.as_secs() / 60
                ),
            });
        }
        let unit = match self.ways.unlock_unit {
            UnlockUnit::TenthsOfASecond => 100,
            UnlockUnit::Seconds => 1_000,
        };
        let units = u32::try_from(time.as_millis().div_ceil(unit)).unwrap_or(u32::MAX);
        self.command(
            "open the door",
            code::UNLOCK,
            units.to_le_bytes().to_vec(),
            Repeat::Never,
        )
        .await
    }

    /// From now on this terminal is told in these how long its door stays open.
    pub fn count_unlock_in(&mut self, unit: UnlockUnit) {
        self.ways.unlock_unit = unit;
    }

    /// Whether the door stands open; `None` where the terminal has no sensor or does not say.
    pub async fn door_state(&mut self) -> Result<Option<DoorState>, Error> {
        let reply = self
            .conversation
            .ask_briefly(code::DOOR_STATE, Vec::new(), Repeat::Harmless)
            .await?;
        Ok(reply
            .filter(|reply| reply.command == code::ACK_OK)
            .and_then(|reply| match reply.payload.first() {
                Some(0) => Some(DoorState::Closed),
                Some(1) => Some(DoorState::Open),
                Some(_) | None => None,
            }))
    }
}
