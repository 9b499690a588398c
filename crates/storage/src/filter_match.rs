//! Which punches a destination wants, in SQL; `DestinationFilter::refuses` says the same in Rust.

use domain::{
    DestinationFilter, DestinationId, FilterFacts, LocalTime, Pin, PunchId, PunchState, TerminalId,
    Unwanted,
};
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError,
    columns::{json, local_time, narrow},
    people::{is_behind, person_of},
};

/// Whether destination `d` wants punch `p`, but for its start. Each list is looked up in the key of `destination_wants`.
/// Where nobody is mapped and the destination waits for that, who it is decides then, and where they belong if the
/// filter names sites.
macro_rules! wanted {
    () => {
        concat!(
            "((d.asks & 1) = 0
            OR EXISTS (SELECT 1 FROM destination_wants w WHERE w.destination_id = d.id AND w.kind = 'terminal'
                AND w.value = CAST(p.terminal_id AS TEXT))
            OR EXISTS (SELECT 1 FROM terminals t JOIN destination_wants w ON w.destination_id = d.id
                AND w.kind = 'site' AND w.value = t.site WHERE t.id = p.terminal_id)
            OR EXISTS (SELECT 1 FROM pin_people m CROSS JOIN people q ON q.id = m.person_id
                CROSS JOIN destination_wants w ON w.destination_id = d.id AND w.kind = 'site' AND w.value = q.site
                WHERE ",
            $crate::people::is_behind!(),
            ")
            OR (d.needs_mapping = 1
                AND EXISTS (SELECT 1 FROM destination_wants w WHERE w.destination_id = d.id AND w.kind = 'site')
                AND NOT EXISTS (SELECT 1 FROM pin_people m WHERE ",
            $crate::people::is_behind!(),
            ")))
        AND ((d.asks & 2) = 0
            OR EXISTS (SELECT 1 FROM destination_wants w WHERE w.destination_id = d.id AND w.kind = 'person'
                AND w.value = COALESCE((SELECT q.employee_number FROM pin_people m CROSS JOIN people q ON q.id = m.person_id
                    WHERE ",
            $crate::people::is_behind!(),
            "), p.pin))
            OR EXISTS (SELECT 1 FROM pin_people m CROSS JOIN person_groups g ON g.person_id = m.person_id
                CROSS JOIN destination_wants w ON w.destination_id = d.id AND w.kind = 'group' AND w.value = g.name
                WHERE ",
            $crate::people::is_behind!(),
            ")
            OR (d.needs_mapping = 1 AND NOT EXISTS (SELECT 1 FROM pin_people m WHERE ",
            $crate::people::is_behind!(),
            ")))
        AND ((d.asks & 4) = 0
            OR EXISTS (SELECT 1 FROM destination_wants w WHERE w.destination_id = d.id AND w.kind = 'state'
                AND w.value = CAST(p.state AS TEXT)))"
        )
    };
}
pub(crate) use wanted;

impl Store {
    /// How many stored punches a filter matches.
    pub async fn count_matching(&self, filter: &DestinationFilter) -> Result<u64> {
        macro_rules! matching {
            ($table:literal, $people:expr) => {
                concat!(
                    "(SELECT COUNT(*) FROM ",
                    $table,
                    " p WHERE ((?2 IS NULL AND ?3 IS NULL) OR p.terminal_id IN (SELECT value FROM json_each(?2))
                        OR p.terminal_id IN (SELECT t.id FROM terminals t
                            WHERE t.site IN (SELECT value FROM json_each(?3)))
                        OR (?3 IS NOT NULL AND EXISTS (SELECT 1 FROM pin_people m CROSS JOIN people q ON q.id = m.person_id
                            WHERE ",
                    is_behind!(),
                    " AND q.site IN (SELECT value FROM json_each(?3)))))
                    AND (?5 IS NULL OR p.state IN (SELECT value FROM json_each(?5)))
                    AND p.local_time >= ?1 AND ",
                    $people,
                    ")"
                )
            };
        }
        // What was corrected is counted as it came, taken away, and counted as it is.
        macro_rules! count {
            ($people:expr) => {
                concat!(
                    "SELECT ",
                    matching!("punches", $people),
                    " - ",
                    matching!("(SELECT terminal_id, pin, local_time, state FROM punches WHERE id IN (SELECT punch_id FROM corrections))", $people),
                    " + ",
                    matching!("(SELECT terminal_id, pin, local_time, state FROM shown_punches WHERE id IN (SELECT punch_id FROM corrections))", $people)
                )
            };
        }
        const OF_ALL: &str = count!("?4 IS NULL");
        // PIN by PIN, in the index of what identifies a punch.
        const OF_PEOPLE: &str = count!(concat!(
            "p.terminal_id IN (SELECT id FROM terminals)
            AND p.pin IN (SELECT value FROM json_each(?4) UNION SELECT m.pin FROM pin_people m WHERE m.person_id IN (
                SELECT q.id FROM people q WHERE q.employee_number IN (SELECT value FROM json_each(?4))
                UNION SELECT g.person_id FROM person_groups g WHERE g.name IN (SELECT value FROM json_each(?6))))
            AND CASE WHEN EXISTS (SELECT 1 FROM pin_people m WHERE ",
            is_behind!(),
            ") THEN EXISTS (SELECT 1 FROM pin_people m CROSS JOIN people q ON q.id = m.person_id WHERE ",
            is_behind!(),
            " AND (q.employee_number IN (SELECT value FROM json_each(?4)) OR EXISTS (SELECT 1 FROM person_groups g
                    WHERE g.person_id = q.id AND g.name IN (SELECT value FROM json_each(?6)))))
                ELSE p.pin IN (SELECT value FROM json_each(?4)) END"
        ));
        let statement = if filter.asks_who() { OF_PEOPLE } else { OF_ALL };
        let terminals: Vec<i64> = filter.terminals.iter().map(|id| id.0).collect();
        let states: Vec<u8> = filter.states.iter().map(|state| state.code()).collect();
        let people = filter
            .asks_who()
            .then(|| json(&filter.people))
            .transpose()?;
        let count: i64 = sqlx::query_scalar(statement)
            .bind(filter.from.to_string())
            .bind(some_json(&terminals)?)
            .bind(some_json(&filter.sites)?)
            .bind(people)
            .bind(some_json(&states)?)
            .bind(json(&filter.groups)?)
            .fetch_one(self.reader())
            .await?;
        narrow(count, "count of punches")
    }
}

impl Store {
    /// Why a destination's filter does not want a stored punch (`Some(None)`: it wants it); `None` when there is no such
    /// punch. `needs_mapping`: it waits for whom a PIN is mapped to.
    pub async fn why_unwanted(
        &self,
        filter: &DestinationFilter,
        needs_mapping: bool,
        punch: PunchId,
    ) -> Result<Option<Option<Unwanted>>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            terminal_id: i64,
            site: Option<String>,
            pin: String,
            state: i64,
            local_time: String,
            employee_number: Option<String>,
            person_site: Option<String>,
            groups: String,
        }
        const SELECT: &str = concat!(
            "SELECT p.terminal_id, t.site, p.pin, p.state, p.local_time, q.employee_number, q.site AS person_site,
                (SELECT json_group_array(g.name) FROM person_groups g WHERE g.person_id = q.id) AS groups
            FROM shown_punches p JOIN terminals t ON t.id = p.terminal_id LEFT JOIN people q ON q.id = ",
            person_of!(),
            " WHERE p.id = ?"
        );
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(punch.0)
            .fetch_optional(self.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let pin = Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?;
        let groups: Vec<String> = serde_json::from_str(&row.groups)
            .map_err(|error| StoreError::damaged(error.to_string()))?;
        Ok(Some(filter.refuses(&FilterFacts {
            terminal: TerminalId(row.terminal_id),
            site: row.site.as_deref(),
            pin: &pin,
            employee_number: row.employee_number.as_deref(),
            person_site: row.person_site.as_deref(),
            groups: &groups,
            is_open: needs_mapping && row.employee_number.is_none(),
            state: PunchState::new(narrow(row.state, "punches.state")?),
            local_time: local_time(&row.local_time)?,
        })))
    }
}

fn some_json<T: serde::Serialize>(list: &[T]) -> Result<Option<String>> {
    (!list.is_empty()).then(|| json(&list)).transpose()
}

/// Writes all of a filter.
pub(crate) async fn save_filter(
    conn: &mut SqliteConnection,
    id: DestinationId,
    filter: &DestinationFilter,
) -> Result<()> {
    const CLEAR: &str = "DELETE FROM destination_wants WHERE destination_id = ?";
    const INSERT: &str = "INSERT OR IGNORE INTO destination_wants (destination_id, kind, value)
        SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2)";
    const SAVE: &str = "UPDATE destinations SET start_from = ?, asks = ? WHERE id = ?";
    let terminals = filter.terminals.iter().map(ToString::to_string);
    let states = filter.states.iter().map(|state| state.code().to_string());
    let wants: Vec<(&str, String)> = terminals
        .map(|value| ("terminal", value))
        .chain(states.map(|value| ("state", value)))
        .chain(filter.sites.iter().map(|each| ("site", each.clone())))
        .chain(filter.groups.iter().map(|each| ("group", each.clone())))
        .chain(filter.people.iter().map(|each| ("person", each.clone())))
        .collect();
    sqlx::query(CLEAR).bind(id.0).execute(&mut *conn).await?;
    sqlx::query(INSERT)
        .bind(id.0)
        .bind(json(&wants)?)
        .execute(&mut *conn)
        .await?;
    let asks = i64::from(filter.asks_where())
        + 2 * i64::from(filter.asks_who())
        + 4 * i64::from(filter.asks_state());
    sqlx::query(SAVE)
        .bind(filter.from.to_string())
        .bind(asks)
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whoever wants the punches of a terminal wants those of the one in its place.
pub(crate) async fn want_successor(
    conn: &mut SqliteConnection,
    old: TerminalId,
    new: TerminalId,
) -> Result<()> {
    const WANT: &str = "INSERT OR IGNORE INTO destination_wants (destination_id, kind, value)
        SELECT destination_id, kind, ? FROM destination_wants WHERE kind = 'terminal' AND value = ?";
    sqlx::query(WANT)
        .bind(new.to_string())
        .bind(old.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a filter together; `wants` is a JSON list of kind and value.
pub(crate) fn read_filter(from: LocalTime, wants: &str) -> Result<DestinationFilter> {
    let wants: Vec<(String, String)> =
        serde_json::from_str(wants).map_err(|error| StoreError::damaged(error.to_string()))?;
    let mut filter = DestinationFilter::since(from);
    for (kind, value) in wants {
        let damaged = || StoreError::damaged(format!("{value:?} in a destination's filter"));
        match kind.as_str() {
            "terminal" => {
                let id = value.parse().map_err(|_| damaged())?;
                filter.terminals.push(TerminalId(id));
            }
            "state" => {
                let code = value.parse().map_err(|_| damaged())?;
                filter.states.push(PunchState::new(code));
            }
            "site" => filter.sites.push(value),
            "group" => filter.groups.push(value),
            "person" => filter.people.push(value),
            other => {
                return Err(StoreError::damaged(format!(
                    "{other:?} is nothing that a filter asks for"
                )));
            }
        }
    }
    filter.terminals.sort_unstable();
    filter.states.sort_unstable();
    Ok(filter)
}
