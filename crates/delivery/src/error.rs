/// Why delivery cannot start at all; what goes wrong later is kept with the destination.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}
