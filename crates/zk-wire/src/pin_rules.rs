use crate::PinText;

/// Which user ids a terminal takes. It tells its width (`GET_PINWIDTH`) and whether letters are on (`~IsABCPinEnable`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PinRules {
    /// Most characters: 5 on old terminals, 9 as a rule, 14 on later ones.
    pub width: u8,
    /// Whether letters are taken beside digits.
    pub letters: bool,
}

/// Why a terminal would not take a user id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// No character, or only zeros, which is nobody on terminals that keep numbers.
    #[error("{pin:?} names nobody: a user id has at least one digit that is not 0")]
    Nobody {
        /// As it was given.
        pin: String,
    },
    /// More characters than fit.
    #[error("the user id {pin:?} has {} characters; this terminal takes {width}", .pin.chars().count())]
    TooLong {
        /// As it was given.
        pin: String,
        /// [`PinRules::width`], within what a row can hold.
        width: u8,
    },
    /// Something else than a digit on a terminal without letters.
    #[error("the user id {pin:?} has {character:?} in it; this terminal takes digits only{}", letters(*.character))]
    NoDigit {
        /// As it was given.
        pin: String,
        /// The first that does not fit.
        character: char,
    },
    /// Something else than an ASCII letter or digit.
    #[error(
        "the user id {pin:?} has {character:?} in it; this terminal takes digits and the letters A to Z only"
    )]
    NoLetter {
        /// As it was given.
        pin: String,
        /// The first that does not fit.
        character: char,
    },
}

fn letters(character: char) -> &'static str {
    if character.is_ascii_alphabetic() {
        " until letters are switched on in its menu"
    } else {
        ""
    }
}

impl Default for PinRules {
    /// What terminals that say nothing of it take.
    fn default() -> Self {
        Self {
            width: 9,
            letters: false,
        }
    }
}

impl PinRules {
    /// By the values of the options `~PIN2Width` and `~IsABCPinEnable`. Where the first says nothing, the usual width holds;
    /// where the second does, letters may be taken: the terminal will say.
    pub fn told(width: Option<&str>, letters: Option<&str>) -> Self {
        Self {
            width: width
                .and_then(|width| width.trim().parse().ok())
                .filter(|width| *width > 0)
                .unwrap_or(Self::default().width),
            letters: letters.is_none_or(|letters| letters.trim() != "0"),
        }
    }

    /// Whether the terminal takes this user id.
    pub fn check(self, pin: &str) -> Result<(), PinError> {
        let width = self.width.min(PinText::WIDEST);
        let owned = || pin.to_owned();
        let wrong = pin.chars().find(|character| {
            !(character.is_ascii_digit() || self.letters && character.is_ascii_alphabetic())
        });
        match wrong {
            Some(character) if self.letters => Err(PinError::NoLetter {
                pin: owned(),
                character,
            }),
            Some(character) => Err(PinError::NoDigit {
                pin: owned(),
                character,
            }),
            None if pin.bytes().all(|digit| digit == b'0') => {
                Err(PinError::Nobody { pin: owned() })
            }
            None if pin.len() > usize::from(width) => Err(PinError::TooLong {
                pin: owned(),
                width,
            }),
            None => Ok(()),
        }
    }
}
