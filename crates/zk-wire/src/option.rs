use crate::bytes::until_nul;

/// The payload that asks for an option: its name and a NUL.
pub fn option_request(name: &str) -> Vec<u8> {
    let mut payload = name.as_bytes().to_vec();
    payload.push(0);
    payload
}

/// The value in an answer `name=value\0`: what stands between the first `=` and the first NUL. Some firmware repeats the
/// `=`; those are left out. Bytes that are no UTF-8 are replaced.
pub fn option_value(payload: &[u8]) -> String {
    let text = String::from_utf8_lossy(until_nul(payload));
    match text.split_once('=') {
        Some((_, value)) => value.trim_start_matches('=').to_owned(),
        None => text.into_owned(),
    }
}
