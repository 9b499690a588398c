//! Terminals that share their PINs.

use domain::{LocalTime, PinGroupId, TerminalId, Validity};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::known::{Places, columns, rebuild, taken_back, validity};
use crate::{Result, Store, StoreError, Weight, columns::moment};

/// Terminals on which a PIN means the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinGroup {
    pub id: PinGroupId,
    pub name: String,
    pub created_at: Timestamp,
    /// Those of now and those of before, in the order in which they came.
    pub members: Vec<PinGroupMember>,
}

/// A terminal's time in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinGroupMember {
    pub terminal: TerminalId,
    pub validity: Validity,
}

const LONGEST_NAME: usize = 200;

impl Store {
    /// By name.
    pub async fn pin_groups(&self) -> Result<Vec<PinGroup>> {
        const GROUPS: &str = "SELECT id, name, created_at FROM pin_groups ORDER BY name";
        const MEMBERS: &str = "SELECT pin_group_id, terminal_id, valid_from, valid_until FROM pin_group_members ORDER BY id";
        let groups: Vec<(i64, String, i64)> =
            sqlx::query_as(GROUPS).fetch_all(self.reader()).await?;
        let members: Vec<(i64, i64, String, String)> =
            sqlx::query_as(MEMBERS).fetch_all(self.reader()).await?;
        groups
            .into_iter()
            .map(|(id, name, created_at)| {
                let members = members
                    .iter()
                    .filter(|(group, ..)| *group == id)
                    .map(|(_, terminal, from, until)| {
                        Ok(PinGroupMember {
                            terminal: TerminalId(*terminal),
                            validity: validity(from, until)?,
                        })
                    })
                    .collect::<Result<_>>()?;
                Ok(PinGroup {
                    id: PinGroupId(id),
                    name,
                    created_at: moment(created_at)?,
                    members,
                })
            })
            .collect()
    }

    /// `Conflict` where another has the name.
    pub async fn create_pin_group(&self, name: &str, now: Timestamp) -> Result<PinGroupId> {
        const INSERT: &str = "INSERT INTO pin_groups (name, created_at) VALUES (?, ?)
            ON CONFLICT (name) DO NOTHING RETURNING id";
        let name = checked(name)?;
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let id: Option<i64> = sqlx::query_scalar(INSERT)
                    .bind(&name)
                    .bind(now.as_millisecond())
                    .fetch_optional(conn)
                    .await?;
                id.map(PinGroupId).ok_or_else(|| taken(&name))
            })
        })
        .await
    }

    pub async fn rename_pin_group(&self, id: PinGroupId, name: &str) -> Result<()> {
        const RENAME: &str = "UPDATE OR IGNORE pin_groups SET name = ? WHERE id = ?";
        let name = checked(name)?;
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                exists(conn, id).await?;
                let done = sqlx::query(RENAME)
                    .bind(&name)
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                if done.rows_affected() == 0 {
                    Err(taken(&name))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    /// `Conflict` where a PIN is or was mapped in it: whose punches those are must stay known.
    pub async fn delete_pin_group(&self, id: PinGroupId) -> Result<()> {
        const MAPPED: &str = "SELECT EXISTS (SELECT 1 FROM mappings WHERE pin_group_id = ?)";
        const MEMBERS: &str = "DELETE FROM pin_group_members WHERE pin_group_id = ?";
        const DELETE: &str = "DELETE FROM pin_groups WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                exists(conn, id).await?;
                let mapped: bool = sqlx::query_scalar(MAPPED)
                    .bind(id.0)
                    .fetch_one(&mut *conn)
                    .await?;
                if mapped {
                    return Err(StoreError::conflict(
                        "user ids are or were mapped for this group of terminals, so it stays; take its terminals out \
                         of it instead",
                    ));
                }
                for statement in [MEMBERS, DELETE] {
                    sqlx::query(statement)
                        .bind(id.0)
                        .execute(&mut *conn)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// From `from` on (`None`: always) the PINs of a terminal mean what they mean in the group. `Conflict` where it is in a
    /// group then already. Gives how many records waited for that and go now.
    pub async fn join_pin_group(
        &self,
        id: PinGroupId,
        terminal: TerminalId,
        from: Option<LocalTime>,
        by: &str,
        now: Timestamp,
    ) -> Result<u64> {
        const TAKEN: &str =
            "SELECT g.name FROM pin_group_members m JOIN pin_groups g ON g.id = m.pin_group_id
            WHERE m.terminal_id = ? AND m.valid_until > ? AND m.valid_until > m.valid_from LIMIT 1";
        const INSERT: &str =
            "INSERT INTO pin_group_members (terminal_id, valid_from, pin_group_id, valid_until)
            SELECT id, ?2, ?3, ?4 FROM terminals WHERE id = ?1";
        let by = by.to_owned();
        let (from, until) = columns(Validity { from, until: None });
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                exists(conn, id).await?;
                let other: Option<String> = sqlx::query_scalar(TAKEN)
                    .bind(terminal.0)
                    .bind(&from)
                    .fetch_optional(&mut *conn)
                    .await?;
                if let Some(other) = other {
                    return Err(StoreError::conflict(format!(
                        "the terminal is in the group {other:?} at that time already; take it out of that first"
                    )));
                }
                let made = sqlx::query(INSERT)
                    .bind(terminal.0)
                    .bind(from)
                    .bind(id.0)
                    .bind(until)
                    .execute(&mut *conn)
                    .await?;
                if made.rows_affected() == 0 {
                    return Err(crate::terminals::unknown(terminal));
                }
                let places = places(conn, id, terminal).await?;
                rebuild(conn, &places, &by, now).await
            })
        })
        .await
    }

    /// From `until` on a terminal's PINs are its own again; `None`: it never was in the group. Old punches keep their
    /// person.
    pub async fn leave_pin_group(
        &self,
        id: PinGroupId,
        terminal: TerminalId,
        until: Option<LocalTime>,
        by: &str,
        now: Timestamp,
    ) -> Result<()> {
        const SELECT: &str = "SELECT id, valid_from FROM pin_group_members
            WHERE pin_group_id = ? AND terminal_id = ? AND valid_until = '9999-12-31 23:59:59'";
        const END: &str =
            "UPDATE pin_group_members SET valid_until = MAX(?, valid_from) WHERE id = ?";
        let by = by.to_owned();
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let member: Option<(i64, String)> = sqlx::query_as(SELECT)
                    .bind(id.0)
                    .bind(terminal.0)
                    .fetch_optional(&mut *conn)
                    .await?;
                let Some((member, from)) = member else {
                    return Err(StoreError::not_found("the terminal is not in this group"));
                };
                let end = if let Some(until) = until {
                    until.to_string()
                } else {
                    let from = validity(&from, "9999-12-31 23:59:59")?.from;
                    columns(taken_back(from)).1
                };
                sqlx::query(END)
                    .bind(end)
                    .bind(member)
                    .execute(&mut *conn)
                    .await?;
                let places = places(conn, id, terminal).await?;
                rebuild(conn, &places, &by, now).await?;
                Ok(())
            })
        })
        .await
    }
}

