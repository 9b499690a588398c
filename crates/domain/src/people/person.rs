use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PersonId;

/// The number or word under which the company knows a person; leading zeros and letters count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmployeeNumber(String);

/// Somebody who works here, whatever terminals call them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    pub id: PersonId,
    pub employee_number: EmployeeNumber,
    /// May be empty; then the terminal's own name is told.
    pub name: String,
    pub groups: Vec<String>,
    pub site: Option<String>,
    /// Works here now. Who does not any more keeps the punches of their time.
    pub active: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// Enough of a person to show and to tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PersonName {
    pub id: PersonId,
    pub employee_number: EmployeeNumber,
    pub name: String,
}

/// What can be said of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonDetails {
    pub employee_number: EmployeeNumber,
    pub name: String,
    pub groups: Vec<String>,
    pub site: Option<String>,
    pub active: bool,
}

/// What to change; `None` leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonChange {
    pub employee_number: Option<EmployeeNumber>,
    pub name: Option<String>,
    pub groups: Option<Vec<String>>,
    pub site: Option<Option<String>>,
    pub active: Option<bool>,
}

/// Why something cannot be said of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    #[error(
        "the employee number is empty; give the number or word under which payroll knows the person"
    )]
    NoNumber,
    #[error("the {0} is longer than {1} characters")]
    TooLong(&'static str, usize),
    #[error("the {0} holds a line break or another control character")]
    Unprintable(&'static str),
    #[error("a person is in at most {max} groups", max = PersonDetails::MOST_GROUPS)]
    TooManyGroups,
    #[error("a group's name holds a semicolon, which separates groups in CSV files")]
    GroupWithSeparator,
}

impl EmployeeNumber {
    pub const MAX_LEN: usize = 64;

    /// Blanks around it do not count, everything else does.
    pub fn new(text: impl AsRef<str>) -> Result<Self, PersonError> {
        let text = line("employee number", text.as_ref(), Self::MAX_LEN)?;
        if text.is_empty() {
            return Err(PersonError::NoNumber);
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PersonDetails {
    pub const MOST_GROUPS: usize = 50;
    const LONGEST: usize = 200;

    /// Somebody of whom only the number is known.
    pub fn numbered(employee_number: EmployeeNumber) -> Self {
        Self {
            employee_number,
            name: String::new(),
            groups: Vec::new(),
            site: None,
            active: true,
        }
    }

    /// As it is stored: blanks around texts are cut, groups are sorted and stand once.
    pub fn checked(self) -> Result<Self, PersonError> {
        let mut groups = Vec::with_capacity(self.groups.len().min(Self::MOST_GROUPS));
        for group in self.groups {
            let group = line("name of a group", &group, Self::LONGEST)?;
            if group.contains(';') {
                return Err(PersonError::GroupWithSeparator);
            }
            if !group.is_empty() {
                groups.push(group);
            }
            if groups.len() > Self::MOST_GROUPS {
                return Err(PersonError::TooManyGroups);
            }
        }
        groups.sort();
        groups.dedup();
        let site = self
            .site
            .map(|site| line("site", &site, Self::LONGEST))
            .transpose()?;
        Ok(Self {
            employee_number: self.employee_number,
            name: line("name", &self.name, Self::LONGEST)?,
            groups,
            site: site.filter(|site| !site.is_empty()),
            active: self.active,
        })
    }
}

impl From<&Person> for PersonDetails {
    fn from(person: &Person) -> Self {
        Self {
            employee_number: person.employee_number.clone(),
            name: person.name.clone(),
            groups: person.groups.clone(),
            site: person.site.clone(),
            active: person.active,
        }
    }
}

impl From<&Person> for PersonName {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            employee_number: person.employee_number.clone(),
            name: person.name.clone(),
        }
    }
}

impl PersonChange {
    pub fn apply(self, before: PersonDetails) -> PersonDetails {
        PersonDetails {
            employee_number: self.employee_number.unwrap_or(before.employee_number),
            name: self.name.unwrap_or(before.name),
            groups: self.groups.unwrap_or(before.groups),
            site: self.site.unwrap_or(before.site),
            active: self.active.unwrap_or(before.active),
        }
    }
}

fn line(what: &'static str, text: &str, longest: usize) -> Result<String, PersonError> {
    let text = text.trim();
    if text.chars().count() > longest {
        return Err(PersonError::TooLong(what, longest));
    }
    if text.chars().any(char::is_control) {
        return Err(PersonError::Unprintable(what));
    }
    Ok(text.to_owned())
}

impl std::fmt::Display for EmployeeNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for EmployeeNumber {
    type Err = PersonError;

    fn from_str(text: &str) -> Result<Self, PersonError> {
        Self::new(text)
    }
}

impl TryFrom<String> for EmployeeNumber {
    type Error = PersonError;

    fn try_from(text: String) -> Result<Self, PersonError> {
        Self::new(text)
    }
}

impl From<EmployeeNumber> for String {
    fn from(number: EmployeeNumber) -> Self {
        number.0
    }
}
