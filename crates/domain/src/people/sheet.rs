//! People and mappings as CSV files that people keep in a spreadsheet.

use std::collections::HashMap;

use super::{EmployeeNumber, Person, PersonChange, PersonDetails, Validity};
use crate::{LocalTime, Pin};

/// The largest file that is read, and the most rows and complaints.
const LARGEST: usize = 4 * 1024 * 1024;
const MOST_ROWS: usize = 50_000;
const MOST_FAULTS: usize = 100;

const PEOPLE: [&str; 5] = ["employee_number", "name", "groups", "site", "active"];
const MAPPINGS: [&str; 6] = [
    "terminal",
    "pin_group",
    "pin",
    "employee_number",
    "valid_from",
    "valid_until",
];

/// A line of a file of people; what has no column stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub line: u64,
    pub employee_number: EmployeeNumber,
    pub change: PersonChange,
}

/// A line of a file of mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    pub line: u64,
    /// Its serial number, name, address or row number.
    pub terminal: Option<String>,
    pub pin_group: Option<String>,
    pub pin: Pin,
    pub employee_number: EmployeeNumber,
    pub validity: Validity,
}

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SheetFault {
    pub line: u64,
    pub message: String,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("the file is larger than {} MiB; send it in parts", LARGEST / (1024 * 1024))]
    TooLarge,
    #[error("the file has more than {MOST_ROWS} lines; send it in parts")]
    TooManyRows,
    /// At most the first hundred.
    #[error("{}", told(.0))]
    Faults(Vec<SheetFault>),
}

/// Reads people; nothing of a file with a fault is taken.
pub fn read_people(file: &[u8]) -> Result<Vec<PersonRow>, SheetError> {
    let mut seen: HashMap<EmployeeNumber, u64> = HashMap::new();
    read(file, &PEOPLE, &["employee_number"], |row| {
        let employee_number = EmployeeNumber::new(row.get("employee_number").unwrap_or_default())
            .map_err(|error| error.to_string())?;
        if let Some(before) = seen.insert(employee_number.clone(), row.line) {
            return Err(format!(
                "employee number {employee_number} stands in line {before} already"
            ));
        }
        let change = PersonChange {
            employee_number: None,
            name: row.get("name").map(str::to_owned),
            groups: row
                .get("groups")
                .map(|groups| groups.split(';').map(str::to_owned).collect()),
            site: row.get("site").map(|site| Some(site.to_owned())),
            active: row.get("active").map(active).transpose()?,
        };
        // What would be stored must be sound, whoever it is.
        change
            .clone()
            .apply(PersonDetails::numbered(employee_number.clone()))
            .checked()
            .map_err(|error| error.to_string())?;
        Ok(PersonRow {
            line: row.line,
            employee_number,
            change,
        })
    })
}

/// Reads mappings; nothing of a file with a fault is taken.
pub fn read_mappings(file: &[u8]) -> Result<Vec<MappingRow>, SheetError> {
    read(file, &MAPPINGS, &["pin", "employee_number"], |row| {
        let word = |column| {
            row.get(column)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let time = |column| {
            word(column)
                .map(|text| moment(&text).ok_or_else(|| {
                    format!("{column} {text:?} is no time; write it as 2026-11-23 or 2026-11-23 08:30:00")
                }))
                .transpose()
        };
        let (terminal, pin_group) = (word("terminal"), word("pin_group"));
        if terminal.is_some() == pin_group.is_some() {
            return Err("write either a terminal or a pin_group".to_owned());
        }
        let validity = Validity {
            from: time("valid_from")?,
            until: time("valid_until")?,
        };
        if validity.is_empty() {
            return Err("valid_until is not after valid_from".to_owned());
        }
        Ok(MappingRow {
            line: row.line,
            terminal,
            pin_group,
            pin: Pin::new(word("pin").unwrap_or_default()).map_err(|error| error.to_string())?,
            employee_number: EmployeeNumber::new(word("employee_number").unwrap_or_default())
                .map_err(|error| error.to_string())?,
            validity,
        })
    })
}

/// The head of a file of people, or more lines of it.
pub fn write_people(head: bool, people: &[Person]) -> Vec<u8> {
    let rows = people.iter().map(|person| {
        [
            person.employee_number.to_string(),
            person.name.clone(),
            person.groups.join(";"),
            person.site.clone().unwrap_or_default(),
            if person.active { "yes" } else { "no" }.to_owned(),
        ]
    });
    write(head.then_some(&PEOPLE[..]), rows)
}

/// The head of a file of mappings, or more lines of it.
pub fn write_mappings(head: bool, rows: &[MappingRow]) -> Vec<u8> {
    let time = |time: Option<LocalTime>| time.map(|time| time.to_string()).unwrap_or_default();
    let rows = rows.iter().map(|row| {
        [
            row.terminal.clone().unwrap_or_default(),
            row.pin_group.clone().unwrap_or_default(),
            row.pin.to_string(),
            row.employee_number.to_string(),
            time(row.validity.from),
            time(row.validity.until),
        ]
    });
    write(head.then_some(&MAPPINGS[..]), rows)
}

struct Row<'a> {
    line: u64,
    places: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// `None` where the file has no such column, or the line is too short for it.
    fn get(&self, column: &str) -> Option<&str> {
        self.record.get(*self.places.get(column)?)
    }
}

