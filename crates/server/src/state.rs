use std::sync::Arc;

use collector::Collector;
use delivery::{Delivery, OutboundPolicy};
use domain::Clock;
use jiff::tz::TimeZone;
use ring::hmac;
use storage::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::Kept;

/// What every handler may use; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub store: Store,
    pub collector: Collector,
    pub delivery: Delivery,
    /// Which URLs may be contacted; checked when one is set.
    pub policy: OutboundPolicy,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<ServerSettings>,
    /// `HMAC_SHA256` with random bytes of this process: request ids and tokens of forms derive from it.
    pub form_key: Arc<hmac::Key>,
    /// What terminals told when somebody asked.
    pub kept: Kept,
    /// Work that goes on when its caller is gone.
    pub tasks: TaskTracker,
    /// Cancelled when the program stops: answers that wait for something end at once.
    pub stopping: CancellationToken,
}

/// What holds as long as the process runs.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub auth: Auth,
    /// The zone of the server's own wall clock.
    pub zone: TimeZone,
    /// Its IANA name.
    pub zone_name: String,
    /// How often terminals are contacted that have no interval of their own.
    pub interval: std::time::Duration,
    pub version: &'static str,
    pub codes: StatusCodes,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Holders of an API key.
    Keys,
    /// Everybody on this machine, for trying out: the listener must be on loopback.
    Open,
}

/// Which HTTP status codes `/api/*` answers with; `/api/v1/*` always uses the whole range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusCodes {
    /// Only those that the seed knows, and what HTTP itself needs: 200, 400, 401, 403, 404, 405, 413, 500.
    #[default]
    Seed,
    /// The same as v1.
    Plain,
}
