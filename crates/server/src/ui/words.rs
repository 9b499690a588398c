//! How pages write numbers, differences and addresses.

use std::fmt::Write as _;

use super::frame::length;

/// `1 punch`, `12 punches`
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

/// What a terminal's clock shows against ours: `4 s ahead`, `3 min behind`, `in step`.
pub(super) fn drift(seconds: i64) -> String {
    match seconds {
        0 => "in step".to_owned(),
        1.. => format!("{} ahead", length(seconds)),
        ..0 => format!("{} behind", length(-seconds)),
    }
}

/// A drift that people should do something about.
pub(super) fn is_drifting(seconds: i64) -> bool {
    const BEARABLE_SECS: u64 = 60;
    seconds.unsigned_abs() > BEARABLE_SECS
}

/// An address on this server with its parameters; empty ones are left out.
pub(super) fn link<'a>(
    path: &str,
    parameters: impl IntoIterator<Item = (&'static str, &'a str)>,
) -> String {
    let mut link = path.to_owned();
    let mut separator = '?';
    for (name, value) in parameters
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
    {
        link.push(separator);
        link.push_str(name);
        link.push('=');
        escape(&mut link, value);
        separator = '&';
    }
    link
}

fn escape(into: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}