fn read<T>(
    file: &[u8],
    columns: &[&str],
    needed: &[&str],
    mut take: impl FnMut(&Row<'_>) -> Result<T, String>,
) -> Result<Vec<T>, SheetError> {
    if file.len() > LARGEST {
        return Err(SheetError::TooLarge);
    }
    let text = text_of(file)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let places = places(&mut reader, columns, needed)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| {
            SheetError::Faults(vec![fault(
                error.position().map_or(0, csv::Position::line),
                "it cannot be read; look for a quotation mark without its partner",
            )])
        })?;
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if rows.len() >= MOST_ROWS {
            return Err(SheetError::TooManyRows);
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row {
            line,
            places: &places,
            record: &record,
        };
        match take(&row) {
            Ok(row) => rows.push(row),
            Err(message) => faults.push(fault(line, message)),
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(SheetError::Faults(faults))
    }
}

/// Without the mark with which spreadsheets begin a file.
fn text_of(file: &[u8]) -> Result<&str, SheetError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    std::str::from_utf8(file).map_err(|error| {
        let before = file.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        SheetError::Faults(vec![fault(
            u64::try_from(line).unwrap_or(u64::MAX),
            "it is not in UTF-8; save the file as \"CSV UTF-8\"",
        )])
    })
}

/// Where each column stands, by the head.
fn places(
    reader: &mut csv::Reader<&[u8]>,
    columns: &[&str],
    needed: &[&str],
) -> Result<HashMap<String, usize>, SheetError> {
    let wrong = |message: String| SheetError::Faults(vec![fault(1, message)]);
    let head = reader
        .headers()
        .map_err(|error| wrong(error.to_string()))?
        .clone();
    let mut places = HashMap::new();
    for (place, column) in head.iter().enumerate() {
        let column = column.trim().to_lowercase().replace(' ', "_");
        if !columns.contains(&column.as_str()) {
            return Err(wrong(format!(
                "{column:?} is no column; there are {}",
                columns.join(", ")
            )));
        }
        if places.insert(column.clone(), place).is_some() {
            return Err(wrong(format!("the column {column} stands there twice")));
        }
    }
    match needed.iter().find(|column| !places.contains_key(**column)) {
        Some(column) => Err(wrong(format!("the column {column} is missing"))),
        None => Ok(places),
    }
}

/// Spreadsheets of many countries separate by semicolons.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|mark| {
            (
                head.bytes().filter(|byte| byte == mark).count(),
                *mark == b',',
            )
        })
        .unwrap_or(b',')
}

fn active(word: &str) -> Result<bool, String> {
    match word.trim().to_lowercase().as_str() {
        "" | "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        other => Err(format!("active is {other:?}; write yes or no")),
    }
}

fn moment(text: &str) -> Option<LocalTime> {
    text.parse()
        .or_else(|_| format!("{text} 00:00:00").parse())
        .ok()
}

fn write<const N: usize>(
    head: Option<&[&str]>,
    rows: impl Iterator<Item = [String; N]>,
) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    if let Some(head) = head {
        let _ = writer.write_record(head);
    }
    for row in rows {
        let _ = writer.write_record(&row);
    }
    writer.into_inner().unwrap_or_default()
}

fn fault(line: u64, message: impl Into<String>) -> SheetFault {
    SheetFault {
        line,
        message: message.into(),
    }
}

fn told(faults: &[SheetFault]) -> String {
    let first: Vec<String> = faults
        .iter()
        .take(3)
        .map(|fault| format!("line {}: {}", fault.line, fault.message))
        .collect();
    let more = faults.len().saturating_sub(first.len());
    let first = first.join("; ");
    if more == 0 {
        format!("the file has faults, nothing of it was taken: {first}")
    } else {
        format!("the file has faults, nothing of it was taken: {first}; and {more} more")
    }
}
