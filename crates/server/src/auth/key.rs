use domain::Secret;
use ring::digest::{SHA256, digest};

/// An API key as its holder writes it: `zka_` and 43 characters for 256 random bits.
///
/// Only its hash is stored, so the text exists once: when it is made. 256 random bits need no slow hash.
#[derive(Debug, Clone)]
pub struct ApiKeyText(Secret<String>);

const PREFIX: &str = "zka_";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters of base64url, without padding, for 32 bytes.
const LENGTH: usize = 43;

impl ApiKeyText {
    /// Makes the key of 256 random bits, which the caller takes from the operating system.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        let mut text = String::with_capacity(PREFIX.len() + LENGTH);
        text.push_str(PREFIX);
        let (mut pending, mut bits) = (0_u32, 0_u32);
        for byte in bytes {
            pending = pending << 8 | u32::from(byte);
            bits += 8;
            while bits >= 6 {
                bits -= 6;
                text.push(digit(pending >> bits));
            }
        }
        text.push(digit(pending << (6 - bits)));
        Self(Secret::new(text))
    }

    /// Reads what a caller sent; `None` for what cannot be a key.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix(PREFIX)?;
        (rest.len() == LENGTH && rest.bytes().all(|byte| ALPHABET.contains(&byte)))
            .then(|| Self(Secret::new(text.to_owned())))
    }

    /// What the ledger keeps of it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.expose().as_bytes()).as_ref());
        hash
    }

    /// The last four characters, by which its owner recognises it in a list.
    pub fn hint(&self) -> &str {
        let text = self.expose();
        text.get(text.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// The key itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The digit for the lowest six bits.
fn digit(bits: u32) -> char {
    let index = usize::try_from(bits & 0x3f).unwrap_or_default();
    ALPHABET.get(index).copied().map_or('A', char::from)
}
