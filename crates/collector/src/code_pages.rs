//! The code pages that names may be written in, for people to choose from.

use zk_wire::text::{
    BIG5, CodePage, EUC_KR, GBK, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258,
};

const PAGES: [(CodePage, &str); 15] = [
    (UTF_8, "any language"),
    (WINDOWS_1256, "Arabic, Persian, Urdu"),
    (WINDOWS_1252, "Western Europe"),
    (WINDOWS_1250, "Central Europe"),
    (WINDOWS_1251, "Cyrillic"),
    (WINDOWS_1253, "Greek"),
    (WINDOWS_1254, "Turkish"),
    (WINDOWS_1255, "Hebrew"),
    (WINDOWS_1257, "Baltic"),
    (WINDOWS_1258, "Vietnamese"),
    (WINDOWS_874, "Thai"),
    (GBK, "Chinese, simplified"),
    (BIG5, "Chinese, traditional"),
    (SHIFT_JIS, "Japanese"),
    (EUC_KR, "Korean"),
];

/// Name and languages of each, the likely ones first.
pub fn code_pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES
        .into_iter()
        .map(|(page, used_for)| (page.name(), used_for))
}

/// The name of the code page that has this label; `None` where none has, or names cannot be written in it.
pub fn code_page_name(label: &str) -> Option<&'static str> {
    label.parse().ok().map(CodePage::name)
}
