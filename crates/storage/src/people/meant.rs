//! Whom a list of employee numbers and PINs means.

use serde::Serialize;

use crate::{PunchFilter, Result, Store, columns::json};

/// Of punches under the same PIN, those that are meant: who made them decides, not the PIN.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PeopleMeant {
    /// Whose employee number was given.
    people: Vec<i64>,
    /// PINs that are meant where nobody is behind them: all that was given.
    nobodys: Vec<String>,
    /// PINs that are meant whoever is behind them: what is nobody's employee number.
    pins: Vec<String>,
}

/// Whether punch `p`, made at the time of this column, is of those in parameter ?8; all are where that is NULL.
macro_rules! is_meant {
    ($time:literal) => {
        $crate::people::is_meant!($time, "?8")
    };
    ($time:literal, $meant:literal) => {
        concat!(
            " AND (",
            $meant,
            " IS NULL OR p.pin IN (SELECT value FROM json_each(",
            $meant,
            ", '$.pins')) OR COALESCE((SELECT m.person_id IN (SELECT value FROM json_each(",
            $meant,
            ", '$.people')) FROM pin_people m WHERE m.terminal_id = p.terminal_id AND m.pin = p.pin AND m.valid_from <= ",
            $time,
            " AND m.valid_until > ",
            $time,
            "), p.pin IN (SELECT value FROM json_each(",
            $meant,
            ", '$.nobodys')))) "
        )
    };
}
pub(crate) use is_meant;

impl PeopleMeant {
    pub(crate) fn json(meant: Option<&Self>) -> Result<Option<String>> {
        meant.map(json).transpose()
    }
}

impl Store {
    /// Takes the people of a filter for employee numbers first. One that somebody has means whatever they punched, under
    /// any PIN, and that PIN where nobody is behind it; any other is a PIN.
    pub async fn of_people(&self, filter: PunchFilter) -> Result<PunchFilter> {
        const PEOPLE: &str = "SELECT id, employee_number FROM people WHERE employee_number IN (SELECT value FROM json_each(?))";
        const PINS: &str = "SELECT DISTINCT pin FROM pin_people WHERE person_id IN (SELECT value FROM json_each(?))";
        if filter.people.is_empty() {
            return Ok(filter);
        }
        let known: Vec<(i64, String)> = sqlx::query_as(PEOPLE)
            .bind(json(&filter.people)?)
            .fetch_all(self.reader())
            .await?;
        if known.is_empty() {
            return Ok(filter);
        }
        let is_number = |word: &String| known.iter().any(|(_, number)| number == word);
        let people: Vec<i64> = known.iter().map(|(id, _)| *id).collect();
        let mut pins: Vec<String> = sqlx::query_scalar(PINS)
            .bind(json(&people)?)
            .fetch_all(self.reader())
            .await?;
        pins.retain(|pin| !filter.people.contains(pin));
        pins.extend(filter.people.iter().cloned());
        let meant = PeopleMeant {
            people,
            pins: filter
                .people
                .iter()
                .filter(|word| !is_number(word))
                .cloned()
                .collect(),
            nobodys: filter.people,
        };
        Ok(PunchFilter {
            people: pins,
            meant: Some(meant),
            ..filter
        })
    }
}
