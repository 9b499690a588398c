use zk_wire::{Table, TemplateRow, TemplateTable, code};

use crate::{Error, Session, conversation::Repeat, upload::without_padding};

impl Session {
    /// Reads all fingerprints. They are personal data of the worst kind: keep them sealed, or not at all.
    pub async fn templates(&mut self) -> Result<TemplateTable, Error> {
        let table = self.read_table(Table::Templates).await?;
        Ok(TemplateTable::decode(&table))
    }

    /// One finger of the user in a slot; `None` where it is not enrolled.
    pub async fn template(&mut self, uid: u16, finger: u8) -> Result<Option<TemplateRow>, Error> {
        match self.read_table(Table::Template { uid, finger }).await {
            Ok(answer) => Ok(TemplateRow::from_answer(uid, finger, &answer)),
            Err(Error::Refused {
                code: code::ACK_ERROR,
                ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes one finger of the user in a slot, and reads back whether it is gone.
    pub async fn delete_template(&mut self, uid: u16, finger: u8) -> Result<(), Error> {
        let [low, high] = uid.to_le_bytes();
        let written = self
            .write(
                "delete the fingerprint",
                code::DELETE_TEMPLATE,
                vec![low, high, finger],
                Repeat::Harmless,
            )
            .await;
        if let Err(error) = &written
            && !error.is_about_the_request()
        {
            return written.map(drop);
        }
        self.refresh().await?;
        if self.find_templates(&[(uid, finger)]).await?.is_empty() {
            // Asked twice because its answer was lost, a terminal says no the second time.
            return Ok(());
        }
        Err(written?.failed("the fingerprint was not deleted".to_owned()))
    }

    /// Writes one finger of a user who is on the terminal, over the one that is there, and reads back what is stored. Unlike
    /// an [`upload`](Self::upload) it tells whether the finger gives a silent alarm.
    ///
    /// A terminal that refuses it has no such finger afterwards.
    pub async fn set_template(&mut self, row: &TemplateRow) -> Result<(), Error> {
        let (uid, finger) = (row.uid, row.finger);
        let size = u16::try_from(row.template.len()).map_err(|_| Error::Invalid {
            reason: format!(
                "the template has {} bytes; {} fit",
                row.template.len(),
                TemplateRow::LONGEST
            ),
        })?;
        // A terminal stores it in an empty place only.
        if !self.find_templates(&[(uid, finger)]).await?.is_empty() {
            self.delete_template(uid, finger).await?;
        }
        self.fill_buffer(&row.template).await?;
        // The vendor's software asks for it between the two; how it is made is not known.
        self.conversation
            .ask_briefly(code::CHECKSUM_BUFFER, Vec::new(), Repeat::Harmless)
            .await?;
        let [u0, u1] = uid.to_le_bytes();
        let [s0, s1] = size.to_le_bytes();
        let written = self
            .write(
                "store the fingerprint",
                code::TEMPLATE_STORE,
                vec![u0, u1, finger, row.valid, s0, s1],
                Repeat::Never,
            )
            .await;
        self.leave_table().await;
        let written = written?;
        self.refresh().await?;
        let found = self.find_templates(&[(uid, finger)]).await?;
        let is_same = |found: &TemplateRow| {
            without_padding(&found.template) == without_padding(&row.template)
                && found.valid == row.valid
        };
        match found.first() {
            Some(found) if is_same(found) => Ok(()),
            Some(_) => Err(written.failed("the fingerprint was stored differently".to_owned())),
            None => Err(written.failed("the fingerprint was not stored".to_owned())),
        }
    }

    /// Those of these slots and fingers that the terminal holds, one by one where that is less work and it can.
    pub(crate) async fn find_templates(
        &mut self,
        wanted: &[(u16, u8)],
    ) -> Result<Vec<TemplateRow>, Error> {
        /// Beyond that, one table is less work.
        const FEW: usize = 16;
        if wanted.len() <= FEW {
            let mut found = Vec::new();
            for (uid, finger) in wanted {
                match self.template(*uid, *finger).await {
                    Ok(template) => found.extend(template),
                    Err(Error::Refused { .. }) => return self.templates_of(wanted).await,
                    Err(error) => return Err(error),
                }
            }
            return Ok(found);
        }
        self.templates_of(wanted).await
    }

    async fn templates_of(&mut self, wanted: &[(u16, u8)]) -> Result<Vec<TemplateRow>, Error> {
        let mut rows = self.templates().await?.rows;
        rows.retain(|row| wanted.contains(&(row.uid, row.finger)));
        Ok(rows)
    }
}
