//! How pages write numbers and addresses.

use std::fmt::Write as _;

/// `1 punch`, `12 punches`
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
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
