use std::collections::HashMap;

/// Other texts of the same form: the first of a form becomes the first of that form, and so on. Two that differ stay
/// different, and the same stays the same.
#[derive(Debug, Default)]
pub(super) struct Identities {
    replaced: HashMap<Vec<u8>, Vec<u8>>,
    /// How many of a form there were.
    forms: HashMap<Vec<u8>, u64>,
}

/// What may stand in one place of a form.
#[derive(Debug, Clone, Copy)]
enum Place {
    Fixed(u8),
    /// A first letter or digit, and how many follow it.
    Any(u8, u64),
}

impl Identities {
    /// The text that stands for this one from now on.
    pub(super) fn text(&mut self, original: &[u8]) -> Vec<u8> {
        if let Some(known) = self.replaced.get(original) {
            return known.clone();
        }
        let places = places(original);
        let form: Vec<u8> = places.iter().map(|place| place.mark()).collect();
        let number = self.forms.entry(form).or_default();
        let replaced = fill(&places, *number);
        *number += 1;
        self.replaced.insert(original.to_vec(), replaced.clone());
        replaced
    }

    /// The number with as many digits that stands for this one from now on.
    pub(super) fn number(&mut self, original: u32) -> u32 {
        let digits = self.text(original.to_string().as_bytes());
        std::str::from_utf8(&digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default()
    }

    /// What stands for a text, if it was met before.
    pub(super) fn known(&self, original: &[u8]) -> Option<&[u8]> {
        self.replaced.get(original).map(Vec::as_slice)
    }
}

/// Leading zeros stay: they are what tells `0042` and `42` apart.
fn places(original: &[u8]) -> Vec<Place> {
    let zeros = original.iter().take_while(|byte| **byte == b'0').count();
    original
        .iter()
        .enumerate()
        .map(|(at, byte)| match byte {
            b'0' if at < zeros => Place::Fixed(b'0'),
            b'0'..=b'9' if at == zeros => Place::Any(b'1', 9),
            b'0'..=b'9' => Place::Any(b'0', 10),
            b'a'..=b'z' => Place::Any(b'a', 26),
            b'A'..=b'Z' => Place::Any(b'A', 26),
            // A piece of a character that is no text here.
            0x80.. => Place::Fixed(0xa5),
            other => Place::Fixed(*other),
        })
        .collect()
}

fn fill(places: &[Place], mut number: u64) -> Vec<u8> {
    let mut text: Vec<u8> = places
        .iter()
        .rev()
        .map(|place| match place {
            Place::Fixed(byte) => *byte,
            Place::Any(first, many) => {
                let step = u8::try_from(number % many).unwrap_or(0);
                number /= many;
                first + step
            }
        })
        .collect();
    text.reverse();
    text
}

impl Place {
    /// A byte that is the same for all of a form.
    fn mark(self) -> u8 {
        match self {
            Self::Fixed(byte) => byte,
            Self::Any(b'a', _) => b'a',
            Self::Any(b'A', _) => b'A',
            Self::Any(b'1', _) => b'1',
            Self::Any(..) => b'9',
        }
    }
}
