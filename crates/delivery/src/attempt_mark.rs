//! By what a body is known again when it is rendered later.

use ring::digest::{SHA256, digest};
use storage::BodyMark;

pub(crate) fn body_mark(body: &[u8]) -> BodyMark {
    BodyMark {
        size: u64::try_from(body.len()).unwrap_or(u64::MAX),
        digest: digest(&SHA256, body).as_ref().to_vec(),
    }
}
