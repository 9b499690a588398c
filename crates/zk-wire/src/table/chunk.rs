use std::{collections::BTreeMap, ops::Range};

use super::{Request, request::read_piece};

/// The part of a prepared table that is being read.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Where it begins in the table.
    start: usize,
    size: usize,
    /// What the present request asks for, relative to `start`.
    asked: Range<usize>,
    /// What arrived of it, relative to `start`; never overlapping.
    parts: BTreeMap<usize, Vec<u8>>,
    /// Most bytes that one request may ask for, so that one packet answers it.
    piece: Option<usize>,
}

impl Chunk {
    pub(super) fn new(start: usize, size: usize, piece: Option<usize>) -> Self {
        let mut chunk = Self {
            start,
            size,
            asked: 0..0,
            parts: BTreeMap::new(),
            piece,
        };
        chunk.ask_for_gap();
        chunk
    }

    pub(super) fn request(&self) -> Request {
        read_piece(self.asked_from(), self.asked.len())
    }

    /// Bytes that the present request asks for.
    pub(super) fn wanted(&self) -> usize {
        self.asked.len()
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Where in the table the present request begins.
    pub(super) fn asked_from(&self) -> usize {
        self.start + self.asked.start
    }

    /// Where the next chunk begins.
    pub(super) fn end(&self) -> usize {
        self.start + self.size
    }

    /// Whether the present request asks for all of it.
    pub(super) fn is_asked_whole(&self) -> bool {
        self.asked == (0..self.size)
    }

    pub(super) fn missing(&self) -> usize {
        self.size - self.parts.values().map(Vec::len).sum::<usize>()
    }

    /// From now on, at most so many bytes are asked for at once.
    pub(super) fn limit(&mut self, piece: usize) {
        self.piece = Some(self.piece.map_or(piece, |before| before.min(piece)));
    }

    /// Takes bytes that arrived at `offset` of what was asked for.
    pub(super) fn fill(&mut self, offset: usize, bytes: Vec<u8>) {
        self.parts.insert(self.asked.start + offset, bytes);
    }

    /// Asks for what is missing first; `false` if nothing is.
    pub(super) fn ask_for_gap(&mut self) -> bool {
        let mut gap = 0..self.size;
        for (start, bytes) in &self.parts {
            if *start > gap.start {
                gap.end = *start;
                break;
            }
            gap.start = start + bytes.len();
        }
        gap.end = gap
            .end
            .min(gap.start + self.piece.unwrap_or(usize::MAX - gap.start));
        self.asked = gap;
        !self.asked.is_empty()
    }

    /// Appends what arrived, in order.
    pub(super) fn append_to(self, ready: &mut Vec<u8>) {
        ready.reserve(self.size - self.missing());
        for (_, bytes) in self.parts {
            ready.extend_from_slice(&bytes);
        }
    }
}
