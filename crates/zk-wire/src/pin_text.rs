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
        crate::bytes::fill(&mut held, text);
        fits.then_some(Self {
            text: held,
            length: u8::try_from(text.len()).ok()?,
        })
    }

    /// The decimal digits of a numeric user id.
    pub fn from_number(mut number: u32) -> Self {
        let mut digits = [0_u8; 10];
        let mut length = 0_usize;
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
            length += 1;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        let mut text = [0; Self::MAX];
        crate::bytes::fill(
            &mut text,
            digits.get(digits.len() - length..).unwrap_or_default(),
        );
        Self {
            text,
            length: u8::try_from(length).unwrap_or(0),
        }
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
