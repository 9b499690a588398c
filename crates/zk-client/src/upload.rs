//! Many users and their fingerprints at once: one transfer, one command that stores all of it, one reading back.

use std::collections::HashMap;

use zk_wire::{BulkUpload, Link, TemplateRow, UserFormat, UserRow, code};

use crate::{
    Error, Session, Step,
    conversation::Repeat,
    users::{difference, invalid},
};

/// What became of an upload, in the order of what was given.
#[derive(Debug)]
pub struct Uploaded {
    /// Whether each user is stored as meant.
    pub users: Vec<Result<(), Error>>,
    /// Whether each template is.
    pub templates: Vec<Result<(), Error>>,
}

/// How often a transfer over UDP is begun anew: a packet of it that may have arrived is not sent again.
const TRANSFERS: u32 = 3;

/// A transfer that has to begin anew.
struct Unanswered;

impl Session {
    /// Writes users over those in the same slots, with templates of their fingers, and reads all of it back.
    ///
    /// The user of each template must be among the users. A finger that gives a silent alarm is stored as a common one;
    /// [`set_template`](Self::set_template) keeps it. A terminal that cannot do this refuses; [`set_users`](Self::set_users) writes users one by one.
    pub async fn upload(
        &mut self,
        users: &[UserRow],
        templates: &[TemplateRow],
    ) -> Result<Uploaded, Error> {
        if users.is_empty() {
            return nothing_uploaded(templates);
        }
        if !self.users.were_read {
            self.users().await?;
        }
        let known = self.users.format;
        let upload = |format| BulkUpload {
            format,
            users: users.to_vec(),
            templates: templates.to_vec(),
        };
        let mut format = known.unwrap_or(UserFormat::B72);
        let stored = match (self.send_upload(&upload(format)).await, known) {
            // A terminal without users does not show its format.
            (Err(refused @ Error::Refused { .. }), None) => {
                format = UserFormat::B28;
                match self.send_upload(&upload(format)).await {
                    Err(Error::Refused { .. } | Error::Invalid { .. }) => return Err(refused),
                    stored => stored?,
                }
            }
            (stored, _) => stored?,
        };
        self.refresh().await?;
        self.users.counted = None;
        Ok(Uploaded {
            users: self.compare_users(users, format, stored).await?,
            templates: self.compare_templates(templates, stored).await?,
        })
    }

    /// Sends all of it and has it stored. What it gives is whether the terminal said that it did.
    async fn send_upload(&mut self, upload: &BulkUpload) -> Result<bool, Error> {
        let bytes = upload.to_bytes().map_err(|error| invalid(&error))?;
        self.fill_buffer(&bytes).await?;
        // Storing thousands of users takes as long as handing them out.
        let patience = self.conversation.timeouts().prepare;
        let reply = self
            .conversation
            .ask_within(
                patience,
                code::SAVE_TEMPLATES,
                BulkUpload::SAVE.to_vec(),
                Repeat::Never,
            )
            .await?;
        match reply.map(|reply| reply.command) {
            None => Ok(false),
            Some(code::ACK_OK) => Ok(true),
            Some(code) => {
                self.leave_table().await;
                Err(refused(code))
            }
        }
    }

    /// Fills the terminal's buffer, over UDP anew where a packet was left unanswered.
    pub(crate) async fn fill_buffer(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut tries = 1;
        let filled = loop {
            match self.transfer(bytes).await {
                Ok(Err(Unanswered)) if self.can_begin_anew(tries) => tries += 1,
                Ok(Err(Unanswered)) => {
                    let waited = self.conversation.timeouts().reply;
                    break Err(self.conversation.timed_out(Step::Reply, waited));
                }
                Ok(Ok(())) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if let Err(error) = &filled
            && error.is_about_the_request()
        {
            self.leave_table().await;
        }
        filled
    }

    fn can_begin_anew(&self, tries: u32) -> bool {
        self.conversation.kind() == Link::Datagram && tries < TRANSFERS
    }

    async fn transfer(&mut self, bytes: &[u8]) -> Result<Result<(), Unanswered>, Error> {
        // Whatever is in it goes first.
        self.table_is_open = true;
        self.free_table().await?;
        self.table_is_open = true;
        self.preparation += 1;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let announcement = (code::PREPARE_DATA, length.to_le_bytes().to_vec());
        let packets = bytes
            .chunks(BulkUpload::PACKET)
            .map(|packet| (code::DATA, packet.to_vec()));
        let waited = self.conversation.timeouts().reply;
        for (command, payload) in [announcement].into_iter().chain(packets) {
            let reply = self
                .conversation
                .ask_within(waited, command, payload, Repeat::Never)
                .await?;
            match reply.map(|reply| reply.command) {
                None => return Ok(Err(Unanswered)),
                Some(code::ACK_OK) => {}
                Some(code) => return Err(refused(code)),
            }
        }
        Ok(Ok(()))
    }

    async fn compare_users(
        &mut self,
        users: &[UserRow],
        format: UserFormat,
        stored: bool,
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let rows = self.users().await?.rows;
        let found: HashMap<u16, &UserRow> = rows.iter().map(|row| (row.uid, row)).collect();
        let verdicts = users.iter().map(|user| {
            let row = user.encode(format).map_err(|error| invalid(&error))?;
            let meant = UserRow::decode(format, &row).map_err(|error| invalid(&error))?;
            let pin = &user.pin;
            match found.get(&user.uid).map(|found| difference(&meant, found)) {
                Some(None) => Ok(()),
                Some(Some(field)) => Err(self.not_stored(
                    stored,
                    format!("user {pin} was stored with another {field}"),
                )),
                None => Err(self.not_stored(stored, format!("user {pin} was not stored"))),
            }
        });
        Ok(verdicts.collect())
    }

    async fn compare_templates(
        &mut self,
        templates: &[TemplateRow],
        stored: bool,
    ) -> Result<Vec<Result<(), Error>>, Error> {
        if templates.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = templates.iter().map(|row| (row.uid, row.finger)).collect();
        let rows = self.find_templates(&places).await?;
        let found: HashMap<_, _> = rows
            .iter()
            .map(|row| ((row.uid, row.finger), without_padding(&row.template)))
            .collect();
        let verdicts = templates.iter().map(|row| {
            let (uid, finger) = (row.uid, row.finger);
            let what = match found.get(&(uid, finger)) {
                Some(template) if *template == without_padding(&row.template) => return Ok(()),
                Some(_) => "was stored differently",
                None => "was not stored",
            };
            Err(self.not_stored(stored, format!("finger {finger} of slot {uid} {what}")))
        });
        Ok(verdicts.collect())
    }

    /// What reading back showed, after the terminal said yes or nothing.
    fn not_stored(&self, was_acknowledged: bool, what: String) -> Error {
        if was_acknowledged {
            Error::NotStored { what }
        } else {
            let waited = self.conversation.timeouts().prepare;
            self.conversation.timed_out(Step::Reply, waited)
        }
    }
}

fn nothing_uploaded(templates: &[TemplateRow]) -> Result<Uploaded, Error> {
    if templates.is_empty() {
        return Ok(Uploaded {
            users: Vec::new(),
            templates: Vec::new(),
        });
    }
    Err(Error::Invalid {
        reason: "templates are uploaded together with their users".to_owned(),
    })
}

fn refused(code: u16) -> Error {
    Error::Refused {
        what: "take many users at once".to_owned(),
        code,
    }
}

/// Terminals hand out zeros behind a template.
pub(crate) fn without_padding(template: &[u8]) -> &[u8] {
    let length = template
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    template.get(..length).unwrap_or_default()
}
