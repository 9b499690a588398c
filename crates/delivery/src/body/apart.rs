//! Templates are run beside the runtime, so that none of them keeps others waiting, and few at a time.

use std::{sync::Arc, time::Duration};

use domain::Destination;
use storage::{Batch, BatchRecord};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::template::TemplateError;

use super::{RenderError, Rendered, ShownRequest};

/// Each may hold the memory of its body.
const AT_ONCE: usize = 2;
/// What a template may do takes less than a second.
const LONGEST: Duration = Duration::from_secs(30);

/// Where templates are run.
#[derive(Clone)]
pub(crate) struct Apart {
    seats: Arc<Semaphore>,
    tracker: TaskTracker,
}

impl Apart {
    pub(crate) fn new(tracker: &TaskTracker) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            tracker: tracker.clone(),
        }
    }

    /// The request of a batch, with its secrets.
    pub(crate) async fn render(
        &self,
        destination: &Destination,
        batch: &Batch,
        records: &[BatchRecord],
    ) -> Result<Rendered, RenderError> {
        if !destination.spec.has_templates() {
            return super::render(destination, batch, records);
        }
        let (destination, batch, records) = owned(destination, batch, records);
        let many = records.len();
        self.run(move || super::render(&destination, &batch, &records))
            .await
            .unwrap_or_else(|error| {
                Err(RenderError::of(error, many).unwrap_or_else(RenderError::Divide))
            })
    }

    /// The same as people may see it.
    pub(crate) async fn show(
        &self,
        destination: &Destination,
        batch: &Batch,
        records: &[BatchRecord],
    ) -> Result<ShownRequest, RenderError> {
        let (destination, batch, records) = owned(destination, batch, records);
        self.run(move || super::show(&destination, &batch, &records))
            .await
            .unwrap_or_else(|error| Err(RenderError::Divide(error)))
    }

    /// Whatever else runs a template.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TemplateError> {
        let seats = Arc::clone(&self.seats);
        let done = async {
            let seat = seats.acquire_owned().await.ok()?;
            let work = self.tracker.spawn_blocking(move || {
                let done = work();
                drop(seat);
                done
            });
            work.await.ok()
        };
        match tokio::time::timeout(LONGEST, done).await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => Err(TemplateError::of_output(
                "the request",
                "the template broke off; please report it with the template".to_owned(),
            )),
            Err(_) => Err(TemplateError::too_long("the request", LONGEST)),
        }
    }
}

fn owned(
    destination: &Destination,
    batch: &Batch,
    records: &[BatchRecord],
) -> (Destination, Batch, Vec<BatchRecord>) {
    (destination.clone(), batch.clone(), records.to_vec())
}
