use std::fmt;

/// A user id as a row carries it: 1 to 24 printable ASCII characters, held in place so that a log of a million rows
/// makes no million strings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PinText {
    text: [u8; Self::MAX],
    length: u8,
}

impl PinText {
    /// Bytes of the widest field.
    pub const MAX: usize = Self::WIDEST as usize;
    pub(crate) const WIDEST: u8 = 24;

    /// `None` unless it is 1 to 24 printable ASCII characters without a space.
    pub fn new(text: &[u8]) -> Option<Self> {
        let fits = (1..=Self::MAX).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        let mut held = [0; Self::MAX];
        held.get_mut(..text.len())?.copy_from_slice(text);
        fits.then_some(Self {
            text: held,
            length: u8::try_from(text.len()).ok()?,
        })
    }

    /// The decimal digits of a numeric user id.
    pub fn from_number(mut number: u32) -> Self {
        let length = number.checked_ilog10().map_or(1, |tens| tens + 1);
        let mut text = [0; Self::MAX];
        let places = text.iter_mut().take(usize::try_from(length).unwrap_or(0));
        for place in places.rev() {
            *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        Self {
            text,
            length: u8::try_from(length).unwrap_or(0),
        }
    }

    /// Reads a whole field, which ends at its first NUL; spaces before that fill it, too. `None` where what is left is no
    /// user id, nothing too.
    pub(crate) fn of_field(field: &[u8; Self::MAX]) -> Option<Self> {
        let end = field.iter().position(|byte| *byte == 0);
        let id = field.get(..end.unwrap_or(Self::MAX)).unwrap_or_default();
        let id = id.trim_ascii_end();
        let length = u8::try_from(id.len()).ok()?;
        let mut text = *field;
        // All of the field is gone through: that is quicker than a copy of just so many bytes.
        for (place, at) in text.iter_mut().zip(0_u8..) {
            *place = if at < length { *place } else { 0 };
        }
        (length > 0 && id.iter().all(u8::is_ascii_graphic)).then_some(Self { text, length })
    }

    /// The characters, without what fills the field.
    pub fn as_str(&self) -> &str {
        let text = self
            .text
            .get(..usize::from(self.length))
            .unwrap_or_default();
        // Only ASCII gets in.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Debug for PinText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for PinText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
