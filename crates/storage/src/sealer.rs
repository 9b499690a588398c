use domain::Secret;
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};

use crate::{Result, StoreError};

/// Seals secrets, so that whoever gets hold of the ledger alone cannot read them.
///
/// The nonce is made of what is sealed (as in RFC 5297), not of chance: the same secret gives the same bytes, two
/// different ones never share a nonce.
#[derive(Clone)]
pub struct Sealer {
    sealing: hmac::Key,
    nonces: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(***)")
    }
}

/// Bound into what is sealed, so that one kind of secret cannot be put in place of another.
pub(crate) const REQUEST_SPEC: &[u8] = b"zk-attendance request spec 1";
pub(crate) const TEMPLATE: &[u8] = b"zk-attendance template 1";
const COMM_KEY: &[u8] = b"zk-attendance comm key 1";

impl Sealer {
    pub fn new(key: [u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let derive =
            |purpose: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, purpose).as_ref());
        Self {
            sealing: derive(b"seal"),
            nonces: derive(b"nonce"),
        }
    }

    pub(crate) fn seal_comm_key(&self, key: &Secret<u32>) -> Result<Vec<u8>> {
        self.seal(COMM_KEY, &key.expose().to_be_bytes())
    }

    /// `None` when it was sealed with another key, or changed since.
    pub(crate) fn open_comm_key(&self, sealed: &[u8]) -> Option<Secret<u32>> {
        let bytes: [u8; 4] = self.open(COMM_KEY, sealed)?.try_into().ok()?;
        Some(Secret::new(u32::from_be_bytes(bytes)))
    }

    /// `purpose` must be given again to open it.
    pub(crate) fn seal(&self, purpose: &'static [u8], secret: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = secret.to_vec();
        let nonce = self.nonce(purpose, &sealed);
        let tag = self
            .cipher(purpose)?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose),
                &mut sealed,
            )
            .map_err(|_| StoreError::damaged("a secret could not be sealed"))?;
        Ok([nonce.as_slice(), &sealed, tag.as_ref()].concat())
    }

    /// `None` when it was sealed with another key or for another purpose, or changed since.
    pub(crate) fn open(&self, purpose: &'static [u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let length = self
            .cipher(purpose)
            .ok()?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(purpose),
                &mut rest,
            )
            .ok()?
            .len();
        rest.truncate(length);
        Some(rest)
    }

    fn nonce(&self, purpose: &[u8], secret: &[u8]) -> [u8; NONCE_LEN] {
        let mut context = hmac::Context::with_key(&self.nonces);
        context.update(purpose);
        context.update(secret);
        let mut nonce = [0; NONCE_LEN];
        nonce
            .iter_mut()
            .zip(context.sign().as_ref())
            .for_each(|(to, from)| *to = *from);
        nonce
    }

    fn cipher(&self, purpose: &[u8]) -> Result<LessSafeKey> {
        let key = hmac::sign(&self.sealing, purpose);
        UnboundKey::new(&CHACHA20_POLY1305, key.as_ref())
            .map(LessSafeKey::new)
            .map_err(|_| StoreError::damaged("the sealing key has a wrong length"))
    }
}
