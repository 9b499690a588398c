//! Reading the log: nothing of it, its end, or all of it, and storing what is new.

mod end;
mod keep;
mod piece;
mod turn;
mod unknown;
mod whole;

use domain::{LocalTime, LogPosition};
use jiff::Timestamp;
use storage::ReadHow;
use tokio::time::Instant;
use zk_wire::{FreeSizes, LayoutError, RowLayout};

pub(crate) use self::turn::PLACES;
pub(super) use self::whole::Whole;
use self::{
    turn::{Place, Turn, turn},
    whole::Wish,
};
use super::{Line, contact::Contact, talk::Talk};
use crate::{
    CommandError, decode, proof,
    rows::Harvest,
    tail::{Ends, Need, Why, need},
};

/// How far the log was read.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownLog {
    /// `None`: never, or not so that it could be gone on from.
    pub(super) position: Option<LogPosition>,
    /// Of its last row.
    pub(super) last_time: Option<LocalTime>,
    /// When all of it was last read.
    proved_at: Option<Timestamp>,
    /// What did not add up then.
    difference: Option<i64>,
}

/// What a read brought, before it is stored.
struct Brought {
    harvest: Harvest,
    ends: Ends,
    /// Rows in the log.
    rows: u64,
    /// `None` for an empty log.
    layout: Option<RowLayout>,
    /// Bytes of all rows.
    bytes: usize,
    /// Why the layout is unknown, where it is.
    refused: Option<LayoutError>,
    how: ReadHow,
    /// It is recorded although it brought nothing new.
    is_proof: bool,
    /// What it may hold in memory.
    _place: Place,
}

impl Line {
    /// Reads what the log has that the ledger has not. `users_are_new` says that this contact read the users.
    pub(super) async fn read_log(
        &mut self,
        talk: &mut Talk,
        counters: Option<&FreeSizes>,
        users_are_new: bool,
    ) -> Result<Contact, CommandError> {
        let told = talk.is_told();
        if let Some(listening) = &mut talk.listening {
            // What is told from now on may be missing in what is read now.
            listening.pace.taken(Instant::now());
        }
        let started = self.shared.clock.now();
        let why = self.why_whole(started).await?;
        let parts = self.gives_parts();
        let known = self.known_log().await?;
        // Counters that do not show what was just told are no proof.
        let need = need(
            known.position.as_ref(),
            counters.filter(|_| !told),
            parts,
            why,
        );
        if need == Need::Nothing {
            self.compare_with_told(talk, 0);
            return Ok(Contact::Done);
        }
        // A terminal that has to wait does not prepare its log for that.
        let Turn::Free(place) = self.turn_by_counters(counters).await? else {
            return Ok(Contact::LogWaits);
        };
        let brought = match need {
            Need::Nothing | Need::End => self.read_end(talk, counters, place).await?,
            Need::Whole(why) => {
                self.read_whole(talk, Wish::new(counters, why, place))
                    .await?
            }
        };
        let Some(brought) = brought else {
            return Ok(Contact::LogWaits);
        };
        self.keep(talk, brought, counters, users_are_new, started)
            .await?;
        Ok(Contact::Done)
    }

    async fn why_whole(&mut self, now: Timestamp) -> Result<Option<Why>, CommandError> {
        if self.memory.whole_is_asked {
            return Ok(Some(Why::Asked));
        }
        let identity = self.terminal.identity.clone().unwrap_or_default();
        let proved_at = self.known_log().await?.proved_at;
        Ok(proof::is_due(&identity, proved_at, now).then_some(Why::Proof))
    }

    /// Whether the new rows that the counters tell of may be read now. What they do not tell is seen later.
    async fn turn_by_counters(
        &mut self,
        counters: Option<&FreeSizes>,
    ) -> Result<Turn, CommandError> {
        if self.memory.whole.is_some() {
            // It holds its places.
            return Ok(Turn::Free(None));
        }
        let says = counters.and_then(FreeSizes::records).map_or(0, u64::from);
        let known = self.known_log().await?.position.as_ref();
        let new = says.saturating_sub(known.map_or(0, |position| position.rows));
        turn(&self.shared.large_reads, new).await
    }

    /// How far the log was read; looked up once.
    pub(super) async fn known_log(&mut self) -> Result<&KnownLog, CommandError> {
        if self.memory.log.is_none() {
            let position = self.shared.store.log_position(self.terminal.id).await?;
            let last = self
                .shared
                .store
                .reconciliations(self.terminal.id, 1)
                .await?
                .into_iter()
                .next();
            self.memory.log = Some(KnownLog {
                last_time: position
                    .as_ref()
                    .and_then(|position| self.last_time(position)),
                position,
                proved_at: last.as_ref().and_then(|run| run.finished_at),
                difference: last
                    .and_then(|run| run.difference)
                    .filter(|difference| *difference != 0),
            });
        }
        Ok(self.memory.log.get_or_insert_default())
    }

    fn last_time(&self, position: &LogPosition) -> Option<LocalTime> {
        let layout = self.layout_of(position)?;
        let row = decode::log_row(position.last_rows.last()?, layout);
        row.decoded.ok().map(|decoded| decoded.time)
    }

    /// `None` where this version does not know the layout any more.
    fn layout_of(&self, position: &LogPosition) -> Option<RowLayout> {
        let layout = position.layout.parse().ok()?;
        Some(self.as_set(layout))
    }
}
