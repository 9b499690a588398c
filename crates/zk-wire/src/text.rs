//! Names: a terminal stores the bytes that the writer sent and declares no encoding.
//!
//! A name is read as UTF-8 where it is that, else in the terminal's code page; [`detect()`] finds out which that is. Keep the
//! bytes: a wrong guess can be repaired then.

mod code_page;
mod detect;
mod encode;
mod letters;
mod pairs;

pub use code_page::{BIG5, CodePage, EUC_KR, GBK, SHIFT_JIS, UTF_8, UnknownCodePage};
pub use code_page::{
    WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254,
    WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};
pub use detect::detect;
pub use encode::{Encoded, NotInCodePage, encode};

use crate::bytes::until_nul;

/// Lengths of a name that fills its field, with and without a NUL, in rows of 28 and of 72 bytes.
const FULL: [usize; 4] = [7, 8, 23, 24];

/// Reads a name: UTF-8 where it is that, else in `page` (in Windows-1252 where that is UTF-8, too). A character that the
/// field's end cut in half is left out.
pub fn decode(name: &[u8], page: CodePage) -> String {
    let name = until_nul(name);
    match utf8(name) {
        Some(text) if !is_rather(page, name, text) => text.trim().to_owned(),
        _ if page == UTF_8 => WINDOWS_1252.decode(name).trim().to_owned(),
        _ => page.decode(name).trim().to_owned(),
    }
}

/// The text of a name in UTF-8, without a character that was cut.
fn utf8(name: &[u8]) -> Option<&str> {
    match std::str::from_utf8(name) {
        Ok(text) => Some(text),
        // Only the last character is incomplete, and the field is full or other characters are of several bytes, too:
        // a short name in a code page may just end with such a byte.
        Err(error)
            if error.error_len().is_none()
                && (FULL.contains(&name.len())
                    || name
                        .iter()
                        .take(error.valid_up_to())
                        .any(|byte| !byte.is_ascii())) =>
        {
            std::str::from_utf8(name.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

/// Two bytes that are a Chinese character may by chance be a Latin or a Cyrillic letter in UTF-8; one of three bytes does
/// not come by chance.
fn is_rather(page: CodePage, name: &[u8], text: &str) -> bool {
    page.has_pairs()
        && text
            .chars()
            .all(|character| ('\u{80}'..'\u{800}').contains(&character))
        && page.reads(name)
}

/// The longest beginning of `name` that fits `max` bytes without cutting a character.
pub fn cut_name(name: &str, max: usize) -> &str {
    let end = (0..=max.min(name.len()))
        .rev()
        .find(|end| name.is_char_boundary(*end))
        .unwrap_or(0);
    name.get(..end).unwrap_or_default()
}
