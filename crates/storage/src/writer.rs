//! The one writer: a connection behind a task, which runs all that waits in one transaction.
//!
//! What is done is done in the order in which it was queued. Heavy pieces, as large logs bring them, are let into the queue
//! one at a time, so that whoever writes a few rows waits for one of them and not for a hundred; each has a transaction of
//! its own.
//!
//! Light pieces of work that share one have a savepoint each, so that one that fails undoes nothing of its neighbours, and
//! each is answered after the commit: who got `Ok` can rely on the disk. Where the transaction itself fails (a full disk),
//! everybody in it hears so, nothing of it stays, and the next one starts afresh.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Result, StoreError};

/// Writes that wait; whoever comes later waits to be let into the queue.
const QUEUE: usize = 256;

/// What a piece of work adds to a transaction, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight {
    punches: i64,
    outbox: i64,
}

impl Weight {
    /// A few rows.
    pub(crate) const LIGHT: Self = Self {
        punches: 0,
        outbox: 10,
    };
    /// All that one transaction may hold, so that nobody waits long. What a power cut takes is still in the terminal.
    pub(crate) const FULL: Self = Self {
        punches: 10_000,
        outbox: 40_000,
    };
    pub(crate) const MOST_PUNCHES: usize = 10_000;

    pub(crate) fn outbox(rows: i64) -> Self {
        Self {
            punches: 0,
            outbox: rows,
        }
    }

    pub(crate) fn punches(punches: i64, outbox: i64) -> Self {
        Self { punches, outbox }
    }

    /// How many punches fit into one transaction where each has this many outbox rows.
    pub(crate) fn punches_at_once(destinations: i64) -> usize {
        let fit = (Self::FULL.outbox / destinations.max(1)).clamp(1, Self::FULL.punches);
        usize::try_from(fit).unwrap_or(1)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            punches: self.punches.saturating_add(other.punches),
            outbox: self.outbox.saturating_add(other.outbox),
        }
    }

    /// Takes long, and changes many pages: what shares a transaction is copied page by page before it is changed.
    fn is_heavy(self) -> bool {
        self.punches > Self::FULL.punches / 8 || self.outbox > Self::FULL.outbox / 8
    }
}

/// The queue in front of the writing task.
pub(crate) struct Writer {
    queue: mpsc::Sender<Queued>,
    /// The place of the one heavy piece in the queue; who waits for it gets it in turn.
    heavy: Arc<Semaphore>,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Writer {
    pub(crate) fn start(connection: SqliteConnection) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let tracker = TaskTracker::new();
        tracker.spawn(write_all(connection, waiting, stop.clone()));
        tracker.close();
        Self {
            queue,
            heavy: Arc::new(Semaphore::new(1)),
            stop,
            tracker,
        }
    }

    pub(crate) async fn write<T, F>(&self, weight: Weight, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let place = self.place(weight).await?;
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Piece {
            work: Some(work),
            result: None,
            reply,
        });
        self.queue
            .send(Queued {
                weight,
                work,
                _place: place,
            })
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Waits until a heavy piece may be queued; a light one may at any time.
    async fn place(&self, weight: Weight) -> Result<Option<OwnedSemaphorePermit>> {
        if !weight.is_heavy() {
            return Ok(None);
        }
        let place = Arc::clone(&self.heavy).acquire_owned().await;
        place.map(Some).map_err(|_| StoreError::Closed)
    }

    /// Takes nothing more, does what waits, and closes the connection.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tracker.wait().await;
    }
}

struct Queued {
    weight: Weight,
    work: Box<dyn Work>,
    /// Given back when it is done, also where its caller has gone.
    _place: Option<OwnedSemaphorePermit>,
}

/// A piece of work, whatever its value is.
trait Work: Send {
    /// Does it; says whether what it did may stay.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;
    /// Gives its value to whoever asked, or the reason why there was no commit.
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Piece<T, F> {
    work: Option<F>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Work for Piece<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>> + Send,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let result = work(connection).await;
            let may_stay = result.is_ok();
            self.result = Some(result);
            may_stay
        })
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let answer = match (self.result, committed) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Whoever asked may be gone.
        let _ = self.reply.send(answer);
    }
}

async fn write_all(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Queued>,
    stop: CancellationToken,
) {
    let mut ahead = None;
    while let Some(first) = next(&mut ahead, &mut waiting, &stop).await {
        let mut weight = first.weight;
        let mut group = vec![first];
        while !weight.is_heavy()
            && let Ok(next) = waiting.try_recv()
        {
            weight = weight.plus(next.weight);
            if weight.is_heavy() {
                ahead = Some(next);
                break;
            }
            group.push(next);
        }
        let committed = transact(&mut connection, &mut group).await;
        for queued in group {
            queued.work.answer(committed.clone());
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!("the ledger was not closed cleanly: {error}");
    }
}

/// What is done next; `None` when nothing more comes.
async fn next(
    ahead: &mut Option<Queued>,
    waiting: &mut mpsc::Receiver<Queued>,
    stop: &CancellationToken,
) -> Option<Queued> {
    if let Some(queued) = ahead.take() {
        return Some(queued);
    }
    tokio::select! {
        biased;
        () = stop.cancelled() => {
            waiting.close();
            waiting.recv().await
        }
        queued = waiting.recv() => queued,
    }
}

async fn transact(connection: &mut SqliteConnection, group: &mut [Queued]) -> Result<()> {
    let done = run_all(connection, group).await;
    if done.is_err() {
        // SQLite may have rolled back by itself; then there is nothing to roll back, and it says so.
        let _ = execute(connection, "ROLLBACK").await;
    }
    done
}

async fn run_all(connection: &mut SqliteConnection, group: &mut [Queued]) -> Result<()> {
    execute(connection, "BEGIN IMMEDIATE").await?;
    // A savepoint copies each page before its first change: a large log has none.
    if let [alone] = group {
        let end = if alone.work.run(connection).await {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        return execute(connection, end).await;
    }
    for queued in group {
        execute(connection, "SAVEPOINT piece").await?;
        if !queued.work.run(connection).await {
            // Fails where SQLite has given up the whole transaction by itself, and so ends it for everybody.
            execute(connection, "ROLLBACK TO piece").await?;
        }
        execute(connection, "RELEASE piece").await?;
    }
    execute(connection, "COMMIT").await
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<()> {
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}
