//! The log of operations.

use proptest::prelude::*;

use super::time;
use crate::{OperationRow, OperationTable, Unreadable, WireTime};

fn cleared() -> OperationRow {
    OperationRow {
        admin: 3,
        operation: OperationRow::CLEARED_ATTENDANCE,
        mark: 0,
        time: time(2026, 11, 23, 8, 30, 0),
        values: [0; 4],
    }
}

#[test]
fn that_the_log_was_cleared_has_a_name() {
    assert_eq!(cleared().name(), Some("attendance log cleared"));
    let unknown = OperationRow {
        operation: 200,
        ..cleared()
    };
    assert_eq!(unknown.name(), None);
}

#[test]
fn a_row_that_cannot_be_read_does_not_hide_its_neighbours() {
    let mut impossible = cleared().encode();
    // 31 February 2026.
    let february = WireTime::new(2026, 2, 28, 0, 0, 0).unwrap().to_u32() + 3 * 86_400;
    impossible[4..8].copy_from_slice(&february.to_le_bytes());
    assert_eq!(
        OperationRow::decode(&impossible),
        Err(Unreadable::Time(february))
    );
    let table = [
        &cleared().encode()[..],
        &impossible,
        &cleared().encode(),
        &[1; 5],
    ]
    .concat();
    let read = OperationTable::decode(&table);
    assert_eq!(read.rows, [cleared(), cleared()]);
    assert_eq!(read.unreadable, [impossible.to_vec(), vec![1; 5]]);
}

proptest! {
    #[test]
    fn any_bytes_are_operations_or_kept(table in prop::collection::vec(any::<u8>(), 0..200)) {
        let read = OperationTable::decode(&table);
        let encoded: usize = read.rows.len() * OperationRow::SIZE;
        let kept: usize = read.unreadable.iter().map(Vec::len).sum();
        prop_assert_eq!(encoded + kept, table.len());
        for row in read.rows {
            prop_assert_eq!(OperationRow::decode(&row.encode()), Ok(row));
        }
    }
}
