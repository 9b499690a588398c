//! What is done about records of which no request can be made.

use storage::{BatchRole, Leftover, StoreError};

use crate::{
    body::RenderError,
    outcome::{Probe, Shut},
    template::TemplateError,
};

use super::{Worker, attempt::Sent, divide};

impl Worker {
    /// Nothing was sent. A bad record is parked with its reason, and the others of its batch go without it.
    pub(super) async fn settle_unrendered(
        &mut self,
        sent: &Sent<'_>,
        error: RenderError,
    ) -> Result<(), StoreError> {
        match error {
            RenderError::Setup(error) => {
                let shut = Shut {
                    code: "template",
                    reason: format!("no request can be written: {error}"),
                    probe: Probe::EveryHour,
                };
                self.settle_shut(sent, shut, None).await
            }
            RenderError::Divide(error) => {
                let halves = divide::in_order(sent.records);
                let (earlier, later) = halves.unwrap_or_default();
                self.part(sent, vec![earlier, later], &error).await
            }
            RenderError::Records(bad) => match (sent.records, bad.as_slice()) {
                ([only], [(_, error), ..]) => {
                    let leftover = Leftover {
                        id: only.id,
                        reason: reason(error),
                        cause: "template",
                        due: None,
                    };
                    let note = self.note_of(sent, None, Some(leftover.reason.clone()), None);
                    self.refuse(sent.destination, note, vec![leftover]).await
                }
                (records, [(_, error), ..]) => {
                    let is_bad = |place: usize| bad.iter().any(|(index, _)| *index == place);
                    let (alone, together): (Vec<_>, Vec<_>) = records
                        .iter()
                        .enumerate()
                        .partition(|(place, _)| is_bad(*place));
                    let mut parts: Vec<_> =
                        alone.into_iter().map(|(_, record)| vec![record]).collect();
                    parts.push(together.into_iter().map(|(_, record)| record).collect());
                    self.part(sent, parts, error).await
                }
                (_, []) => Ok(()),
            },
        }
    }

    async fn part(
        &mut self,
        sent: &Sent<'_>,
        parts: Vec<Vec<&storage::BatchRecord>>,
        error: &TemplateError,
    ) -> Result<(), StoreError> {
        let parts = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| divide::part(part, sent.batch.shape, BatchRole::Plain))
            .collect();
        let export_time = self.wall_clock(self.now());
        let note = self.note(sent.batch.id, None, Some(reason(error)));
        self.shared
            .store
            .settle_divided(note, parts, export_time, None)
            .await
    }
}

fn reason(error: &TemplateError) -> String {
    format!("no request can be written: {error}")
}
