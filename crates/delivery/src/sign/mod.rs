//! Signatures as Standard Webhooks has them, so that a receiver knows that a request is ours and of now.

#[cfg(test)]
mod tests;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use domain::{Secret, Signing};
use jiff::Timestamp;
use ring::hmac;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const PREFIX: &str = "whsec_";
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Keys are copied by hand, and lose their padding on the way.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the signing secret is not \"whsec_\" with 24 to 64 random bytes in Base64 behind it; copy it from the receiver, or make one: openssl rand -base64 32"
)]
pub(crate) struct SigningKeyError;

/// The headers of an attempt at `now`: one signature, or two while secrets are being changed.
pub(crate) fn headers(
    signing: &Signing,
    id: &str,
    now: Timestamp,
    body: &[u8],
) -> Result<Vec<(String, String)>, SigningKeyError> {
    let seconds = now.as_second().to_string();
    let mut signatures = vec![signature(&signing.secret, id, &seconds, body)?];
    if let Some(previous) = &signing.previous {
        signatures.push(signature(previous, id, &seconds, body)?);
    }
    Ok(vec![
        (ID.to_owned(), id.to_owned()),
        (TIMESTAMP.to_owned(), seconds),
        (SIGNATURE.to_owned(), signatures.join(" ")),
    ])
}

/// Says that there are signatures without making any.
pub(crate) fn shown_headers() -> Vec<(String, String)> {
    vec![
        (ID.to_owned(), "(the idempotency key)".to_owned()),
        (TIMESTAMP.to_owned(), "(the time of the attempt)".to_owned()),
        (SIGNATURE.to_owned(), "v1,***".to_owned()),
    ]
}

pub(crate) fn check(signing: &Signing) -> Result<(), SigningKeyError> {
    key(&signing.secret)?;
    signing.previous.as_ref().map(key).transpose()?;
    Ok(())
}

fn signature(
    secret: &Secret<String>,
    id: &str,
    seconds: &str,
    body: &[u8],
) -> Result<String, SigningKeyError> {
    let mut context = hmac::Context::with_key(&key(secret)?);
    for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
        context.update(part);
    }
    Ok(format!("v1,{}", STANDARD.encode(context.sign())))
}

fn key(secret: &Secret<String>) -> Result<hmac::Key, SigningKeyError> {
    let text = secret.expose().trim();
    let bytes = LENIENT
        .decode(text.strip_prefix(PREFIX).unwrap_or(text))
        .map_err(|_| SigningKeyError)?;
    if !KEY_BYTES.contains(&bytes.len()) {
        return Err(SigningKeyError);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}
