use std::collections::HashMap;

use zk_wire::text::{self, CodePage};

/// Other names of the same length in the same writing: capitals, accents, spaces and scripts stay where they are, because
/// they tell in which code page a terminal's names are.
#[derive(Debug)]
pub(super) struct Names {
    page: Option<CodePage>,
    replaced: HashMap<Vec<u8>, Vec<u8>>,
}

/// Letters that stand for others of their script, in order: beginning, end, and those to choose from. All pages that can
/// write a script can write these.
const SCRIPTS: &[(char, char, &str)] = &[
    ('A', 'Z', "ADEGIKLMNORST"),
    ('a', 'z', "adegiklmnorst"),
    ('Α', 'Ω', "ΑΔΕΗΙΚΛΜΝΟΡΣΤ"),
    ('α', 'ω', "αδεηικλμνορστ"),
    ('А', 'Я', "АВДЕИКЛМНОРСТ"),
    ('а', 'я', "авдеиклмнорст"),
    ('א', 'ת', "אבדהוילמנרש"),
    ('ء', 'ۓ', "ابتدرسعكلمنهو"),
    ('ก', 'ฮ', "กคงจดตนบปมรลวส"),
    ('ぁ', 'ん', "あかさたなはまやらわ"),
    ('ァ', 'ン', "アカサタナハマヤラワ"),
    ('ｱ', 'ﾝ', "ｱｶｻﾀﾅﾊﾏﾔﾗﾜ"),
    ('一', '鿿', "王李文明山水天中大平"),
    ('가', '힣', "김이박최정강조윤장임"),
];
/// Bytes of the longest character.
const LONGEST: usize = 4;

impl Names {
    /// For a terminal with these names.
    pub(super) fn new(names: &[Vec<u8>]) -> Self {
        Self {
            page: text::detect(names.iter().map(Vec::as_slice)),
            replaced: HashMap::new(),
        }
    }

    /// What stands for a name, if it was met before.
    pub(super) fn known(&self, name: &[u8]) -> Option<&[u8]> {
        self.replaced.get(name).map(Vec::as_slice)
    }

    /// The name that stands for this one from now on.
    pub(super) fn name(&mut self, name: &[u8]) -> Vec<u8> {
        if let Some(known) = self.replaced.get(name) {
            return known.clone();
        }
        let number = self.replaced.len();
        let new = if std::str::from_utf8(name).is_ok() {
            another(name, number, Some(text::UTF_8))
        } else {
            another(name, number, self.page)
        };
        self.replaced.insert(name.to_vec(), new.clone());
        new
    }
}

/// The name number so-and-so.
fn another(name: &[u8], number: usize, page: Option<CodePage>) -> Vec<u8> {
    let (mut new, mut rest) = (Vec::with_capacity(name.len()), name);
    while !rest.is_empty() {
        let choice = number.wrapping_mul(31) + new.len() * 7 + number / 5;
        let (length, character) = character(rest, page);
        let (unit, after) = rest.split_at(length);
        match (character, page) {
            (Some(character), page) => {
                let replaced = other(character, choice);
                let bytes =
                    text::encode(&replaced.to_string(), page.unwrap_or(text::UTF_8), length);
                match bytes {
                    Ok(encoded) if encoded.bytes.len() == length => {
                        new.extend_from_slice(&encoded.bytes);
                    }
                    // What stands between letters.
                    _ if !character.is_alphanumeric() => new.extend_from_slice(unit),
                    _ => new.extend(std::iter::repeat_n(b'x', length)),
                }
            }
            // Nobody knows what it says; the upper half shows what it may be.
            (None, _) => new.extend(
                unit.iter()
                    .map(|byte| byte & 0xf0 | u8::try_from(choice % 16).unwrap_or(0)),
            ),
        }
        rest = after;
    }
    new
}

/// The first character and its bytes; `None` and one byte where it is none.
fn character(name: &[u8], page: Option<CodePage>) -> (usize, Option<char>) {
    let single = |text: &str| {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (only, None) => only.filter(|only| *only != char::REPLACEMENT_CHARACTER),
            (_, Some(_)) => None,
        }
    };
    (1..=LONGEST.min(name.len()))
        .find_map(|length| {
            let unit = name.get(..length)?;
            if unit.is_ascii() {
                return (length == 1).then(|| (1, unit.first().map(|byte| char::from(*byte))));
            }
            let character = match page {
                Some(page) if page != text::UTF_8 => single(&text::decode(unit, page)),
                Some(_) => std::str::from_utf8(unit).ok().and_then(single),
                None => None,
            };
            character.map(|character| (length, Some(character)))
        })
        .unwrap_or((1, None))
}

/// Another character of the same script.
fn other(character: char, choice: usize) -> char {
    if character.is_ascii_digit() {
        return char::from_digit(u32::try_from(choice % 10).unwrap_or(0), 10).unwrap_or('0');
    }
    let letters = SCRIPTS.iter().find(|(first, last, _)| {
        (*first..=*last).contains(&character) && character.is_alphabetic()
    });
    if let Some((_, _, letters)) = letters {
        let many = letters.chars().count();
        return letters.chars().nth(choice % many).unwrap_or('x');
    }
    if is_accented(character) || !character.is_alphabetic() {
        // Without the letters around it, an accent says nothing of anybody.
        return character;
    }
    // Another letter of the same row of 64, which has as many bytes.
    let row = u32::from(character) & !0x3f;
    (0..64)
        .map(|step| row + (u32::try_from(choice % 64).unwrap_or(0) + step) % 64)
        .filter_map(char::from_u32)
        .find(|other| other.is_alphabetic())
        .unwrap_or(character)
}

fn is_accented(character: char) -> bool {
    matches!(character, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}
