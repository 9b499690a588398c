//! Whether two names can be the same person's, written otherwise.

use std::collections::HashSet;

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Widths of the name in a user of a terminal, in bytes; where it ends with a zero byte there is one less.
const WIDTHS: [usize; 4] = [7, 8, 23, 24];
/// Names of more words are compared word by word only.
const MOST_WORDS: usize = 5;

/// Whether `new` cannot be `old` written otherwise.
///
/// Spelling is: upper and lower case, spaces and punctuation, accents and vowel points, editions of the same letter
/// (`ß` and `ss`, Persian and Arabic yeh, full width), the order of words, and that a terminal keeps 8 or 24 bytes of a
/// name only. A letter more or less is somebody else: Maria Lopez is not Mario Lopez. An empty name is nobody's.
pub fn is_other_person(old: &str, new: &str) -> bool {
    let (one, other) = (words(old), words(new));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    !(is_same(&one, &other) || is_cut(old, new) || is_cut(new, old))
}

/// The words of a name without what is only spelling.
pub(super) fn words(name: &str) -> Vec<String> {
    let plain = plain(name);
    plain
        .split(|letter: char| !letter.is_alphanumeric() && !is_mark(letter))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_same(one: &[String], other: &[String]) -> bool {
    if sorted(one) == sorted(other) {
        return true;
    }
    if one.len() > MOST_WORDS || other.len() > MOST_WORDS {
        return one.concat() == other.concat();
    }
    // Where words are divided is spelling too: Abdul Rahman Ali, Ali Abdulrahman.
    let length = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    length(one) == length(other) && {
        let orders: HashSet<String> = orders(one).into_iter().collect();
        self::orders(other)
            .iter()
            .any(|order| orders.contains(order))
    }
}

fn sorted(words: &[String]) -> Vec<&String> {
    let mut words: Vec<_> = words.iter().collect();
    words.sort();
    words
}

/// All orders of a few words, each written without spaces.
fn orders(words: &[String]) -> Vec<String> {
    if words.len() < 2 {
        return words.to_vec();
    }
    let mut all = Vec::new();
    for (place, first) in words.iter().enumerate() {
        let rest: Vec<String> = words
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .map(|(_, word)| word.clone())
            .collect();
        all.extend(orders(&rest).iter().map(|order| format!("{first}{order}")));
    }
    all
}

/// Whether `short` is what a terminal keeps of `long`: its beginning, up to where the next character does not fit.
fn is_cut(long: &str, short: &str) -> bool {
    // Half a character at the end.
    let short = words(short.trim_end_matches('\u{fffd}')).concat();
    if short.is_empty() {
        return false;
    }
    long.char_indices().skip(1).any(|(place, next)| {
        let (kept, _) = long.split_at(place);
        words(kept).concat() == short
            && SIZES.iter().any(|size| {
                let used: usize = kept.chars().map(size).sum();
                WIDTHS
                    .iter()
                    .any(|width| used <= *width && used + size(next) > *width)
            })
    })
}

/// Bytes of a character in UTF-8, in a code page of single bytes, and in one of pairs.
const SIZES: [fn(char) -> usize; 3] = [
    char::len_utf8,
    |_| 1,
    |letter| if letter.is_ascii() { 1 } else { 2 },
];

/// Lower case, taken apart, without accents.
fn plain(name: &str) -> String {
    let normalizer = DecomposingNormalizerBorrowed::new_nfkd();
    let lower = normalizer.normalize(name).to_lowercase();
    let mut plain = String::with_capacity(lower.len());
    for letter in normalizer.normalize(&lower).chars() {
        match edition(letter) {
            Some(usual) => plain.push_str(usual),
            None if is_accent(letter) || is_silent(letter) => {}
            None => plain.push(letter),
        }
    }
    plain
}

/// Marks that are no letters of their own: accents of Latin, Greek and Cyrillic, points of Hebrew, short vowels of Arabic.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{0300}'..='\u{036f}' | '\u{0591}'..='\u{05c7}' | '\u{0610}'..='\u{061a}' | '\u{064b}'..='\u{065f}'
        | '\u{0670}' | '\u{06d6}'..='\u{06ed}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

/// What is written within words and says nothing: apostrophes, the long stroke of Arabic, joiners, soft hyphens, marks of
/// direction.
fn is_silent(letter: char) -> bool {
    matches!(letter,
        '\'' | '`' | '´' | '‘' | '’' | 'ʼ' | 'ʻ' | 'ʿ' | 'ʾ' | '\u{0640}' | '\u{00ad}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// Vowel signs of Indian and other scripts, which are part of a word though they are no letters.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{0900}'..='\u{109f}' | '\u{1700}'..='\u{18af}' | '\u{3099}' | '\u{309a}')
}

/// Another edition of the same letter, or of two.
fn edition(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ς' => "σ",
        'ٱ' => "ا",
        'ى' | 'ی' | 'ې' | 'ے' => "ي",
        'ک' => "ك",
        'ة' | 'ہ' | 'ە' | 'ھ' => "ه",
        '٠' | '۰' => "0",
        '١' | '۱' => "1",
        '٢' | '۲' => "2",
        '٣' | '۳' => "3",
        '٤' | '۴' => "4",
        '٥' | '۵' => "5",
        '٦' | '۶' => "6",
        '٧' | '۷' => "7",
        '٨' | '۸' => "8",
        '٩' | '۹' => "9",
        _ => return None,
    })
}
