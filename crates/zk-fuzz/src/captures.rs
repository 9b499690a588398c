use zk_wire::capture::Capture;

/// A capture is a file that a person was sent: whatever it holds, what was read of it is written and read again.
pub(crate) fn captures(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(capture) = text.parse::<Capture>() {
        assert_eq!(capture.to_string().parse().as_ref(), Ok(&capture));
    }
}
