//! Names: a terminal stores the bytes that the writer sent and declares no encoding.

use encoding_rs::Encoding;

pub use encoding_rs::{GBK, WINDOWS_1252};

/// Lengths of a name that fills its field, with and without a NUL, in rows of 28 and of 72 bytes.
const FULL: [usize; 4] = [7, 8, 23, 24];

/// Reads a name: UTF-8 where it is that (a character cut at the field's end is left out), else `otherwise`.
pub fn decode_name(bytes: &[u8], otherwise: &'static Encoding) -> String {
    let bytes = crate::bytes::until_nul(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().to_owned(),
        // Only the last character is incomplete, and the field is full or other characters are of several bytes, too:
        // a short name in a code page may just end with such a byte.
        Err(error)
            if error.error_len().is_none()
                && (FULL.contains(&bytes.len())
                    || bytes
                        .iter()
                        .take(error.valid_up_to())
                        .any(|byte| !byte.is_ascii())) =>
        {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            String::from_utf8_lossy(whole).trim().to_owned()
        }
        Err(_) => {
            let (text, _) = otherwise.decode_without_bom_handling(bytes);
            text.trim().to_owned()
        }
    }
}

/// The longest beginning of `name` that fits `max` bytes without cutting a character.
pub fn cut_name(name: &str, max: usize) -> &str {
    let end = (0..=max.min(name.len()))
        .rev()
        .find(|end| name.is_char_boundary(*end))
        .unwrap_or(0);
    name.get(..end).unwrap_or_default()
}
