use serde::Deserialize;
use utoipa::IntoParams;

use super::{Count, Word};
use crate::problem::Problem;

/// Which page of a list, newest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Most entries of the page, 1 to 1000; 100 where none is given.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 1000)]
    limit: Option<Count>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Word>,
}

const DEFAULT: u32 = 100;
const MOST: u32 = 1000;

impl PageQuery {
    /// The length of the page, and the row before which it begins.
    pub(crate) fn read(self) -> Result<(u32, Option<i64>), Problem> {
        let (limit, cursor) = self.read_opaque()?;
        let before = match cursor {
            None => None,
            Some(text) => Some(text.parse().ok().filter(|id| *id >= 0).ok_or_else(|| {
                Problem::invalid(format!(
                    "cursor is {text:?}, which is none of ours; send next_cursor as it was given"
                ))
            })?),
        };
        Ok((limit, before))
    }

    /// The same with a cursor that its list reads itself.
    pub(crate) fn read_opaque(self) -> Result<(u32, Option<String>), Problem> {
        let limit = match self.limit {
            None => DEFAULT,
            Some(Count(limit)) => u32::try_from(limit)
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| {
                    Problem::invalid(format!("limit is {limit}; it must be from 1 to {MOST}"))
                })?,
        };
        Ok((limit, self.cursor.and_then(Word::filled)))
    }
}
