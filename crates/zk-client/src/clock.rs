use tokio::time::Instant;
use zk_wire::{WireTime, code};

use crate::{Error, Session, conversation::Repeat};

/// Seconds by which a clock may differ from what was just set, beside the time that passed.
const SLACK: i64 = 2;

impl Session {
    /// The terminal's wall clock; `None` where it shows no date or does not say.
    pub async fn clock(&mut self) -> Result<Option<WireTime>, Error> {
        let payload = self.read(code::GET_TIME, Vec::new()).await?;
        let packed = payload
            .as_deref()
            .and_then(|payload| payload.first_chunk::<4>());
        Ok(packed.and_then(|packed| WireTime::from_u32(u32::from_le_bytes(*packed))))
    }

    /// Sets the terminal's wall clock, and reads back whether it goes from there.
    pub async fn set_clock(&mut self, time: WireTime) -> Result<(), Error> {
        let before = Instant::now();
        let written = self
            .write(
                "set its clock",
                code::SET_TIME,
                time.to_u32().to_le_bytes().to_vec(),
                // A second later it would be another time.
                Repeat::Never,
            )
            .await?;
        self.refresh().await?;
        let shown = self.clock().await?;
        let passed = i64::try_from(before.elapsed().as_secs()).unwrap_or(i64::MAX);
        match shown {
            Some(shown)
                if (-SLACK..=passed + SLACK).contains(&(seconds(shown) - seconds(time))) =>
            {
                Ok(())
            }
            Some(shown) => {
                Err(written.failed(format!("the clock shows {shown} where {time} was set")))
            }
            None => Err(written.failed("the clock shows no time".to_owned())),
        }
    }
}

/// Seconds since the beginning of 2000.
fn seconds(time: WireTime) -> i64 {
    const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let years = i64::from(time.year) - 2000;
    let leap_day_passed = time.month > 2 && time.year.is_multiple_of(4);
    let month = usize::from(time.month.saturating_sub(1));
    let days = years * 365
        + (years + 3) / 4
        + BEFORE_MONTH.get(month).copied().unwrap_or(0)
        + i64::from(leap_day_passed)
        + i64::from(time.day)
        - 1;
    ((days * 24 + i64::from(time.hour)) * 60 + i64::from(time.minute)) * 60 + i64::from(time.second)
}
