//! Copying people with their fingerprints from one terminal to another.

use domain::{Pin, Terminal};
use zk_client::{Error, Session};
use zk_wire::{TemplateRow, UserRow, text};

use super::Line;
use crate::{
    CommandError, Copied, CopyResult, Saved,
    failure::{not_connected, write_failed},
    users::{Limits, new_slot},
};

/// What the templates of a terminal are made with.
const ALGORITHM: &str = "~ZKFPVersion";

/// A person as one terminal has them.
pub(crate) struct PersonToCopy {
    user: UserRow,
    name: String,
    templates: Vec<TemplateRow>,
}

/// People to be taken to another terminal.
pub(crate) struct Luggage {
    pub(crate) people: Vec<PersonToCopy>,
    /// Who is not on the terminal.
    pub(crate) absent: Vec<Pin>,
    /// `None` where the terminal does not say.
    pub(crate) algorithm: Option<String>,
}

/// A person with the slot and the row for the terminal that is written to.
pub(super) struct Planned {
    /// Of its result.
    pub(super) place: usize,
    pub(super) user: UserRow,
    pub(super) templates: Vec<TemplateRow>,
    pub(super) copied: Copied,
}

impl Line {
    /// Reads people with their templates; `None` means everybody.
    pub(in crate::line) async fn pack_people(
        &mut self,
        pins: Option<&[Pin]>,
    ) -> Result<Luggage, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = async {
            let users = self.read_users(&mut talk.session, counters).await?.rows;
            let failed = |error: Error| not_connected(&self.terminal, &error);
            let algorithm = talk.session.option(ALGORITHM).await.map_err(failed)?;
            let templates = match talk.session.templates().await {
                Ok(table) => table.rows,
                // A terminal without a finger sensor has no such table.
                Err(Error::Refused { .. }) => Vec::new(),
                Err(error) => return Err(failed(error)),
            };
            Ok(self.packed(users, &templates, pins, algorithm))
        }
        .await;
        self.settle(talk, &result).await;
        result
    }

    fn packed(
        &self,
        users: Vec<UserRow>,
        templates: &[TemplateRow],
        pins: Option<&[Pin]>,
        algorithm: Option<String>,
    ) -> Luggage {
        let is_wanted = |user: &UserRow| {
            pins.is_none_or(|pins| pins.iter().any(|pin| pin.as_str() == user.pin))
        };
        let absent = pins
            .unwrap_or_default()
            .iter()
            .filter(|pin| users.iter().all(|user| user.pin != pin.as_str()))
            .cloned()
            .collect();
        let page = self.code_page();
        let people = users
            .into_iter()
            .filter(is_wanted)
            .map(|user| PersonToCopy {
                name: text::decode(&user.name, page),
                templates: templates
                    .iter()
                    .filter(|template| template.uid == user.uid)
                    .cloned()
                    .collect(),
                user,
            })
            .collect();
        Luggage {
            people,
            absent,
            algorithm: algorithm.map(|version| version.trim().to_owned()),
        }
    }

    /// Writes people with their templates, and reads all of it back. `algorithm` is what their templates are made with.
    pub(in crate::line) async fn unpack_people(
        &mut self,
        people: Vec<PersonToCopy>,
        algorithm: Option<&str>,
        dry_run: bool,
    ) -> Result<Vec<CopyResult>, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = async {
            let session = &mut talk.session;
            let users = self.read_users(session, counters).await?.rows;
            let limits = self.limits(session, &users).await?;
            let ours = session
                .option(ALGORITHM)
                .await
                .map_err(|error| not_connected(&self.terminal, &error))?;
            let mismatch = mismatch(algorithm, ours.as_deref().map(str::trim));
            let (mut results, planned) = plan(people, users, &limits, mismatch.as_deref());
            if dry_run {
                warn_of_duress(&planned, &mut results);
            } else if !planned.is_empty() {
                self.memory.users.due = true;
                write_people(session, &self.terminal, planned, &mut results).await?;
                self.read_users_after_writing(session).await?;
            }
            Ok(results)
        }
        .await;
        self.settle(talk, &result).await;
        result
    }
}

/// A finger that gives a silent alarm.
const DURESS: u8 = 3;

/// Whether a terminal keeps such a finger as it is shows when it is written.
fn warn_of_duress(planned: &[Planned], results: &mut [CopyResult]) {
    for person in planned {
        let fingers: Vec<_> = person
            .templates
            .iter()
            .filter(|template| template.valid == DURESS)
            .map(|template| template.finger)
            .collect();
        if let Some(Ok(copied)) = results
            .get_mut(person.place)
            .map(|result| result.outcome.as_mut())
        {
            let what = "gives a silent alarm, which some terminals do not take over; the copy says whether this one did";
            add_warning(copied, &fingers, what);
        }
    }
}

