use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::{LocalTime, Pin, PunchState};

/// The name of a punch for the outside world: derived from what it is, so that the same punch has the same id on every
/// machine and after every re-import. 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(String);

impl RecordId {
    /// `identity` is the terminal's: its serial number, or the id minted for a terminal without one.
    pub fn derive(identity: &str, pin: &Pin, local_time: LocalTime, state: PunchState) -> Self {
        let mut digest = Context::new(&SHA256);
        digest.update(b"zk-attendance punch 1");
        for part in [
            identity,
            pin.as_str(),
            &local_time.to_string(),
            &state.code().to_string(),
        ] {
            digest.update(b"\0");
            digest.update(part.as_bytes());
        }
        Self(first_128_bits(digest))
    }

    /// Takes an id back from the ledger.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The idempotency key of a batch: an id of the ordered record ids in it. 32 hexadecimal digits.
pub fn batch_key<'a>(records: impl IntoIterator<Item = &'a RecordId>) -> String {
    let mut digest = Context::new(&SHA256);
    digest.update(b"zk-attendance batch 1");
    for record in records {
        digest.update(b"\0");
        digest.update(record.as_str().as_bytes());
    }
    first_128_bits(digest)
}

/// The idempotency key under which a request goes whose records went before, were not taken, and say something else by now:
/// a receiver may remember what it answered to a key. `words` tells one wording from another.
pub fn reworded_key(key: &str, words: i64) -> String {
    let mut digest = Context::new(&SHA256);
    digest.update(b"zk-attendance reworded 1\0");
    digest.update(key.as_bytes());
    digest.update(b"\0");
    digest.update(&words.to_be_bytes());
    first_128_bits(digest)
}

fn first_128_bits(digest: Context) -> String {
    let digit = |number: u8| char::from_digit(number.into(), 16).unwrap_or('0');
    let digest = digest.finish();
    let bytes = digest.as_ref().iter().take(16);
    let mut text = String::with_capacity(32);
    text.extend(bytes.flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}
