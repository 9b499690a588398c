use zk_wire::text::{self, CodePage};

const PAGES: &[CodePage] = &[
    text::UTF_8,
    text::GBK,
    text::BIG5,
    text::EUC_KR,
    text::SHIFT_JIS,
    text::WINDOWS_874,
    text::WINDOWS_1251,
    text::WINDOWS_1252,
    text::WINDOWS_1254,
    text::WINDOWS_1256,
    text::WINDOWS_1258,
];

/// A name is read from any bytes; what is written of it fits, ends with a whole character, and reads as its beginning.
pub(crate) fn names(input: &[u8]) {
    let [page, max, bytes @ ..] = input else {
        return;
    };
    let page = PAGES
        .get(usize::from(*page) % PAGES.len())
        .copied()
        .unwrap_or(text::UTF_8);
    // More than any field has, and few enough that many inputs are tried.
    let bytes = bytes.get(..200).unwrap_or(bytes);
    let max = usize::from(*max);
    let name = text::decode(bytes, page);
    if let Ok(written) = text::encode(&name, page, max) {
        assert!(written.bytes.len() <= max);
        let whole = text::encode(&name, page, usize::MAX);
        assert!(
            whole.is_ok_and(|whole| whole.bytes.starts_with(&written.bytes)
                && written.cut == (whole.bytes.len() > written.bytes.len())),
            "a short field got other bytes than the beginning"
        );
    }
    let cut = text::cut_name(&name, max);
    assert!(cut.len() <= max && name.starts_with(cut));
    let _ = text::detect(bytes.split(|byte| *byte == b'\n'));
}
