use super::CodePage;

/// A name as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Never with half a character at its end.
    pub bytes: Vec<u8>,
    /// Characters at its end did not fit.
    pub cut: bool,
}

/// A name has characters that its terminal cannot show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be written in {page}, the code page of this terminal's names", listed(.characters))]
pub struct NotInCodePage {
    /// Each once, in the order of the name.
    pub characters: Vec<char>,
    /// The page they are not in.
    pub page: CodePage,
}

/// Letters that a page lacks, and what people write there instead: the same letter from another edition of the alphabet.
const INSTEAD: [(char, char); 6] = [
    // Persian yeh, as Arabic yeh.
    ('ی', 'ي'),
    // Romanian letters with a comma below, with a cedilla.
    ('ș', 'ş'),
    ('Ș', 'Ş'),
    ('ț', 'ţ'),
    ('Ț', 'Ţ'),
    ('’', '\''),
];

/// Writes a name in `page`, as much of it as fits `max_bytes`.
pub fn encode(name: &str, page: CodePage, max_bytes: usize) -> Result<Encoded, NotInCodePage> {
    let mut encoded = Encoded {
        bytes: Vec::new(),
        cut: false,
    };
    let mut characters = Vec::new();
    for character in name.trim().chars() {
        match written(character, page) {
            Some(bytes) => {
                encoded.cut |= encoded.bytes.len() + bytes.len() > max_bytes;
                if !encoded.cut {
                    encoded.bytes.extend_from_slice(&bytes);
                }
            }
            None if characters.contains(&character) => {}
            None => characters.push(character),
        }
    }
    if characters.is_empty() {
        Ok(encoded)
    } else {
        Err(NotInCodePage { characters, page })
    }
}

fn written(character: char, page: CodePage) -> Option<Vec<u8>> {
    // A NUL would end the name, and no display shows the others.
    if character.is_control() {
        return None;
    }
    page.encode(character).or_else(|| {
        let (_, instead) = INSTEAD.iter().find(|(lacking, _)| *lacking == character)?;
        page.encode(*instead)
    })
}

fn listed(characters: &[char]) -> String {
    let shown: Vec<_> = characters
        .iter()
        .map(|character| format!("{character:?}"))
        .collect();
    shown.join(", ")
}
