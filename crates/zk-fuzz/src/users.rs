use zk_wire::{UserRow, UserTable};

/// Every row of a table of users is read or kept, and what was read is written as it came.
pub(crate) fn users(input: &[u8]) {
    let Some((says, table)) = input.split_first() else {
        return;
    };
    let users = (*says != 0).then_some(u32::from(*says));
    let Ok(read) = UserTable::decode(table, users) else {
        return;
    };
    let Some(format) = read.format else {
        assert!(table.is_empty());
        return;
    };
    let size = usize::from(format.size());
    assert_eq!(
        table.len(),
        (read.rows.len() + read.unreadable.len()) * size
    );
    for user in &read.rows {
        if let Ok(row) = user.encode(format) {
            assert_eq!(row.len(), size);
            let again = UserRow::decode(format, &row);
            assert_eq!(again.as_ref().map(|again| &again.pin), Ok(&user.pin));
            assert_eq!(again.map(|again| again.uid), Ok(user.uid));
        }
    }
}
