use std::sync::Arc;

use domain::{Clock, Secret};
use jiff::tz::TimeZone;

/// What every handler may use; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<ServerSettings>,
}

/// What holds as long as the process runs.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub auth: Auth,
    /// The zone of the server's own wall clock.
    pub zone: TimeZone,
    /// 256 random bits of this process: request ids and tokens of forms derive from them.
    pub process_secret: Secret<[u8; 32]>,
    pub version: &'static str,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Holders of an API key.
    Keys,
    /// Everybody on this machine, for trying out: the listener must be on loopback.
    Open,
}
