//! What contacts find out about terminals: who they are, that one moved or was replaced, what they say of themselves.

use domain::{Address, Terminal, TerminalHealth, TerminalId, TerminalInfo, Transport};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError, Weight,
    columns::json,
    filter_match::want_successor,
    people::take_over_group,
    terminals::{ensure_free, fetch, unknown},
};

impl Store {
    /// Writes down who a terminal is. `Conflict` when another one is known by that identity.
    pub async fn identify_terminal(
        &self,
        id: TerminalId,
        identity: &str,
        serial: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        const TAKEN: &str = "SELECT name FROM terminals WHERE identity = ? AND id <> ?";
        const IDENTIFY: &str =
            "UPDATE terminals SET identity = ?, serial = ?, last_contact_at = ? WHERE id = ?";
        let (identity, serial) = (identity.to_owned(), serial.map(str::to_owned));
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let taken: Option<String> = sqlx::query_scalar(TAKEN)
                    .bind(&identity)
                    .bind(id.0)
                    .fetch_optional(&mut *conn)
                    .await?;
                if let Some(name) = taken {
                    return Err(StoreError::conflict(format!(
                        "a terminal is known as {identity} already, under the name {name:?}"
                    )));
                }
                let identified = sqlx::query(IDENTIFY)
                    .bind(identity)
                    .bind(serial)
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                if identified.rows_affected() == 0 {
                    Err(unknown(id))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    /// The terminal answers at another address; a closed one is open again.
    pub async fn readdress_terminal(
        &self,
        id: TerminalId,
        address: &Address,
        transport: Transport,
        now: Timestamp,
    ) -> Result<Terminal> {
        const READDRESS: &str =
            "UPDATE terminals SET host = ?, port = ?, transport = ?, closed_at = NULL,
                replaced_by = NULL, last_contact_at = ?
            WHERE id = ?";
        let (sealer, address) = (self.sealer().clone(), address.clone());
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                ensure_free(conn, &address, transport, Some(id)).await?;
                sqlx::query(READDRESS)
                    .bind(address.host)
                    .bind(i64::from(address.port))
                    .bind(transport.as_str())
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(&mut *conn)
                    .await?;
                fetch(conn, id, &sealer).await
            })
        })
        .await
    }

    /// Another terminal stands at the address of `old`: that one is closed, a new one registered with its settings, in its
    /// group of PINs and in the filters that name it.
    pub async fn replace_terminal(
        &self,
        old: TerminalId,
        serial: &str,
        now: Timestamp,
    ) -> Result<Terminal> {
        const INSERT: &str = "INSERT INTO terminals (identity, serial, name, host, port, transport, comm_key, zone,
                interval_secs, connect_timeout_ms, enabled, live, correct_clock_secs, code_page, site,
                order16, registered_at)
            SELECT ?1, ?1, name, host, port, transport, comm_key, zone, interval_secs, connect_timeout_ms, enabled,
                live, correct_clock_secs, code_page, site, order16, ?2
            FROM terminals WHERE id = ?3 RETURNING id";
        let (sealer, serial) = (self.sealer().clone(), serial.to_owned());
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let was_default = close_for_another(conn, old, now).await?;
                let new: i64 = sqlx::query_scalar(INSERT)
                    .bind(serial)
                    .bind(now.as_millisecond())
                    .bind(old.0)
                    .fetch_one(&mut *conn)
                    .await?;
                let new = TerminalId(new);
                hand_over(conn, old, new, was_default).await?;
                want_successor(conn, old, new).await?;
                take_over_group(conn, old, new, now).await?;
                fetch(conn, new, &sealer).await
            })
        })
        .await
    }

    /// The terminal that answers at the address of `here` is `known`, which moved there: it takes over the address, the
    /// way in (transport, comm key) and the default flag; `here` is closed. A closed one is open again.
    pub async fn move_terminal(
        &self,
        known: TerminalId,
        here: TerminalId,
        now: Timestamp,
    ) -> Result<Terminal> {
        const MOVE: &str = "UPDATE terminals SET (host, port, transport, comm_key, enabled) =
                (SELECT h.host, h.port, h.transport, h.comm_key, h.enabled FROM terminals h WHERE h.id = ?2),
                closed_at = NULL, replaced_by = NULL, last_contact_at = ?3
            WHERE id = ?1";
        let sealer = self.sealer().clone();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                if known == here {
                    return Err(StoreError::conflict(format!(
                        "terminal {known} cannot take its own place"
                    )));
                }
                let was_default = close_for_another(conn, here, now).await?;
                sqlx::query(MOVE)
                    .bind(known.0)
                    .bind(here.0)
                    .bind(now.as_millisecond())
                    .execute(&mut *conn)
                    .await?;
                hand_over(conn, here, known, was_default).await?;
                fetch(conn, known, &sealer).await
            })
        })
        .await
    }

    /// What a terminal says of itself.
    pub async fn save_terminal_info(&self, id: TerminalId, info: &TerminalInfo) -> Result<()> {
        const SAVE: &str = "UPDATE terminals SET model = ?, platform = ?, firmware = ?, mac = ?, user_row_size = ?,
                row_layout = ?, counters = ?, users_says = ?, punches_says = ?, punches_capacity = ?, learned = ?
            WHERE id = ?";
        let info = info.clone();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let saved = sqlx::query(SAVE)
                    .bind(info.model)
                    .bind(info.platform)
                    .bind(info.firmware)
                    .bind(info.mac)
                    .bind(info.user_row_size)
                    .bind(info.row_layout)
                    .bind(info.counters)
                    .bind(info.users_says)
                    .bind(info.punches_says)
                    .bind(info.punches_capacity)
                    .bind(json(&info.learned)?)
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                if saved.rows_affected() == 0 {
                    Err(unknown(id))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    /// How the last contacts went, of many terminals at once. A time that is not given stays as it was.
    pub async fn flush_health(&self, health: Vec<(TerminalId, TerminalHealth)>) -> Result<()> {
        const FLUSH: &str = "UPDATE terminals SET
                last_contact_at = COALESCE(n.value ->> 1, last_contact_at),
                users_read_at = COALESCE(n.value ->> 2, users_read_at),
                punches_read_at = COALESCE(n.value ->> 3, punches_read_at),
                clock_offset_secs = COALESCE(n.value ->> 4, clock_offset_secs),
                last_error_code = n.value ->> 5, last_error = n.value ->> 6, last_error_at = n.value ->> 7
            FROM json_each(?) AS n WHERE terminals.id = n.value ->> 0";
        let millis = |time: Option<Timestamp>| time.map(Timestamp::as_millisecond);
        let rows: Vec<_> = health
            .into_iter()
            .map(|(id, health)| {
                (
                    id.0,
                    millis(health.last_contact_at),
                    millis(health.users_read_at),
                    millis(health.punches_read_at),
                    health.clock_offset_secs,
                    health.last_error_code,
                    health.last_error,
                    millis(health.last_error_at),
                )
            })
            .collect();
        let rows = json(&rows)?;
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(FLUSH).bind(rows).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }
}

/// Closes a terminal whose address another one takes; says whether it was the default.
async fn close_for_another(
    conn: &mut SqliteConnection,
    id: TerminalId,
    now: Timestamp,
) -> Result<bool> {
    const WAS: &str = "SELECT is_default FROM terminals WHERE id = ?";
    const CLOSE: &str =
        "UPDATE terminals SET closed_at = COALESCE(closed_at, ?), is_default = 0 WHERE id = ?";
    let was_default: Option<bool> = sqlx::query_scalar(WAS)
        .bind(id.0)
        .fetch_optional(&mut *conn)
        .await?;
    let was_default = was_default.ok_or_else(|| unknown(id))?;
    sqlx::query(CLOSE)
        .bind(now.as_millisecond())
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(was_default)
}

async fn hand_over(
    conn: &mut SqliteConnection,
    from: TerminalId,
    to: TerminalId,
    default: bool,
) -> Result<()> {
    const LINK: &str = "UPDATE terminals SET replaced_by = ? WHERE id = ?";
    const DEFAULT: &str = "UPDATE terminals SET is_default = 1 WHERE id = ?";
    sqlx::query(LINK)
        .bind(to.0)
        .bind(from.0)
        .execute(&mut *conn)
        .await?;
    if default {
        sqlx::query(DEFAULT).bind(to.0).execute(conn).await?;
    }
    Ok(())
}
