use crate::{GuardError, TlsError};

/// Why delivery cannot start at all; what goes wrong later is kept with the destination.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
    #[error("TLS cannot be set up")]
    Tls(#[source] TlsError),
    #[error("the way out cannot be set up")]
    Guard(#[source] GuardError),
}
