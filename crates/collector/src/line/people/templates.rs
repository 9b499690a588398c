//! Fingerprints of the terminal's people: read and kept sealed, written back, deleted.

use std::collections::{HashMap, HashSet};

use domain::{Pin, Secret};
use storage::StoredTemplate;
use zk_client::Session;
use zk_wire::{FreeSizes, TemplateAlgorithm, TemplateRow, UserRow};

use super::{
    Line,
    copy::{Planned, write_people},
};
use crate::{
    CommandError, Copied, CopyResult, Saved, TemplatesRead,
    failure::{not_connected, write_failed},
};

impl Line {
    pub(in crate::line) async fn read_templates(&mut self) -> Result<TemplatesRead, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = self.read_templates_in(&mut talk.session, counters).await;
        self.settle(talk, &result).await;
        result
    }

    async fn read_templates_in(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
    ) -> Result<TemplatesRead, CommandError> {
        // Slots are only numbers without those who have them now.
        let users = self.read_users(session, counters).await?.rows;
        let table = session
            .templates()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))?;
        let pins: HashMap<u16, &str> = users
            .iter()
            .map(|user| (user.uid, user.pin.as_str()))
            .collect();
        let all = table.rows.len();
        let kept: Vec<StoredTemplate> = table
            .rows
            .into_iter()
            .filter_map(|row| {
                let pin = Pin::new(*pins.get(&row.uid)?).ok()?;
                Some(stored(pin, row))
            })
            .collect();
        let people: HashSet<&Pin> = kept.iter().map(|template| &template.pin).collect();
        let read = TemplatesRead {
            templates: kept.len(),
            people: people.len(),
            nobodys: all - kept.len(),
            unreadable_bytes: table.unreadable.len(),
        };
        let (store, id, now) = (
            &self.shared.store,
            self.terminal.id,
            self.shared.clock.now(),
        );
        if read.unreadable_bytes > 0 {
            // What stands behind the broken row is not gone.
            store.save_templates(id, kept, now).await?;
        } else {
            store.replace_templates(id, kept, now).await?;
        }
        Ok(read)
    }

    pub(in crate::line) async fn write_templates(
        &mut self,
        pins: &[Pin],
    ) -> Result<Vec<CopyResult>, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = self
            .write_templates_in(&mut talk.session, counters, pins)
            .await;
        self.settle(talk, &result).await;
        result
    }

    async fn write_templates_in(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
        pins: &[Pin],
    ) -> Result<Vec<CopyResult>, CommandError> {
        let users = self.read_users(session, counters).await?.rows;
        let mut results = Vec::with_capacity(pins.len());
        let mut planned = Vec::new();
        for pin in pins {
            let outcome = match users.iter().find(|user| user.pin == pin.as_str()) {
                None => Err(CommandError::Invalid {
                    reason: format!("user {pin} is not on this terminal; add the user first"),
                }),
                Some(user) => self.kept_templates(pin, user).await,
            };
            let outcome = outcome.map(|(user, templates)| {
                let copied = Copied {
                    saved: Saved::Unchanged,
                    templates: templates.len(),
                    warning: None,
                };
                planned.push(Planned {
                    place: results.len(),
                    user,
                    templates,
                    copied: copied.clone(),
                });
                copied
            });
            results.push(CopyResult {
                pin: pin.to_string(),
                outcome,
            });
        }
        write_people(session, &self.terminal, planned, &mut results).await?;
        Ok(results)
    }

    /// What is kept of somebody's fingers, for their slot.
    async fn kept_templates(
        &self,
        pin: &Pin,
        user: &UserRow,
    ) -> Result<(UserRow, Vec<TemplateRow>), CommandError> {
        let (store, id) = (&self.shared.store, self.terminal.id);
        let mut templates = Vec::new();
        for info in store.templates(id, Some(pin)).await? {
            let bytes = store.template_bytes(id, pin, info.finger).await?;
            templates.extend(bytes.map(|bytes| TemplateRow {
                uid: user.uid,
                finger: info.finger,
                valid: info.valid,
                template: bytes.expose().clone(),
            }));
        }
        if templates.is_empty() {
            return Err(CommandError::Invalid {
                reason: format!(
                    "no fingerprint of user {pin} is kept; read the terminal's fingerprints while it has them"
                ),
            });
        }
        Ok((user.clone(), templates))
    }

    pub(in crate::line) async fn delete_template(
        &mut self,
        pin: &Pin,
        finger: u8,
    ) -> Result<(), CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = self
            .delete_template_in(&mut talk.session, counters, pin, finger)
            .await;
        self.settle(talk, &result).await;
        result
    }

    async fn delete_template_in(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
        pin: &Pin,
        finger: u8,
    ) -> Result<(), CommandError> {
        let users = self.read_users(session, counters).await?.rows;
        // Of somebody who left, only what is kept can be deleted.
        if let Some(user) = users.iter().find(|user| user.pin == pin.as_str()) {
            session
                .delete_template(user.uid, finger)
                .await
                .map_err(|error| write_failed(&self.terminal, &error))?;
        }
        self.shared
            .store
            .delete_template(self.terminal.id, pin, Some(finger))
            .await?;
        Ok(())
    }
}

fn stored(pin: Pin, row: TemplateRow) -> StoredTemplate {
    StoredTemplate {
        pin,
        finger: row.finger,
        valid: row.valid,
        algorithm: TemplateAlgorithm::of(&row.template).map(|algorithm| algorithm.to_string()),
        template: Secret::new(row.template),
    }
}
