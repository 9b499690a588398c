//! Reading the whole log, piece by piece. What came stays when the read breaks off, and the next contact goes on.

use std::{ops::Range, time::Duration};

use storage::ReadHow;
use tokio::time::Instant;
use zk_client::PreparedLog;
use zk_wire::{FreeSizes, LayoutError, RowLayout};

use super::{
    Brought, Line, Talk,
    end::step,
    turn::{Place, Turn, turn_with},
};
use crate::{
    CommandError, decode,
    rows::{Harvest, LogRow},
    tail::{Ends, Why},
};

/// A read that broke off so long ago begins anew, and its memory is free.
const KEPT: Duration = Duration::from_mins(5);

/// A read of the whole log on its way.
#[derive(Debug)]
pub(in crate::line) struct Whole {
    harvest: Harvest,
    ends: Ends,
    layout: Option<RowLayout>,
    /// Why that is an unknown one.
    refused: Option<LayoutError>,
    /// Bytes of whole rows that were taken.
    taken: usize,
    touched: Instant,
    place: Place,
}

/// What a read of the whole log is to know.
pub(super) struct Wish<'a> {
    /// From before the read.
    pub(super) counters: Option<&'a FreeSizes>,
    pub(super) why: Why,
    /// Taken already.
    pub(super) place: Place,
}

/// Bytes that the terminal gave for a part of the log that is not what we know, or not where we know it.
pub(super) struct Doubt {
    pub(super) from: usize,
    pub(super) bytes: Vec<u8>,
}

impl Line {
    /// `None` where other reads have to end first.
    pub(super) async fn read_whole(
        &mut self,
        talk: &mut Talk,
        wish: Wish<'_>,
    ) -> Result<Option<Brought>, CommandError> {
        if !self.gives_parts() {
            return self.read_in_one_piece(talk, wish).await;
        }
        let log = self.prepare(talk).await?;
        self.read_prepared(talk, log, wish, None).await
    }

    /// `doubt` is a part that did not fit. Where the log, read from its beginning, has other bytes there, the terminal
    /// does not read from where it is told.
    pub(super) async fn read_prepared(
        &mut self,
        talk: &mut Talk,
        mut log: PreparedLog,
        mut wish: Wish<'_>,
        doubt: Option<Doubt>,
    ) -> Result<Option<Brought>, CommandError> {
        if !self.begin_or_go_on(talk, &mut log, &mut wish).await? {
            talk.session.free_log(log).await;
            return Ok(None);
        }
        let records = wish.counters.and_then(FreeSizes::records);
        while let Some(range) = self.next_piece(&log) {
            let Some(bytes) = self.part(talk, &mut log, range.clone()).await? else {
                wish.place = self.memory.whole.take().and_then(|whole| whole.place);
                return self.read_in_one_piece(talk, wish).await;
            };
            if doubt
                .as_ref()
                .is_some_and(|doubt| doubt.is_refuted_by(range.start, &bytes))
            {
                let reason = "it answered with bytes from elsewhere";
                self.learn_no_parts(reason).await?;
            }
            self.take_piece(&bytes, log.bytes(), records).await?;
            self.between_pieces(talk).await?;
        }
        talk.session.free_log(log).await;
        let whole = self.memory.whole.take();
        Ok(whole.map(|whole| whole.brought(wish.why)))
    }

    /// Goes on with a read that broke off, where the log is still the same as far as it was read. `false` where other
    /// reads have to end first.
    async fn begin_or_go_on(
        &mut self,
        talk: &mut Talk,
        log: &mut PreparedLog,
        wish: &mut Wish<'_>,
    ) -> Result<bool, CommandError> {
        if let Some((range, meant)) = self
            .memory
            .whole
            .as_ref()
            .and_then(|whole| whole.overlap(log))
            && self.part(talk, log, range).await?.as_ref() == Some(&meant)
        {
            tracing::info!(
                terminal.id = self.terminal.id.0,
                "the read of its log that broke off goes on where it was"
            );
            return Ok(true);
        }
        self.memory.whole = None;
        let new = self.expected(log, wish.counters).await?;
        let places = &self.shared.large_reads;
        let Turn::Free(place) = turn_with(wish.place.take(), places, new).await? else {
            return Ok(false);
        };
        self.memory.whole = Some(Whole {
            harvest: Harvest::default(),
            ends: Ends::default(),
            layout: None,
            refused: None,
            taken: 0,
            touched: Instant::now(),
            place,
        });
        Ok(true)
    }

