use serde::{Deserialize, Serialize};

/// The number or word by which a person is known on a terminal ("user id", "PIN2").
///
/// A string, because leading zeros and letters count; unique only within one terminal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(String);

/// Why a text cannot be a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error(
        "a user id is empty; give the number or word under which the person is known on the terminal"
    )]
    Empty,
    #[error("a user id is longer than {max} characters", max = Pin::MAX_LEN)]
    TooLong,
    #[error(
        "a user id holds a space or a control character; only printable ASCII characters are allowed"
    )]
    Unprintable,
}

impl Pin {
    /// The widest field seen on any terminal, in bytes.
    pub const MAX_LEN: usize = 24;

    pub fn new(text: impl Into<String>) -> Result<Self, PinError> {
        let text = text.into();
        if text.is_empty() {
            return Err(PinError::Empty);
        }
        if text.len() > Self::MAX_LEN {
            return Err(PinError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(PinError::Unprintable);
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Pin {
    type Error = PinError;

    fn try_from(text: String) -> Result<Self, PinError> {
        Self::new(text)
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.0
    }
}
