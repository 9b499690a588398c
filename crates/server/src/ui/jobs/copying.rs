use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use super::headline::Headline;
use crate::{
    AppState,
    actions::{self, JobView, users},
    ui::{
        frame::{PageProblem, Pill, Tone, sentence_of},
        words::{count, link},
    },
};

/// People on their way to another terminal.
pub(super) struct Copying {
    pub(super) from: String,
    pub(super) to: String,
    /// The users of the other terminal.
    pub(super) there: String,
    /// Whom to choose anew.
    pub(super) again: String,
    pub(super) dry_run: bool,
    /// Whether the fingerprints of the one can be read by the other.
    pub(super) fingers: Option<(Tone, String)>,
    /// What several people failed for, with how many.
    pub(super) causes: Vec<String>,
    pub(super) people: Vec<Person>,
    pub(super) copied: u64,
    pub(super) failed: u64,
    pub(super) warned: u64,
    pub(super) templates: u64,
}

pub(super) struct Person {
    pub(super) user_id: String,
    pub(super) name: String,
    pub(super) pill: Pill,
    pub(super) fingers: u64,
    pub(super) note: String,
}

#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    people: Vec<ToldPerson>,
}

#[derive(Deserialize)]
struct ToldPerson {
    user_id: String,
    result: String,
    templates: u64,
    warning: Option<String>,
    reason: Option<String>,
}

impl Copying {
    pub(super) async fn load(
        state: &AppState,
        job: &JobView,
        result: &Value,
    ) -> Result<Self, PageProblem> {
        let number = |name| job.request.get(name).and_then(Value::as_i64).unwrap_or(0);
        let (from, to) = (number("device").to_string(), number("to").to_string());
        let names: HashMap<String, String> = users(state, Some(&from))
            .await?
            .users
            .into_iter()
            .map(|user| (user.user_id, user.name))
            .collect();
        let told = Told::deserialize(result).unwrap_or_default();
        let dry_run = job.request.get("dry_run").and_then(Value::as_bool) == Some(true);
        Ok(Self {
            from: actions::device(state, &from).await?.name,
            there: link("/users", [("device", to.as_str())]),
            again: link(
                "/users/copy",
                [("device", from.as_str()), ("to", to.as_str())],
            ),
            to: actions::device(state, &to).await?.name,
            ..Self::of(told, &names, dry_run)
        })
    }

    fn of(told: Told, names: &HashMap<String, String>, dry_run: bool) -> Self {
        let failed = told
            .people
            .iter()
            .filter(|person| person.result == "failed");
        let mut causes: BTreeMap<&str, u64> = BTreeMap::new();
        for reason in failed.filter_map(|person| person.reason.as_deref()) {
            *causes.entry(reason).or_default() += 1;
        }
        let causes = causes
            .into_iter()
            .filter(|(_, people)| *people > 1)
            .map(|(reason, people)| {
                format!(
                    "{}: {}",
                    count(people, "person", "people"),
                    sentence_of(reason)
                )
            })
            .collect();
        let failed = |person: &&ToldPerson| person.result == "failed";
        let count_of =
            |what: &dyn Fn(&&ToldPerson) -> bool| told.people.iter().filter(what).count() as u64;
        Self {
            from: String::new(),
            to: String::new(),
            there: String::new(),
            again: String::new(),
            dry_run,
            fingers: fingers(&told),
            causes,
            copied: count_of(&|person| !failed(person)),
            failed: count_of(&failed),
            warned: count_of(&|person| person.warning.is_some()),
            templates: told.people.iter().map(|person| person.templates).sum(),
            people: told
                .people
                .into_iter()
                .map(|person| Person::new(person, names, dry_run))
                .collect(),
        }
    }

    #[cfg(test)]
    pub(super) fn told(result: &Value, dry_run: bool) -> Self {
        let told = Told::deserialize(result).unwrap_or_default();
        Self::of(told, &HashMap::new(), dry_run)
    }

    pub(super) fn headline(&self, job: &JobView, result: &Value) -> Headline {
        let all = self.copied + self.failed;
        let people = count(self.copied, "person", "people");
        let text = match (self.dry_run, self.failed) {
            (true, 0) => format!("{people} can be copied from {} to {}", self.from, self.to),
            (true, _) => format!(
                "{} of {all} people can be copied to {}",
                self.copied, self.to
            ),
            (false, 0) => format!("{people} copied to {}", self.to),
            (false, _) => format!("{} of {all} people copied to {}", self.copied, self.to),
        };
        let detail = if self.dry_run {
            "Nothing was written yet."
        } else {
            "Each of them was read back from the terminal afterwards."
        };
        let found = Headline::of(job, result, &text, detail);
        if job.state != "done" || (self.failed == 0 && self.warned == 0) {
            return found;
        }
        let tone = if self.copied == 0 {
            Tone::Bad
        } else {
            Tone::Warn
        };
        Headline { tone, ..found }
    }
}

/// People with fingerprints go only where both terminals make them with the same algorithm.
fn fingers(told: &Told) -> Option<(Tone, String)> {
    let mismatch = told.people.iter().find_map(|person| {
        let reason = person.reason.as_deref()?;
        reason
            .starts_with("fingerprints are made")
            .then_some(reason)
    });
    if let Some(reason) = mismatch {
        return Some((Tone::Bad, sentence_of(reason)));
    }
    if told.people.iter().any(|person| person.templates > 0) {
        let text = "Both terminals make fingerprints with the same algorithm; they go along.";
        return Some((Tone::Good, text.to_owned()));
    }
    (!told.people.is_empty()).then(|| {
        let text =
            "Nobody of them has a fingerprint on the terminal; only names, cards and passwords go.";
        (Tone::Idle, text.to_owned())
    })
}

impl Person {
    fn new(told: ToldPerson, names: &HashMap<String, String>, dry_run: bool) -> Self {
        let word = match (told.result.as_str(), dry_run) {
            ("added", true) => "Will be added",
            ("added", false) => "Added",
            ("updated", true) => "Will be changed",
            ("updated", false) => "Changed",
            ("unchanged", true) => "Is there already",
            ("unchanged", false) => "Was there already",
            _ => "Not possible",
        };
        let tone = match (told.result.as_str(), &told.warning) {
            ("failed", _) => Tone::Bad,
            (_, Some(_)) => Tone::Warn,
            ("unchanged", None) => Tone::Idle,
            (_, None) => Tone::Good,
        };
        let note = told.reason.or(told.warning);
        Self {
            name: names.get(&told.user_id).cloned().unwrap_or_default(),
            pill: Pill::new(tone, word),
            fingers: told.templates,
            note: note.as_deref().map(sentence_of).unwrap_or_default(),
            user_id: told.user_id,
        }
    }
}
