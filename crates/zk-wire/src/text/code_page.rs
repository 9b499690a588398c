use std::{fmt, str::FromStr};

use encoding_rs::Encoding;

/// How the letters of a name are written as bytes. Its text form is the WHATWG name (`windows-1256`, `GBK`, `UTF-8`);
/// [`FromStr`] takes every label of it, in any case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodePage(&'static Encoding);

/// No code page has this name, or names cannot be written in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is no code page of names; use UTF-8, GBK, windows-1251, windows-1252, windows-1254, windows-1256 or another one's usual name"
)]
pub struct UnknownCodePage {
    /// As it was given.
    pub name: String,
}

macro_rules! code_pages {
    ($($(#[$about:meta])* $name:ident),* $(,)?) => {
        $($(#[$about])* pub const $name: CodePage = CodePage(encoding_rs::$name);)*
    };
}

code_pages! {
    /// Any language; what newer terminals and their software write.
    UTF_8,
    /// Simplified Chinese.
    GBK,
    /// Traditional Chinese.
    BIG5,
    /// Korean.
    EUC_KR,
    /// Japanese.
    SHIFT_JIS,
    /// Thai.
    WINDOWS_874,
    /// Polish, Czech, Hungarian, Romanian …
    WINDOWS_1250,
    /// Russian, Ukrainian, Bulgarian …
    WINDOWS_1251,
    /// Spanish, French, German, Portuguese …
    WINDOWS_1252,
    /// Greek.
    WINDOWS_1253,
    /// Turkish.
    WINDOWS_1254,
    /// Hebrew.
    WINDOWS_1255,
    /// Arabic, Persian, Urdu.
    WINDOWS_1256,
    /// Lithuanian, Latvian, Estonian.
    WINDOWS_1257,
    /// Vietnamese.
    WINDOWS_1258,
}

impl CodePage {
    /// As the text form.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether characters that are no ASCII are two bytes.
    pub(super) fn has_pairs(self) -> bool {
        [GBK, BIG5, EUC_KR, SHIFT_JIS].contains(&self)
    }

    /// Whether every byte has a meaning.
    pub(super) fn reads(self, bytes: &[u8]) -> bool {
        !self.0.decode_without_bom_handling(bytes).1
    }

    /// The text, without the last character where that is cut in half.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let (text, _) = self.0.decode_without_bom_handling(bytes);
        match text.strip_suffix(char::REPLACEMENT_CHARACTER) {
            Some(whole) if self.has_pairs() || self == UTF_8 => whole.to_owned(),
            _ => text.into_owned(),
        }
    }

    /// The bytes of one character; `None` where it has none.
    pub(super) fn encode(self, character: char) -> Option<Vec<u8>> {
        let mut buffer = [0; 4];
        let (bytes, _, unmappable) = self.0.encode(character.encode_utf8(&mut buffer));
        (!unmappable).then(|| bytes.into_owned())
    }
}

impl FromStr for CodePage {
    type Err = UnknownCodePage;

    fn from_str(name: &str) -> Result<Self, UnknownCodePage> {
        // Bytes below 128 must be ASCII: a field ends with its first zero, and tools show what they cannot read.
        Encoding::for_label_no_replacement(name.as_bytes())
            .filter(|encoding| encoding.is_ascii_compatible())
            .map(Self)
            .ok_or_else(|| UnknownCodePage {
                name: name.to_owned(),
            })
    }
}

impl fmt::Display for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodePage({})", self.name())
    }
}
