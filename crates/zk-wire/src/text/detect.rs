use super::{
    CodePage, UTF_8,
    letters::{LETTERS, Letters},
    pairs::Pairs,
    utf8,
};
use crate::bytes::until_nul;

/// Bits by which the best page must lead the next one that reads the names differently.
const MARGIN: u32 = 4;
/// Names that are looked at.
const MOST_NAMES: usize = 500;
/// Bits of what is no letter, and of bytes without a meaning.
const SYMBOL: u32 = 16;
const NONSENSE: u32 = 24;
/// Bits of an ASCII letter.
const ASCII: u32 = 4;
/// Bits of another script within one word.
const MIXED: u32 = 12;
/// Bits of a second letter beyond ASCII in a row, in Latin writing.
const DENSE: u32 = 3;

/// Finds the code page in which most of a terminal's names are written; `None` where all are ASCII, and where the names
/// may as well be in two pages.
///
/// Of the pages that there are, it is the one in which the names look most like names: words of one script with a capital
/// at their beginning, of letters that its languages use. Three names with such letters are enough for UTF-8, Chinese,
/// Cyrillic, Arabic and Turkish ones, and for the languages of Windows-1252; ten for the other Latin ones, of which fewer
/// names may look Western. Where names read the same in two pages it is the more usual one: German ones in Windows-1254 are
/// found in Windows-1252. A Chinese name may look as if it were UTF-8 by chance, so most names decide. Not looked for are
/// the pages of DOS and KOI8.
pub fn detect<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> Option<CodePage> {
    let beyond_ascii = names
        .into_iter()
        .map(until_nul)
        .filter(|name| !name.is_ascii())
        .take(MOST_NAMES);
    let (in_utf8, others): (Vec<_>, Vec<_>) = beyond_ascii.partition(|name| utf8(name).is_some());
    if in_utf8.len() >= others.len() {
        return (!in_utf8.is_empty()).then_some(UTF_8);
    }
    let of_letters = LETTERS.iter().map(|letters| {
        (
            letters.page,
            letters.rarity + total(&others, |name| words(letters, name)),
        )
    });
    let of_pairs = Pairs::ALL.into_iter().map(|pairs| {
        let cost = total(&others, |name| characters(pairs, name));
        (pairs.page(), pairs.rarity() + cost)
    });
    let mut pages: Vec<(CodePage, u32)> = of_letters.chain(of_pairs).collect();
    pages.sort_by_key(|(_, cost)| *cost);
    let (best, least) = *pages.first()?;
    let rival = pages.iter().skip(1).find(|(page, _)| {
        others
            .iter()
            .any(|name| page.decode(name) != best.decode(name))
    });
    rival
        .is_none_or(|(_, cost)| *cost >= least + MARGIN)
        .then_some(best)
}

fn total(names: &[&[u8]], cost: impl Fn(&[u8]) -> u32) -> u32 {
    names.iter().map(|name| cost(name)).sum()
}

/// What stands before a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing of this word.
    Start,
    Small,
    /// The first letter of a word, a capital.
    Capital,
    /// Two capitals.
    Capitals,
    /// A letter of a script without capitals.
    Letter,
}

/// Bits of a name in a page of single bytes.
fn words(letters: &Letters, name: &[u8]) -> u32 {
    let text = letters.page.decode(name);
    let (mut cost, mut before, mut before_ascii) = (0, Before::Start, true);
    for character in text.chars() {
        if matches!(
            character,
            ' ' | '-' | '.' | '\'' | ',' | '/' | '(' | ')' | '_'
        ) {
            (before, before_ascii) = (Before::Start, true);
            continue;
        }
        let is_ascii = character.is_ascii();
        cost += match character {
            char::REPLACEMENT_CHARACTER => NONSENSE,
            _ if is_ascii => ASCII,
            _ if is_letter(character) => letters.cost(lower(character)),
            _ => SYMBOL,
        };
        if before != Before::Start {
            cost += match (letters.latin, is_ascii, before_ascii) {
                (true, false, false) => DENSE,
                (false, ascii, ascii_before) if ascii != ascii_before => MIXED,
                _ => 0,
            };
        }
        let (more, now) = case(character, before);
        cost += more;
        (before, before_ascii) = (now, is_ascii);
    }
    cost
}

/// Bits of a capital or a small letter where it stands.
fn case(character: char, before: Before) -> (u32, Before) {
    if character.is_uppercase() {
        match before {
            Before::Start => (0, Before::Capital),
            Before::Capital => (2, Before::Capitals),
            Before::Capitals => (0, Before::Capitals),
            Before::Small | Before::Letter => (8, Before::Capitals),
        }
    } else if character.is_lowercase() {
        match before {
            Before::Start => (2, Before::Small),
            Before::Capital | Before::Small => (0, Before::Small),
            Before::Capitals | Before::Letter => (6, Before::Small),
        }
    } else {
        (0, Before::Letter)
    }
}

fn is_letter(character: char) -> bool {
    // Vowels of Thai and accents of Vietnamese are marks on letters.
    character.is_alphabetic() || matches!(character, '\u{300}'..='\u{36f}' | '\u{e31}'..='\u{e4e}')
}

fn lower(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => character,
    }
}

/// Bits of a name in a page of pairs.
fn characters(pairs: Pairs, name: &[u8]) -> u32 {
    let (mut cost, mut rest, mut before_ascii) = (0, name, None::<bool>);
    while let Some((first, others)) = rest.split_first() {
        let (bits, used) = match others.first() {
            _ if first.is_ascii() => (
                if first.is_ascii_alphanumeric() {
                    ASCII
                } else {
                    0
                },
                1,
            ),
            Some(second) => match (pairs.single_cost(*first), pairs.cost(*first, *second)) {
                (Some(bits), _) => (bits, 1),
                (None, Some(bits)) => (bits, 2),
                (None, None) => (NONSENSE, 1),
            },
            // Half a character at the end of a full field.
            None => (pairs.single_cost(*first).unwrap_or(SYMBOL), 1),
        };
        cost += bits;
        let is_ascii = first.is_ascii();
        if first.is_ascii_alphabetic() || !is_ascii {
            cost += if before_ascii.is_some_and(|before| before != is_ascii) {
                MIXED
            } else {
                0
            };
            before_ascii = Some(is_ascii);
        } else {
            before_ascii = None;
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    cost
}
