use zk_wire::text;

/// A name is read from any bytes, and cut to any length without half a character.
pub(crate) fn names(input: &[u8]) {
    let Some((max, bytes)) = input.split_first() else {
        return;
    };
    if let Ok(name) = std::str::from_utf8(bytes) {
        let cut = text::cut_name(name, usize::from(*max));
        assert!(cut.len() <= usize::from(*max) && name.starts_with(cut));
    }
}
