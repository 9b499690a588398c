//! Fingerprints of the people on terminals, sealed.

use domain::{Pin, Secret, TerminalId};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Sealer, Store, StoreError, Weight,
    columns::{hex, json, moment, narrow},
    sealer::TEMPLATE,
};

/// A fingerprint as a terminal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTemplate {
    pub pin: Pin,
    pub finger: u8,
    /// As on the wire: 1 valid, 3 under duress.
    pub valid: u8,
    /// Which algorithm made it, where that is known; other algorithms cannot read it.
    pub algorithm: Option<String>,
    pub template: Secret<Vec<u8>>,
}

/// That there is a fingerprint, without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateInfo {
    pub pin: Pin,
    pub finger: u8,
    pub valid: u8,
    pub algorithm: Option<String>,
    /// Bytes of the template.
    pub size: u32,
    pub read_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    pin: String,
    finger: i64,
    valid: i64,
    algorithm: Option<String>,
    size: i64,
    read_at: i64,
}

/// Fingerprints that one statement takes.
const CHUNK: usize = 500;

impl Store {
    /// Keeps what a terminal gave of some people; what is kept of others stays.
    pub async fn save_templates(
        &self,
        terminal: TerminalId,
        templates: Vec<StoredTemplate>,
        now: Timestamp,
    ) -> Result<()> {
        self.keep_templates(terminal, templates, false, now).await
    }

    /// Keeps a terminal's whole table of fingerprints; what is not in it is forgotten.
    pub async fn replace_templates(
        &self,
        terminal: TerminalId,
        templates: Vec<StoredTemplate>,
        now: Timestamp,
    ) -> Result<()> {
        self.keep_templates(terminal, templates, true, now).await
    }

    async fn keep_templates(
        &self,
        terminal: TerminalId,
        templates: Vec<StoredTemplate>,
        forget_others: bool,
        now: Timestamp,
    ) -> Result<()> {
        const FORGET: &str = "DELETE FROM templates WHERE terminal_id = ?";
        let sealer = self.sealer().clone();
        let weight = Weight::outbox(i64::try_from(templates.len()).unwrap_or(i64::MAX));
        self.write(weight, move |conn| {
            Box::pin(async move {
                if forget_others {
                    sqlx::query(FORGET)
                        .bind(terminal.0)
                        .execute(&mut *conn)
                        .await?;
                }
                for chunk in templates.chunks(CHUNK) {
                    save(conn, terminal, chunk, &sealer, now).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Of which fingers there are fingerprints; by PIN as a text, then by finger.
    pub async fn templates(
        &self,
        terminal: TerminalId,
        pin: Option<&Pin>,
    ) -> Result<Vec<TemplateInfo>> {
        const SELECT: &str = "SELECT pin, finger, valid, algorithm, size, read_at FROM templates
            WHERE terminal_id = ?1 AND (?2 IS NULL OR pin = ?2) ORDER BY pin, finger";
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(terminal.0)
            .bind(pin.map(Pin::as_str))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(TemplateInfo::try_from).collect()
    }

    /// A fingerprint itself. `Conflict` when it was sealed with another key than ours.
    pub async fn template_bytes(
        &self,
        terminal: TerminalId,
        pin: &Pin,
        finger: u8,
    ) -> Result<Option<Secret<Vec<u8>>>> {
        const SELECT: &str = "SELECT sealed FROM templates
            WHERE terminal_id = ? AND pin = ? AND finger = ?";
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(SELECT)
            .bind(terminal.0)
            .bind(pin.as_str())
            .bind(finger)
            .fetch_optional(self.reader())
            .await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let opened = self.sealer().open(TEMPLATE, &sealed).ok_or_else(|| {
            StoreError::conflict(
                "this fingerprint was stored with another key file; bring that key file back, or read the fingerprints \
                 of the terminal again",
            )
        })?;
        Ok(Some(Secret::new(opened)))
    }

    /// Forgets one finger of a person, or all of them. Gives how many there were.
    pub async fn delete_template(
        &self,
        terminal: TerminalId,
        pin: &Pin,
        finger: Option<u8>,
    ) -> Result<u64> {
        const DELETE: &str = "DELETE FROM templates
            WHERE terminal_id = ?1 AND pin = ?2 AND (?3 IS NULL OR finger = ?3)";
        let pin = pin.clone();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                Ok(sqlx::query(DELETE)
                    .bind(terminal.0)
                    .bind(pin.as_str())
                    .bind(finger)
                    .execute(conn)
                    .await?
                    .rows_affected())
            })
        })
        .await
    }
}

async fn save(
    conn: &mut SqliteConnection,
    terminal: TerminalId,
    templates: &[StoredTemplate],
    sealer: &Sealer,
    now: Timestamp,
) -> Result<()> {
    const SAVE: &str = "INSERT INTO templates (terminal_id, pin, finger, valid, algorithm, size, sealed, read_at)
        SELECT ?1, n.value ->> 0, n.value ->> 1, n.value ->> 2, n.value ->> 3, n.value ->> 4, unhex(n.value ->> 5), ?3
        FROM json_each(?2) AS n WHERE true ORDER BY n.key
        ON CONFLICT (terminal_id, pin, finger) DO UPDATE SET valid = excluded.valid, algorithm = excluded.algorithm,
            size = excluded.size, sealed = excluded.sealed, read_at = excluded.read_at";
    let rows = templates
        .iter()
        .map(|each| {
            let template = each.template.expose();
            Ok((
                &each.pin,
                each.finger,
                each.valid,
                &each.algorithm,
                template.len(),
                hex(&sealer.seal(TEMPLATE, template)?),
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    sqlx::query(SAVE)
        .bind(terminal.0)
        .bind(json(&rows)?)
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

impl TryFrom<Row> for TemplateInfo {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            finger: narrow(row.finger, "templates.finger")?,
            valid: narrow(row.valid, "templates.valid")?,
            algorithm: row.algorithm,
            size: narrow(row.size, "templates.size")?,
            read_at: moment(row.read_at)?,
        })
    }
}
