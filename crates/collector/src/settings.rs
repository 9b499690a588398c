use std::{path::PathBuf, time::Duration};

use jiff::tz::TimeZone;

/// What holds for every terminal that has no setting of its own.
#[derive(Debug, Clone)]
pub struct CollectorSettings {
    /// Between the starts of two contacts with a terminal.
    pub interval: Duration,
    pub connect_timeout: Duration,
    /// The zone that terminals' local times are in.
    pub zone: TimeZone,
    /// Its IANA name, as stored with each punch.
    pub zone_name: String,
    /// The folder that gets a copy of each log before it is cleared.
    pub copies: PathBuf,
    /// Makes the id of a terminal that has no serial number.
    pub mint: fn() -> String,
}
