//! The bytes of a table, in the pieces in which the terminal keeps them.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// Large pieces are shared with what they were taken from, not copied.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rope {
    pieces: Vec<Bytes>,
    len: usize,
}

impl Rope {
    pub(crate) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.len += piece.len();
            self.pieces.push(piece);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The same with other four bytes at its beginning.
    pub(crate) fn with_length(&self, length: [u8; 4]) -> Self {
        let mut changed = Self::from(Bytes::copy_from_slice(&length));
        let mut skip = 4;
        for piece in &self.pieces {
            let from = piece.len().min(skip);
            skip -= from;
            changed.push(piece.slice(from..));
        }
        changed
    }

    /// The bytes of a range, shared where they lie in one piece. What is beyond the end is left out.
    pub(crate) fn slice(&self, range: Range<usize>) -> Bytes {
        let (mut start, end) = (range.start, range.end.min(self.len));
        let mut found = BytesMut::new();
        let mut at = 0;
        for piece in &self.pieces {
            let behind = at + piece.len();
            if start < end && start < behind {
                let part = piece.slice(start - at..end.min(behind) - at);
                if found.is_empty() && end <= behind {
                    return part;
                }
                found.extend_from_slice(&part);
                start = behind;
            }
            at = behind;
        }
        found.freeze()
    }
}

impl From<Bytes> for Rope {
    fn from(bytes: Bytes) -> Self {
        let mut rope = Self::default();
        rope.push(bytes);
        rope
    }
}
