use std::collections::HashMap;

use tokio::time::Instant;
use zk_client::{Error, Session, Users};
use zk_wire::{FreeSizes, PinError, PinRules, UserRow};

use super::{names::names, slow};
use crate::{
    examine::Knowledge,
    report::StepReport,
    spans::{count, grouped},
};

/// Users that are named in one remark.
const EXAMPLES: usize = 3;

pub(crate) async fn users(
    session: &mut Session,
    knowledge: &mut Knowledge,
    report: &mut StepReport,
) -> Result<(), Error> {
    let begun = Instant::now();
    let users = session.users().await?;
    slow(begun.elapsed(), "its users", report);
    let rules = pin_rules(session, knowledge.pin_width.as_deref()).await?;
    let Some(format) = users.format else {
        report.ok(
            "empty",
            format!("It knows no users, and takes {}.", taken(rules)),
        );
        knowledge.users = Some(Vec::new());
        return Ok(());
    };
    report.ok(
        "read",
        format!(
            "The users can be read: {} in rows of {} bytes{}. It takes {}.",
            count(users.rows.len(), "user", "users"),
            format.size(),
            pins(&users.rows),
            taken(rules)
        ),
    );
    unreadable_rows(&users, report);
    doubles(&users.rows, report);
    rule_breakers(&users.rows, rules, report);
    names(&users.rows, report);
    admins(&users.rows, report);
    compare(&users, knowledge.counters.as_ref(), report);
    knowledge.users = Some(users.rows);
    Ok(())
}

/// What their user ids are like.
fn pins(rows: &[UserRow]) -> String {
    let lengths = || rows.iter().map(|user| user.pin.len());
    let (Some(least), Some(most)) = (lengths().min(), lengths().max()) else {
        return String::new();
    };
    let letters = rows
        .iter()
        .any(|user| !user.pin.bytes().all(|byte| byte.is_ascii_digit()));
    let width = if least == most {
        format!("{least}")
    } else {
        format!("{least} to {most}")
    };
    let what = match (letters, most) {
        (true, 1) => "character",
        (true, _) => "characters",
        (false, 1) => "digit",
        (false, _) => "digits",
    };
    format!(", with user ids of {width} {what}")
}

fn unreadable_rows(users: &Users, report: &mut StepReport) {
    if !users.unreadable.is_empty() {
        report.warn(
            "unreadable",
            format!(
                "{} no user and cannot be read.",
                count(users.unreadable.len(), "row names", "rows name")
            ),
            "They are left alone, and the others are not touched by them. Please send a capture (doctor --capture FILE).",
        );
    }
}

/// One user id in two slots: their punches cannot be told apart.
fn doubles(rows: &[UserRow], report: &mut StepReport) {
    let mut slots: HashMap<&str, u32> = HashMap::new();
    for user in rows {
        *slots.entry(user.pin.as_str()).or_default() += 1;
    }
    let mut doubled: Vec<&str> = slots
        .iter()
        .filter(|(_, slots)| **slots > 1)
        .map(|(pin, _)| *pin)
        .collect();
    doubled.sort_unstable();
    if !doubled.is_empty() {
        report.warn(
            "doubles",
            format!(
                "{} twice in its table: {}.",
                count(doubled.len(), "user id is", "user ids are"),
                examples(&doubled)
            ),
            "Delete one of each pair in its menu under User Mgt.; their punches cannot be told apart.",
        );
    }
}

/// Which user ids it takes, as it says.
async fn pin_rules(session: &mut Session, told_width: Option<&str>) -> Result<PinRules, Error> {
    let letters = session.option("~IsABCPinEnable").await?;
    Ok(PinRules::told(told_width, letters.as_deref()))
}

fn taken(rules: PinRules) -> String {
    let letters = if rules.letters { " and letters" } else { "" };
    format!("user ids of up to {} digits{letters}", rules.width)
}

/// User ids in its table that it would not take.
fn rule_breakers(rows: &[UserRow], rules: PinRules, report: &mut StepReport) {
    let broken: Vec<PinError> = rows
        .iter()
        .filter_map(|user| rules.check(&user.pin).err())
        .collect();
    if let Some(first) = broken.first() {
        report.warn(
            "breaks_pin_rules",
            format!(
                "{} not such as it takes: {first}.",
                count(broken.len(), "user id is", "user ids are")
            ),
            "They can be read. It may refuse to store such users anew.",
        );
    }
}

fn admins(rows: &[UserRow], report: &mut StepReport) {
    // The role stands in bits 1 to 3; 14 is the administrator.
    if !rows.is_empty() && rows.iter().all(|user| user.privilege & 0x0e == 0) {
        report.ok(
            "no_admin",
            "Nobody is its administrator, so that anybody can open its menu.",
        );
    }
}

fn compare(users: &Users, counters: Option<&FreeSizes>, report: &mut StepReport) {
    let rows = users.rows.len() + users.unreadable.len();
    let counted = counters
        .and_then(FreeSizes::users)
        .and_then(|counted| usize::try_from(counted).ok());
    if let Some(counted) = counted
        && counted != rows
    {
        report.warn(
            "counts_wrong",
            format!(
                "It counts {}, but its table holds {}.",
                count(counted, "user", "users"),
                grouped(rows.try_into().unwrap_or(u64::MAX))
            ),
            "Nothing to do: such counters are not trusted, and the table is read instead.",
        );
    }
}

fn examples(pins: &[&str]) -> String {
    let mut text = pins
        .iter()
        .take(EXAMPLES)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if pins.len() > EXAMPLES {
        text.push_str(", …");
    }
    text
}
