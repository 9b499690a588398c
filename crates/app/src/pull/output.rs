//! Lines of CSV, JSON or JSONL on their way out, in large writes. Nothing is written before there is a first line.

use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// With a header
    Csv,
    /// One array; one object for --what info
    Json,
    /// One object a line
    Jsonl,
}

/// A list of lines with one header.
pub(super) struct Lines<W> {
    out: W,
    format: Format,
    header: &'static str,
    buffer: Vec<u8>,
    written: u64,
}

/// Bytes that are written at once.
const ENOUGH: usize = 64 * 1024;

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W, format: Format, header: &'static str) -> Self {
        Self {
            out,
            format,
            header,
            buffer: Vec::new(),
            written: 0,
        }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Adds a line, which `write` appends without its end, in the present format.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        match (self.format, self.written) {
            (Format::Csv, 0) => self.put_header(),
            (Format::Json, 0) => self.buffer.extend_from_slice(b"[\n"),
            (Format::Json, _) => self.buffer.extend_from_slice(b",\n"),
            (Format::Csv | Format::Jsonl, _) => {}
        }
        write(&mut self.buffer);
        if self.format != Format::Json {
            self.buffer.push(b'\n');
        }
        self.written += 1;
        if self.buffer.len() >= ENOUGH {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Adds a line; its fields stand in the order of the header.
    pub(super) fn serialize(&mut self, line: &impl Serialize) -> io::Result<()> {
        let text = text_of(self.format, line)?;
        self.add(|buffer| buffer.extend_from_slice(&text))
    }

    /// Ends a list that is complete.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match (self.format, self.written) {
            (Format::Csv, 0) => self.put_header(),
            (Format::Json, 0) => self.buffer.extend_from_slice(b"[]\n"),
            (Format::Json, _) => self.buffer.extend_from_slice(b"\n]\n"),
            (Format::Csv | Format::Jsonl, _) => {}
        }
        self.flush()
    }

    /// Writes what waits. A JSON array that is not finished stays open, so that nobody takes it for complete.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        self.out.flush()
    }

    fn put_header(&mut self) {
        self.buffer.extend_from_slice(self.header.as_bytes());
        self.buffer.push(b'\n');
    }
}

/// Writes a single thing, which is no list in JSON.
pub(super) fn write_one(
    out: impl Write,
    format: Format,
    header: &'static str,
    line: &impl Serialize,
) -> io::Result<()> {
    // As one line of JSONL it is one object.
    let format = if format == Format::Json {
        Format::Jsonl
    } else {
        format
    };
    let mut lines = Lines::new(out, format, header);
    lines.serialize(line)?;
    lines.finish()
}

fn text_of(format: Format, line: &impl Serialize) -> io::Result<Vec<u8>> {
    match format {
        Format::Json | Format::Jsonl => Ok(serde_json::to_vec(line)?),
        Format::Csv => {
            let mut writer = csv::WriterBuilder::new()
                .has_headers(false)
                .from_writer(Vec::new());
            writer.serialize(line).map_err(io::Error::other)?;
            let mut text = writer
                .into_inner()
                .map_err(|error| io::Error::other(error.to_string()))?;
            // The line's end is not the line's.
            text.pop();
            Ok(text)
        }
    }
}
