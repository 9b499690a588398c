//! What people are told.

use domain::{Destination, Pause};
use jiff::{SignedDuration, Timestamp};
use storage::{NewNotice, NoticeLevel};

use super::Worker;

/// Parked records are told together, at most this often.
const PARKED_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Parked records that people were not told of yet.
#[derive(Debug, Default)]
pub(super) struct ParkedNews {
    count: u64,
    reason: String,
    told_at: Option<Timestamp>,
}

impl Worker {
    pub(super) async fn tell_paused(&mut self, destination: &Destination, pause: &Pause) {
        if destination
            .pause
            .as_ref()
            .is_some_and(|before| before.code == pause.code)
        {
            return;
        }
        let goes_on = match pause.probe_at {
            Some(_) => "It is tried once an hour and goes on by itself when it takes the records.",
            None => "It goes on when its settings are saved.",
        };
        let text = format!(
            "Delivery to {} is paused; its records are kept. {}. {goes_on}",
            destination.name, pause.reason
        );
        self.tell(NoticeLevel::Error, "destination_paused", text)
            .await;
    }

    pub(super) async fn tell_resumed(&mut self, destination: &Destination) {
        let text = format!(
            "{} takes records again; delivery goes on.",
            destination.name
        );
        self.tell(NoticeLevel::Info, "destination_resumed", text)
            .await;
    }

    pub(super) async fn tell_learned_bare(&mut self, destination: &Destination) {
        let text = format!(
            "{} refuses batches and takes their records one by one: from now on each is sent by itself, without \
             device_info. Setting export_url anew tries batches again.",
            destination.name
        );
        self.tell(
            NoticeLevel::Warning,
            "destination_takes_single_records",
            text,
        )
        .await;
    }

    pub(super) async fn tell_parked(
        &mut self,
        destination: &Destination,
        (count, reason): (u64, Option<String>),
    ) {
        if count == 0 {
            return;
        }
        self.news.count += count;
        self.news.reason = reason.unwrap_or_default();
        tracing::warn!(
            destination.id = self.id.0,
            "{count} records were refused by {} and parked",
            destination.name
        );
        self.tell_parked_later().await;
    }

    /// Tells of parked records when it is not too soon after the last time.
    pub(super) async fn tell_parked_later(&mut self) {
        let now = self.now();
        let too_soon = self
            .news
            .told_at
            .is_some_and(|at| now.duration_since(at).abs() < PARKED_EVERY);
        if self.news.count == 0 || too_soon {
            return;
        }
        let (what, which) = match self.news.count {
            1 => ("1 record was".to_owned(), "it"),
            many => (format!("{many} records were"), "them"),
        };
        let text = format!(
            "{what} refused by the receiver and set aside; the last one with: {}. The page of the destination sends \
             {which} again.",
            self.news.reason
        );
        self.news = ParkedNews {
            told_at: Some(now),
            ..ParkedNews::default()
        };
        self.tell(NoticeLevel::Warning, "records_parked", text)
            .await;
    }

    /// What is told is committed after what it tells of: a notice may be lost in a crash, never a record.
    async fn tell(&mut self, level: NoticeLevel, code: &str, text: String) {
        tracing::info!(destination.id = self.id.0, notice.code = code, "{text}");
        let notice = NewNotice {
            at: self.now(),
            level,
            code: code.to_owned(),
            terminal_id: None,
            destination_id: Some(self.id),
            text,
        };
        if let Err(error) = self.shared.store.tell(notice).await {
            tracing::error!(
                destination.id = self.id.0,
                "a notice was not written: {error}"
            );
        }
    }
}
