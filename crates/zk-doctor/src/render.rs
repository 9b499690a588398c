//! Reports as text for people.

use std::fmt::Write as _;

use crate::{Outcome, Report, StepReport};

/// Whether the reader is a person before a terminal that shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With colours.
    Coloured,
}

/// Columns before the text of a remark.
const INDENT: usize = 23;
/// Columns of a line.
const WIDTH: usize = 100;

/// One step as lines, with a line's end behind each.
impl StepReport {
    /// The step as lines of text.
    pub fn to_text(&self, style: Style) -> String {
        let mut text = String::new();
        let mut left = format!(
            "{} {:<12}",
            painted(self.outcome, style, &format!("{:<9}", self.outcome.name())),
            self.step.name()
        );
        for remark in &self.remarks {
            put(&mut text, &left, &remark.text, "");
            left = " ".repeat(INDENT - 1);
            if let Some(remedy) = &remark.remedy {
                put(&mut text, &left, remedy, "→ ");
            }
        }
        text
    }
}

/// The line before the first step.
pub fn headline(address: &str) -> String {
    format!("Examining the terminal at {address}\n\n")
}

/// What it comes to, after the last step.
pub fn summary(report: &Report, style: Style) -> String {
    let count = |outcome: Outcome| {
        report
            .steps
            .iter()
            .filter(|step| step.outcome == outcome)
            .count()
    };
    let (failed, warnings) = (count(Outcome::Failed), count(Outcome::Warning));
    let (outcome, text) = match (failed, warnings) {
        (0, 0) => (
            Outcome::Ok,
            "Nothing is wrong with this terminal.".to_owned(),
        ),
        (0, warnings) => (
            Outcome::Warning,
            format!("It works, with {} to look after.", things(warnings)),
        ),
        (failed, _) => (
            Outcome::Failed,
            if failed == 1 {
                "Something is in the way: begin with the step that failed.".to_owned()
            } else {
                "Something is in the way: begin with the first step that failed.".to_owned()
            },
        ),
    };
    format!("\n{}\n", painted(outcome, style, &text))
}

fn things(number: usize) -> String {
    match number {
        1 => "one thing".to_owned(),
        number => format!("{number} things"),
    }
}

fn painted(outcome: Outcome, style: Style, text: &str) -> String {
    let colour = match outcome {
        Outcome::Ok => "32",
        Outcome::Warning => "33",
        Outcome::Failed => "31",
        Outcome::Skipped => "2",
    };
    match style {
        Style::Plain => text.to_owned(),
        Style::Coloured => format!("\x1b[{colour}m{text}\x1b[0m"),
    }
}

/// Appends words in lines of at most [`WIDTH`] columns; `left` stands before the first, blanks before the others.
fn put(text: &mut String, left: &str, words: &str, mark: &str) {
    let room = WIDTH - INDENT - mark.chars().count();
    let blank = " ".repeat(INDENT - 1);
    for (at, line) in lines(words, room).iter().enumerate() {
        let (left, mark) = if at == 0 {
            (left, mark.to_owned())
        } else {
            (blank.as_str(), " ".repeat(mark.chars().count()))
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{left} {mark}{line}");
    }
}

/// Words in lines of at most [`WIDTH`] columns behind `mark`.
pub(crate) fn wrapped(mark: &str, words: &str) -> String {
    let indent = mark.chars().count();
    let mut text = String::new();
    for (at, line) in lines(words, WIDTH - indent).iter().enumerate() {
        let mark = if at == 0 {
            mark.to_owned()
        } else {
            " ".repeat(indent)
        };
        let _ = writeln!(text, "{mark}{line}");
    }
    text
}

fn lines(words: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
