//! Reading only the end of the log.

use storage::ReadHow;
use zk_client::{Error, PreparedLog};
use zk_wire::{FreeSizes, RowLayout};

use super::{
    Brought, Line, Talk,
    turn::{Place, Turn, turn_with},
    whole::{Doubt, Wish},
};
use crate::{
    CommandError, decode,
    failure::not_connected,
    rows::Harvest,
    tail::{Approach, Ends, Found, Why, approach, begins_as_known, search},
};

/// Rows of the end of a log, on their way.
struct End {
    harvest: Harvest,
    ends: Ends,
    layout: RowLayout,
}

impl Line {
    /// `None` where other reads have to end first.
    pub(super) async fn read_end(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
        mut place: Place,
    ) -> Result<Option<Brought>, CommandError> {
        let mut log = self.prepare(talk).await?;
        let Some(position) = self.known_log().await?.position.clone() else {
            let wish = Wish::new(counters, Why::Unknown, place);
            return self.read_prepared(talk, log, wish, None).await;
        };
        let Some(layout) = self.layout_of(&position) else {
            let wish = Wish::new(counters, Why::Rows, place);
            return self.read_prepared(talk, log, wish, None).await;
        };
        let mut end = End {
            harvest: Harvest::following(self.known_log().await?.last_time),
            ends: Ends::of(&position),
            layout,
        };
        let (size, bytes) = (layout.size(), log.bytes());
        let mut doubt = None;
        let mut next = approach(&position, bytes, log.arrived_whole());
        loop {
            match next {
                Approach::End { from, known } => {
                    let new = (bytes - from) / size - known;
                    let Turn::Free(taken) =
                        turn_with(place.take(), &self.shared.large_reads, new as u64).await?
                    else {
                        talk.session.free_log(log).await;
                        return Ok(None);
                    };
                    let until = bytes.min(from + step(&log, size));
                    let Some(head) = self.part(talk, &mut log, from..until).await? else {
                        return self
                            .read_in_one_piece(talk, Wish::new(counters, Why::NoParts, taken))
                            .await;
                    };
                    if !begins_as_known(&position, known, &head) {
                        doubt = Some(Doubt { from, bytes: head });
                        place = taken;
                        next = Approach::after_mismatch(&position, bytes);
                        continue;
                    }
                    let new = head.get(known * size..).unwrap_or_default();
                    self.take(&mut end, new).await?;
                    if !self.take_rest(talk, &mut log, &mut end, until).await? {
                        return self
                            .read_in_one_piece(talk, Wish::new(counters, Why::NoParts, taken))
                            .await;
                    }
                    talk.session.free_log(log).await;
                    return Ok(Some(end.brought(bytes, ReadHow::Tail, taken)));
                }
                Approach::Window { from } => {
                    let Some(window) = self.part(talk, &mut log, from..bytes).await? else {
                        return self
                            .read_in_one_piece(talk, Wish::new(counters, Why::NoParts, place))
                            .await;
                    };
                    let Found::NewFrom(at) = search(&position, from, &window) else {
                        doubt = Some(Doubt {
                            from,
                            bytes: window,
                        });
                        next = Approach::Whole(Why::Moved);
                        continue;
                    };
                    self.take(&mut end, window.get(at..).unwrap_or_default())
                        .await?;
                    talk.session.free_log(log).await;
                    return Ok(Some(end.brought(bytes, ReadHow::Window, place)));
                }
                Approach::Whole(why) => {
                    let wish = Wish::new(counters, why, place);
                    return self.read_prepared(talk, log, wish, doubt).await;
                }
            }
        }
    }

    /// Takes what follows on `at`; `false` where the terminal does not give it.
    async fn take_rest(
        &mut self,
        talk: &mut Talk,
        log: &mut PreparedLog,
        end: &mut End,
        mut at: usize,
    ) -> Result<bool, CommandError> {
        let size = end.layout.size();
        while at < log.bytes() {
            self.between_pieces(talk).await?;
            let until = log.bytes().min(at + step(log, size));
            let Some(rows) = self.part(talk, log, at..until).await? else {
                return Ok(false);
            };
            self.take(end, &rows).await?;
            at = until;
        }
        Ok(true)
    }

    async fn take(&self, end: &mut End, bytes: &[u8]) -> Result<(), CommandError> {
        let rows: Vec<_> = bytes
            .chunks_exact(end.layout.size())
            .map(|raw| decode::log_row(raw, end.layout))
            .collect();
        let known = self.look_up(&rows).await?;
        for (row, known) in rows.into_iter().zip(known) {
            end.ends.push(&row.raw);
            end.harvest.take(row, known);
        }
        Ok(())
    }

    pub(super) async fn prepare(&self, talk: &mut Talk) -> Result<PreparedLog, CommandError> {
        talk.session
            .prepare_log()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))
    }

    /// A part of a prepared log; `None` from a terminal that gives none, which is remembered.
    pub(super) async fn part(
        &mut self,
        talk: &mut Talk,
        log: &mut PreparedLog,
        bytes: std::ops::Range<usize>,
    ) -> Result<Option<Vec<u8>>, CommandError> {
        match talk.session.read_log(log, bytes).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error @ Error::OffsetRefused { .. }) => {
                self.learn_no_parts(&error.to_string()).await?;
                Ok(None)
            }
            Err(error) => Err(not_connected(&self.terminal, &error)),
        }
    }
}

impl End {
    fn brought(self, bytes: usize, how: ReadHow, place: Place) -> Brought {
        Brought {
            rows: (bytes / self.layout.size()) as u64,
            harvest: self.harvest,
            ends: self.ends,
            layout: Some(self.layout),
            bytes,
            refused: None,
            how,
            is_proof: false,
            _place: place,
        }
    }
}

/// Bytes of one piece, in whole rows.
pub(super) fn step(log: &PreparedLog, size: usize) -> usize {
    (log.chunk_size() / size).max(1) * size
}
