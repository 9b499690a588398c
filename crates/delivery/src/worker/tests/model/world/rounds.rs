//! Round after round, on a clock that is turned to whatever comes next.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use storage::StoreError;
use test_kit::Gate;

use super::{
    super::script::{Deed, LANES},
    Sleep, World,
};
use crate::{
    housekeeping::Kept,
    worker::{Round, Worker},
};

/// More rounds at one moment would never end.
const MOST_ROUNDS: u32 = 4_000;

impl World {
    /// A worker as after a start.
    pub(super) async fn hire(&mut self, lane: usize) {
        let mut worker = Worker::new(Arc::clone(&self.shared), self.lanes[lane].id);
        worker.recover().await;
        self.lanes[lane].worker = Some(worker);
        self.lanes[lane].sleeps = Sleep::Not;
    }

    /// Everybody looks again: something changed.
    pub(super) fn wake(&mut self) {
        self.is_kept = false;
        for lane in &mut self.lanes {
            lane.sleeps = Sleep::Not;
        }
    }

    pub(super) async fn run_for(&mut self, secs: i64) {
        let end = self.now() + SignedDuration::from_secs(secs);
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds < MOST_ROUNDS, "this never ends");
            if self.all_rounds().await {
                continue;
            }
            let now = self.now();
            let wakes = self.lanes.iter().filter_map(|lane| match lane.sleeps {
                Sleep::Until(at) => Some(at),
                Sleep::Not | Sleep::UntilCalled => None,
            });
            // As the worker does: not at once again.
            let next = wakes.map(|at| at.max(now + SignedDuration::from_millis(5)));
            match next.min() {
                Some(next) if next <= end => {
                    if next.duration_since(now) > SignedDuration::from_millis(5) {
                        rounds = 0;
                    }
                    self.turn_to(next);
                }
                Some(_) | None => return self.turn_to(end),
            }
        }
    }

    /// One of each; whether anything was done.
    async fn all_rounds(&mut self) -> bool {
        let mut is_busy = false;
        if !self.is_kept {
            is_busy = self.house.keep(&self.shared, |_| true).await.unwrap() == Kept::Some;
            self.wake();
            self.is_kept = !is_busy;
        }
        let now = self.now();
        for lane in 0..LANES {
            if self.lanes[lane].sleeps.is_on(now) {
                continue;
            }
            let mut worker = self.lanes[lane].worker.take().unwrap();
            let round = worker.round().await;
            self.lanes[lane].worker = Some(worker);
            is_busy |= self.ended(lane, round);
        }
        is_busy
    }

    pub(super) fn ended(&mut self, lane: usize, round: Result<Round, StoreError>) -> bool {
        match round {
            Ok(Round::Again) | Err(StoreError::Conflict(_)) => {
                self.lanes[lane].sleeps = Sleep::Not;
                true
            }
            Ok(Round::Wait(until)) => {
                self.lanes[lane].sleeps = until.map_or(Sleep::UntilCalled, Sleep::Until);
                false
            }
            Ok(Round::End) => panic!("a worker ended"),
            Err(error) => panic!("{error}"),
        }
    }

    fn turn_to(&self, at: Timestamp) {
        self.clock.turn(at.duration_since(self.now()));
    }

    /// Something happens while a request is in flight; nothing: the worker ends.
    pub(super) async fn midway(&mut self, lane: usize, deed: Option<&Deed>) {
        let gate = Gate::default();
        self.manners().gate = Some(gate.clone());
        for _ in 0..4 {
            let mut worker = self.lanes[lane].worker.take().unwrap();
            let so_far = self.receiver.requests().len();
            let mut round = Box::pin(worker.round());
            let ended = tokio::select! {
                biased;
                ended = &mut round => Some(ended),
                _ = self.receiver.wait_for_requests(so_far + 1) => None,
            };
            let Some(ended) = ended else {
                if let Some(deed) = deed {
                    self.act(deed).await;
                    gate.open();
                    let ended = round.await;
                    self.lanes[lane].worker = Some(worker);
                    self.ended(lane, ended);
                } else {
                    drop(round);
                    drop(worker);
                    self.cuts += 1;
                    self.hire(lane).await;
                }
                return;
            };
            drop(round);
            self.lanes[lane].worker = Some(worker);
            if !self.ended(lane, ended) {
                break;
            }
        }
        self.manners().gate = None;
        if let Some(deed) = deed {
            self.act(deed).await;
        }
    }

    pub(super) async fn cut(&mut self, lane: usize, turns: u16) {
        let mut worker = self.lanes[lane].worker.take().unwrap();
        let mut round = Box::pin(worker.round());
        let count_down = async {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::select! {
            biased;
            ended = &mut round => Some(ended),
            () = count_down => None,
        };
        drop(round);
        if let Some(ended) = ended {
            self.lanes[lane].worker = Some(worker);
            self.ended(lane, ended);
        } else {
            drop(worker);
            self.cuts += 1;
            self.hire(lane).await;
        }
    }
}
