use zk_wire::{LogRows, LogSplitter, RowLayout, Who};

/// A log gives the same rows however it arrives, each as long as its layout, and none beyond its end.
pub(crate) fn logs(input: &[u8]) {
    let [cut, says, log @ ..] = input else {
        return;
    };
    let records = (*says != 0).then_some(u32::from(*says));
    let whole = read(log, log.len(), records);
    let pieces = read(log, usize::from(*cut).max(1), records);
    if let (Some(whole), Some(pieces)) = (&whole, &pieces) {
        assert_eq!(whole, pieces, "cut otherwise, read otherwise");
    }
    for row in whole.unwrap_or_default() {
        assert!(log.len() >= row.len());
    }
}

/// The rows as they came; `None` where no layout fits.
fn read(log: &[u8], piece: usize, records: Option<u32>) -> Option<Vec<Vec<u8>>> {
    let mut splitter = LogSplitter::new(log.len(), records);
    let mut rows = Vec::new();
    for bytes in log.chunks(piece.max(1)) {
        if let Some(found) = splitter.push(bytes).ok()? {
            take(&found, splitter.layout()?, &mut rows);
        }
    }
    Some(rows)
}

fn take(found: &LogRows, layout: RowLayout, rows: &mut Vec<Vec<u8>>) {
    assert!(!found.is_empty());
    for row in found.iter() {
        assert_eq!(row.raw().len(), layout.size());
        if let Ok(read) = row.read() {
            match read.who {
                Who::Pin(pin) => assert!(!pin.as_str().is_empty(), "a punch of nobody"),
                Who::Slot(slot) => assert_ne!(slot, 0, "a punch of nobody"),
            }
        }
        rows.push(row.raw().to_vec());
    }
}
