use std::{iter::Peekable, str::Chars};

/// A Rust source taken apart, so that a rule about code does not trip over a comment, nor one about SQL over a name.
#[derive(Debug, Default)]
pub(super) struct RustText {
    /// The source with comments and the insides of string literals blanked; its lines are those of the source.
    pub(super) code: String,
    /// String literals with the line each begins on, without quotes; escapes are left as written.
    pub(super) strings: Vec<(usize, String)>,
    /// Comments, doc comments too, with the line each begins on.
    pub(super) comments: Vec<(usize, String)>,
}

impl RustText {
    pub(super) fn parse(source: &str) -> Self {
        let mut reader = Reader {
            chars: source.chars().peekable(),
            line: 1,
            out: Self::default(),
        };
        reader.run();
        reader.out
    }
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
    out: RustText,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(c) = self.take() {
            match c {
                '/' if self.chars.peek() == Some(&'/') => self.line_comment(),
                '/' if self.chars.peek() == Some(&'*') => self.block_comment(),
                '"' => {
                    let hashes = self.raw_hashes();
                    self.string(hashes);
                }
                '\'' => self.quote(),
                c => self.out.code.push(c),
            }
        }
    }

    fn take(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let mut text = String::from("/");
        while let Some(c) = self.chars.next_if(|c| *c != '\n') {
            text.push(c);
        }
        self.out.comments.push((line, text));
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let mut text = String::from("/");
        let mut depth = 0;
        let mut before = '/';
        while let Some(c) = self.take() {
            text.push(c);
            if c == '\n' {
                self.out.code.push('\n');
            }
            match (before, c) {
                ('/', '*') => {
                    depth += 1;
                    before = ' ';
                }
                ('*', '/') => {
                    depth -= 1;
                    before = ' ';
                }
                _ => before = c,
            }
            if depth == 0 {
                break;
            }
        }
        self.out.comments.push((line, text));
    }

    /// `Some(n)` where the code just read ends in a raw string's `r` and n hashes.
    fn raw_hashes(&self) -> Option<usize> {
        let opened = self.out.code.trim_end_matches('#');
        let hashes = self.out.code.len() - opened.len();
        let mut back = opened.chars().rev();
        if back.next() != Some('r') {
            return None;
        }
        match back.next() {
            Some('b' | 'c') => Some(hashes),
            Some(c) if c.is_alphanumeric() || c == '_' => None,
            _ => Some(hashes),
        }
    }

    fn string(&mut self, raw: Option<usize>) {
        let line = self.line;
        let mut text = String::new();
        let end = raw.map(|hashes| format!("\"{}", "#".repeat(hashes)));
        self.out.code.push('"');
        while let Some(c) = self.take() {
            if c == '\n' {
                self.out.code.push('\n');
            }
            text.push(c);
            match &end {
                Some(end) if text.ends_with(end.as_str()) => {
                    text.truncate(text.len() - end.len());
                    self.out.code.push_str(end);
                    break;
                }
                None if c == '\\' => {
                    if let Some(escaped) = self.take() {
                        if escaped == '\n' {
                            self.out.code.push('\n');
                        }
                        text.push(escaped);
                    }
                }
                None if c == '"' => {
                    text.pop();
                    self.out.code.push('"');
                    break;
                }
                Some(_) | None => {}
            }
        }
        self.out.strings.push((line, text));
    }

    /// A character literal, or the tick of a lifetime.
    fn quote(&mut self) {
        self.out.code.push('\'');
        let mut ahead = self.chars.clone();
        match (ahead.next(), ahead.next()) {
            (Some('\\'), Some(_)) => {
                // The escaped character first: it may be the quote itself.
                self.take();
                self.take();
                while self.take().is_some_and(|c| c != '\'') {}
                self.out.code.push('\'');
            }
            (Some(_), Some('\'')) => {
                self.take();
                self.take();
                self.out.code.push('\'');
            }
            _ => {}
        }
    }
}
