use zk_wire::{LogRows, LogSplitter, RowLayout, Who};

/// A log gives the same rows however it arrives, and all its bytes in them; each row is as long as its layout but the last,
/// which cannot be read where it is shorter.
pub(crate) fn logs(input: &[u8]) {
    let [cut, says, log @ ..] = input else {
        return;
    };
    let records = (*says != 0).then_some(u32::from(*says));
    let whole = read(log, log.len(), records);
    let pieces = read(log, usize::from(*cut).max(1), records);
    assert_eq!(whole, pieces, "cut otherwise, read otherwise");
    assert_eq!(whole.concat(), log, "bytes are missing or made up");
}

/// The rows as they came.
fn read(log: &[u8], piece: usize, records: Option<u32>) -> Vec<Vec<u8>> {
    let mut splitter = LogSplitter::new(log.len(), records);
    let mut rows = Vec::new();
    for bytes in log.chunks(piece.max(1)) {
        if let Some(found) = splitter.push(bytes) {
            let Some(layout) = splitter.layout() else {
                unreachable!("rows come out once their layout is chosen")
            };
            assert_eq!(splitter.refused().is_none(), layout.is_known());
            take(&found, layout, splitter.is_complete(), &mut rows);
        }
    }
    assert!(splitter.is_complete());
    rows
}

fn take(found: &LogRows, layout: RowLayout, is_end: bool, rows: &mut Vec<Vec<u8>>) {
    assert!(!found.is_empty());
    let mut left = found.len();
    for row in found.iter() {
        left -= 1;
        let is_whole = row.raw().len() == layout.size();
        assert!(is_whole || (is_end && left == 0 && row.read().is_err()));
        if let Ok(read) = row.read() {
            assert!(layout.is_known(), "a punch of unknown bytes");
            match read.who {
                Who::Pin(pin) => assert!(!pin.as_str().is_empty(), "a punch of nobody"),
                Who::Slot(slot) => assert_ne!(slot, 0, "a punch of nobody"),
            }
        }
        rows.push(row.raw().to_vec());
    }
}
