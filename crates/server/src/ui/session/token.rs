use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::http::HeaderMap;
use jiff::Timestamp;
use ring::hmac;

use super::Cookie;
use crate::auth::{COOKIE, cookie};

/// What a browser is recognised by from one request to the next: its key, or before the login a number of its own.
///
/// The token of a form is derived from it, so a form that another site made, or that was made for another key, is not
/// taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session(String);

/// Keeps the number before the login.
const VISITOR: &str = "zka_visitor";
const VISITOR_SECS: u32 = 24 * 60 * 60;

impl Session {
    /// While no key is asked for, everybody is the same.
    pub(crate) fn open() -> Self {
        Self("open".to_owned())
    }

    pub(crate) fn of_key(key: &str) -> Self {
        Self(format!("key {key}"))
    }

    /// The browser's, before the login; one that has none is given one.
    pub(crate) fn before_login(
        key: &hmac::Key,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> (Self, Option<Cookie>) {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        if let Some(number) = cookie(headers, VISITOR).filter(|number| !number.is_empty()) {
            return (Self(format!("visitor {number}")), None);
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let number = hex(&hmac::sign(
            key,
            format!("visitor {count} {}", now.as_nanosecond()).as_bytes(),
        ));
        let given = Cookie::new(VISITOR, number.clone(), VISITOR_SECS);
        (Self(format!("visitor {number}")), Some(given))
    }

    /// What a form of this browser must bring along.
    pub(crate) fn token(&self, key: &hmac::Key) -> String {
        hex(&hmac::sign(key, self.message("form").as_bytes()))
    }

    /// Takes as long for a wrong one as for a right one.
    pub(crate) fn is_token(&self, key: &hmac::Key, token: &str) -> bool {
        unhex(token)
            .is_some_and(|tag| hmac::verify(key, self.message("form").as_bytes(), &tag).is_ok())
    }

    /// Signs a text for this browser alone.
    pub(super) fn sign(&self, key: &hmac::Key, text: &str) -> String {
        hex(&hmac::sign(
            key,
            self.message(&format!("flash {text}")).as_bytes(),
        ))
    }

    pub(super) fn is_signed(&self, key: &hmac::Key, text: &str, signature: &str) -> bool {
        unhex(signature).is_some_and(|tag| {
            hmac::verify(key, self.message(&format!("flash {text}")).as_bytes(), &tag).is_ok()
        })
    }

    fn message(&self, purpose: &str) -> String {
        format!("{purpose}\0{}", self.0)
    }
}

/// Whether the browser was given a key cookie.
pub(super) fn key_cookie(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, COOKIE).filter(|key| !key.is_empty())
}

fn hex(tag: &hmac::Tag) -> String {
    hex_of(tag.as_ref())
}

pub(super) fn hex_of(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits?;
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect()
}
