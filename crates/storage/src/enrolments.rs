//! People as the terminals know them.

use domain::{Enrolment, Pin, TerminalId};
use jiff::Timestamp;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{json, narrow},
    people,
};

#[derive(sqlx::FromRow)]
struct Row {
    pin: String,
    uid: i64,
    name: String,
    name_raw: Vec<u8>,
    privilege: i64,
    card: i64,
    group_id: String,
    has_password: bool,
}

impl Store {
    /// Takes over a terminal's whole table of users. Who is not in it any more is kept as gone.
    /// What that says of whose a PIN is, is asked in the inbox.
    pub async fn replace_enrolments(
        &self,
        terminal: TerminalId,
        enrolments: Vec<Enrolment>,
        now: Timestamp,
    ) -> Result<()> {
        const SAVE: &str = "INSERT INTO enrolments (terminal_id, pin, uid, name, name_raw, privilege, card, group_id,
                has_password, seen_at)
            SELECT ?1, n.value ->> 0, n.value ->> 1, n.value ->> 2, unhex(n.value ->> 3), n.value ->> 4, n.value ->> 5,
                n.value ->> 6, n.value ->> 7, ?3
            FROM json_each(?2) AS n WHERE true ORDER BY n.key
            ON CONFLICT (terminal_id, pin) DO UPDATE SET uid = excluded.uid, name = excluded.name,
                name_raw = excluded.name_raw, privilege = excluded.privilege, card = excluded.card,
                group_id = excluded.group_id, has_password = excluded.has_password, seen_at = excluded.seen_at,
                gone_at = NULL";
        const GONE: &str = "UPDATE enrolments SET gone_at = ?3
            WHERE terminal_id = ?1 AND gone_at IS NULL AND pin NOT IN (SELECT value ->> 0 FROM json_each(?2))";
        let rows: Vec<_> = enrolments
            .iter()
            .map(|each| {
                (
                    &each.pin,
                    each.uid,
                    &each.name,
                    crate::columns::hex(&each.name_raw),
                    each.privilege,
                    each.card,
                    &each.group_id,
                    u8::from(each.has_password),
                )
            })
            .collect();
        let weight = Weight::outbox(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        let rows = json(&rows)?;
        self.write(weight, move |conn| {
            Box::pin(async move {
                people::notice_enrolments(conn, terminal, &enrolments, now).await?;
                for statement in [SAVE, GONE] {
                    sqlx::query(statement)
                        .bind(terminal.0)
                        .bind(&rows)
                        .bind(now.as_millisecond())
                        .execute(&mut *conn)
                        .await?;
                }
                people::notice_pins(conn, terminal, &enrolments, now).await
            })
        })
        .await
    }

    /// Who is on a terminal now; numbers in their order, then words.
    pub async fn enrolments(&self, terminal: TerminalId) -> Result<Vec<Enrolment>> {
        const SELECT: &str =
            "SELECT pin, uid, name, name_raw, privilege, card, group_id, has_password
            FROM enrolments WHERE terminal_id = ? AND gone_at IS NULL";
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(terminal.0)
            .fetch_all(self.reader())
            .await?;
        let mut enrolments = rows
            .into_iter()
            .map(Enrolment::try_from)
            .collect::<Result<Vec<_>>>()?;
        enrolments.sort_by(|one, other| natural(&one.pin).cmp(&natural(&other.pin)));
        Ok(enrolments)
    }
}

/// `2` before `10` before `010` before `A1`.
fn natural(pin: &Pin) -> (bool, usize, &str, &str) {
    let text = pin.as_str();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = text.trim_start_matches('0');
        (false, digits.len(), digits, text)
    } else {
        (true, 0, text, text)
    }
}

impl TryFrom<Row> for Enrolment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            uid: narrow(row.uid, "enrolments.uid")?,
            name: row.name,
            name_raw: row.name_raw,
            privilege: narrow(row.privilege, "enrolments.privilege")?,
            card: narrow(row.card, "enrolments.card")?,
            group_id: row.group_id,
            has_password: row.has_password,
        })
    }
}