/// Writes people with their templates; the result of each becomes an error where something of it is not stored.
pub(super) async fn write_people(
    session: &mut Session,
    terminal: &Terminal,
    planned: Vec<Planned>,
    results: &mut [CopyResult],
) -> Result<(), CommandError> {
    if planned.is_empty() {
        return Ok(());
    }
    let users: Vec<UserRow> = planned.iter().map(|person| person.user.clone()).collect();
    // In bulk, nothing says which finger gives a silent alarm; those follow one by one.
    let (duress, common): (Vec<_>, Vec<_>) = planned
        .iter()
        .flat_map(|person| person.templates.iter().cloned())
        .partition(|template| template.valid == DURESS);
    let failed = |error: &Error| write_failed(terminal, error);
    let (users, templates) = match session.upload(&users, &common).await {
        Ok(uploaded) => (uploaded.users, uploaded.templates),
        Err(Error::Refused { .. }) if common.is_empty() => {
            let verdicts = session.set_users(&users).await;
            (verdicts.map_err(|error| failed(&error))?, Vec::new())
        }
        Err(error) => return Err(failed(&error)),
    };
    let (mut users, mut templates) = (users.into_iter(), templates.into_iter());
    for mut person in planned {
        let user = users.next().unwrap_or_else(|| {
            Err(Error::NotStored {
                what: format!("user {} was not stored", person.user.pin),
            })
        });
        let of_person = |template: &&TemplateRow| template.uid == person.user.uid;
        let fingers = common.iter().filter(of_person).count();
        let fingers: Vec<_> = templates.by_ref().take(fingers).collect();
        let mut bad = std::iter::once(user).chain(fingers).find_map(Result::err);
        if bad.is_none() {
            let duress: Vec<_> = duress.iter().filter(of_person).collect();
            match write_duress(session, &person.user, &duress).await {
                Ok(became_common) => {
                    let what =
                        "gave a silent alarm and does not on this terminal; set that at its menu";
                    add_warning(&mut person.copied, &became_common, what);
                }
                Err(error) if error.is_about_the_request() => bad = Some(error),
                Err(error) => return Err(failed(&error)),
            }
        }
        if let Some(result) = results.get_mut(person.place) {
            result.outcome = match bad {
                Some(error) => Err(failed(&error)),
                None => Ok(person.copied),
            };
        }
    }
    Ok(())
}

/// Writes fingers that give a silent alarm; gives those that do not any more, because the terminal takes them as common
/// ones only.
async fn write_duress(
    session: &mut Session,
    user: &UserRow,
    templates: &[&TemplateRow],
) -> Result<Vec<u8>, Error> {
    let mut became_common = Vec::new();
    for template in templates {
        match session.set_template(template).await {
            Ok(()) => {}
            Err(Error::Refused { .. } | Error::NotStored { .. }) => {
                let user = std::slice::from_ref(user);
                let uploaded = session
                    .upload(user, &[TemplateRow::clone(template)])
                    .await?;
                uploaded.templates.into_iter().collect::<Result<(), _>>()?;
                became_common.push(template.finger);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(became_common)
}

/// Why templates of one terminal are of no use to another.
fn mismatch(theirs: Option<&str>, ours: Option<&str>) -> Option<String> {
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs == ours => None,
        (theirs, ours) => Some(format!(
            "fingerprints are made with algorithm {} on the one terminal and {} on the other, which cannot read them; \
             enrol the fingers there",
            theirs.unwrap_or("unknown"),
            ours.unwrap_or("unknown")
        )),
    }
}

/// Each person's row for the other terminal, in the same slot where it has the person already.
fn plan(
    people: Vec<PersonToCopy>,
    mut users: Vec<UserRow>,
    limits: &Limits,
    mismatch: Option<&str>,
) -> (Vec<CopyResult>, Vec<Planned>) {
    let mut planned = Vec::new();
    let mut results = Vec::with_capacity(people.len());
    for person in people {
        let pin = person.user.pin.clone();
        let outcome = row_for(&person, &users, limits, mismatch).map(|(user, copied)| {
            users.retain(|other| other.uid != user.uid);
            users.push(user.clone());
            let mut templates = person.templates;
            for template in &mut templates {
                template.uid = user.uid;
            }
            planned.push(Planned {
                place: results.len(),
                user,
                templates,
                copied: copied.clone(),
            });
            copied
        });
        results.push(CopyResult { pin, outcome });
    }
    (results, planned)
}

fn row_for(
    person: &PersonToCopy,
    users: &[UserRow],
    limits: &Limits,
    mismatch: Option<&str>,
) -> Result<(UserRow, Copied), CommandError> {
    if let Some(mismatch) = mismatch.filter(|_| !person.templates.is_empty()) {
        return Err(CommandError::Refused {
            reason: mismatch.to_owned(),
        });
    }
    let known = users.iter().find(|user| user.pin == person.user.pin);
    let uid = if let Some(known) = known {
        known.uid
    } else {
        limits.check_new_pin(&person.user.pin)?;
        new_slot(users)?
    };
    let (name, warning) = limits.name(&person.name)?;
    let user = UserRow {
        uid,
        name,
        privilege: person.user.privilege,
        password: person.user.password.clone(),
        card: person.user.card,
        group: person.user.group,
        pin: person.user.pin.clone(),
        origin: known.map(|known| known.origin.clone()).unwrap_or_default(),
    };
    let copied = Copied {
        saved: match known {
            None => Saved::Added,
            Some(before) if *before == user => Saved::Unchanged,
            Some(_) => Saved::Updated,
        },
        templates: person.templates.len(),
        warning,
    };
    Ok((user, copied))
}

/// Says which fingers called for help silently, and do not any more.
fn add_warning(copied: &mut Copied, fingers: &[u8], what: &str) {
    if fingers.is_empty() {
        return;
    }
    let fingers: Vec<String> = fingers.iter().map(ToString::to_string).collect();
    let warning = format!("finger {} {what}", fingers.join(", "));
    copied.warning = Some(match copied.warning.take() {
        Some(before) => format!("{before}; {warning}"),
        None => warning,
    });
}