    /// New rows that a whole read may bring.
    async fn expected(
        &mut self,
        log: &PreparedLog,
        counters: Option<&FreeSizes>,
    ) -> Result<u64, CommandError> {
        // Rows of 8 bytes are the shortest.
        let most = (log.bytes() / 8) as u64;
        let rows = counters
            .and_then(FreeSizes::records)
            .map(u64::from)
            .filter(|rows| *rows > 0 && *rows <= most);
        let known = self.known_log().await?.position.as_ref();
        let size = known.map(|position| u64::from(position.row_size));
        let by_size = size
            .filter(|size| *size > 0)
            .map(|size| log.bytes() as u64 / size);
        let before = known.map_or(0, |position| position.rows);
        Ok(by_size.or(rows).unwrap_or(most).saturating_sub(before))
    }

    fn next_piece(&self, log: &PreparedLog) -> Option<Range<usize>> {
        let whole = self.memory.whole.as_ref()?;
        let (from, bytes) = (whole.taken, log.bytes());
        let length = match whole.layout {
            Some(layout) => step(log, layout.size()),
            None => log.chunk_size().max(RowLayout::SAMPLE),
        };
        (from < bytes).then(|| from..bytes.min(from + length))
    }

    async fn take_piece(
        &mut self,
        bytes: &[u8],
        total: usize,
        records: Option<u32>,
    ) -> Result<(), CommandError> {
        let Some((found, taken)) = self.memory.whole.as_ref().map(|w| (w.layout, w.taken)) else {
            return Ok(());
        };
        let derived = found.map_or_else(|| RowLayout::derive(total, records, bytes), Ok);
        let layout = derived.unwrap_or(RowLayout::unknown(total, records));
        let as_set = self.as_set(layout);
        let whole = bytes.len() - bytes.len() % layout.size();
        // The last row of a log may be shorter.
        let until = if taken + bytes.len() == total {
            bytes.len()
        } else {
            whole
        };
        let rows: Vec<LogRow> = bytes
            .get(..until)
            .unwrap_or_default()
            .chunks(layout.size())
            .map(|raw| decode::log_row(raw, as_set))
            .collect();
        let known = self.look_up(&rows).await?;
        // Nothing waits from here on, so that a read that is cut off is cut between two pieces.
        if let Some(whole) = &mut self.memory.whole {
            whole.taken += until;
            whole.layout = Some(layout);
            whole.refused = whole.refused.or(derived.err());
            whole.touched = Instant::now();
            for (row, known) in rows.into_iter().zip(known) {
                whole.ends.push(&row.raw);
                whole.harvest.take(row, known);
            }
        }
        Ok(())
    }

    /// Frees the memory of a read that broke off long ago.
    pub(in crate::line) fn forget_old_read(&mut self) {
        if self
            .memory
            .whole
            .as_ref()
            .is_some_and(|whole| whole.touched.elapsed() > KEPT)
        {
            self.memory.whole = None;
        }
    }
}

impl<'a> Wish<'a> {
    pub(super) fn new(counters: Option<&'a FreeSizes>, why: Why, place: Place) -> Self {
        Self {
            counters,
            why,
            place,
        }
    }
}

impl Whole {
    /// The last rows that were taken, and where they should be; `None` where nothing was taken, or the log cannot be the
    /// same any more.
    fn overlap(&self, log: &PreparedLog) -> Option<(Range<usize>, Vec<u8>)> {
        let size = self.layout?.size();
        let rows = self.ends.overlap();
        let is_possible = log.bytes() >= self.taken && log.bytes().is_multiple_of(size);
        (is_possible && !rows.is_empty())
            .then(|| (self.taken.saturating_sub(rows.len())..self.taken, rows))
    }

    fn brought(self, why: Why) -> Brought {
        Brought {
            rows: self.harvest.seen,
            harvest: self.harvest,
            ends: self.ends,
            layout: self.layout,
            bytes: self.taken,
            refused: self.refused,
            how: ReadHow::Full,
            is_proof: why.is_told(),
            _place: self.place,
        }
    }
}

impl Doubt {
    /// Whether the log has other bytes at this place than the terminal gave for it.
    fn is_refuted_by(&self, start: usize, bytes: &[u8]) -> bool {
        let (from, until) = (
            self.from.max(start),
            (self.from + self.bytes.len()).min(start + bytes.len()),
        );
        from < until
            && self.bytes.get(from - self.from..until - self.from)
                != bytes.get(from - start..until - start)
    }
}