/// A terminal in the place of another is in its group.
pub(crate) async fn take_over_group(
    conn: &mut SqliteConnection,
    old: TerminalId,
    new: TerminalId,
    now: Timestamp,
) -> Result<()> {
    const TAKE_OVER: &str =
        "INSERT INTO pin_group_members (terminal_id, valid_from, pin_group_id, valid_until)
        SELECT ?, valid_from, pin_group_id, valid_until FROM pin_group_members
        WHERE terminal_id = ? AND valid_until = '9999-12-31 23:59:59'
        RETURNING pin_group_id";
    let group: Option<i64> = sqlx::query_scalar(TAKE_OVER)
        .bind(new.0)
        .bind(old.0)
        .fetch_optional(&mut *conn)
        .await?;
    if let Some(group) = group {
        let places = places(conn, PinGroupId(group), new).await?;
        rebuild(conn, &places, REPLACED, now).await?;
    }
    Ok(())
}

/// Who did what a replaced terminal brings with it.
const REPLACED: &str = "a terminal was replaced";

/// All PINs that are mapped in a group, at one of its terminals.
async fn places(
    conn: &mut SqliteConnection,
    group: PinGroupId,
    terminal: TerminalId,
) -> Result<Places> {
    const PINS: &str = "SELECT DISTINCT pin FROM mappings WHERE pin_group_id = ?";
    let pins: Vec<String> = sqlx::query_scalar(PINS)
        .bind(group.0)
        .fetch_all(conn)
        .await?;
    Ok(pins.into_iter().map(|pin| (terminal.0, pin)).collect())
}

async fn exists(conn: &mut SqliteConnection, id: PinGroupId) -> Result<()> {
    const SELECT: &str = "SELECT EXISTS (SELECT 1 FROM pin_groups WHERE id = ?)";
    let exists: bool = sqlx::query_scalar(SELECT)
        .bind(id.0)
        .fetch_one(conn)
        .await?;
    if exists {
        Ok(())
    } else {
        Err(StoreError::not_found(
            "there is no such group of terminals, or it was removed",
        ))
    }
}

fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        return Err(StoreError::conflict(
            "a group of terminals needs a name of one line and at most 200 characters",
        ));
    }
    Ok(name.to_owned())
}

fn taken(name: &str) -> StoreError {
    StoreError::conflict(format!(
        "another group of terminals is called {name:?}; choose another name"
    ))
}
