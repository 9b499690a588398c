//! What a client uploads in pieces before it says what it is.

use bytes::BytesMut;
use zk_wire::BulkUpload;

/// The upload of one session. Memory grows with what arrives, not with what is announced.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    announced: usize,
    bytes: BytesMut,
}

impl Upload {
    /// `None` for more than any terminal can hold.
    pub(crate) fn begin(payload: &[u8]) -> Option<Self> {
        let announced = u32::from_le_bytes(*payload.first_chunk()?);
        let announced = usize::try_from(announced).ok()?;
        (announced <= BulkUpload::LONGEST).then(|| Self {
            announced,
            bytes: BytesMut::new(),
        })
    }

    /// `false` for more than was announced.
    pub(crate) fn take(&mut self, piece: &[u8]) -> bool {
        let fits = self.bytes.len() + piece.len() <= self.announced;
        if fits {
            self.bytes.extend_from_slice(piece);
        }
        fits
    }

    /// What was uploaded, where all of it is there.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        (self.bytes.len() == self.announced).then_some(&self.bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
