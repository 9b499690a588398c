use zk_wire::{
    UserRow,
    text::{self, UTF_8},
};

use crate::{report::StepReport, spans::count};

/// In which code page the names are.
pub(super) fn names(rows: &[UserRow], report: &mut StepReport) {
    let beyond_ascii = || rows.iter().filter(|user| !user.name.is_ascii());
    let total = beyond_ascii().count();
    if total == 0 {
        return;
    }
    match text::detect(rows.iter().map(|user| user.name.as_slice())) {
        Some(page) => {
            report.ok(
                "code_page",
                format!(
                    "{} not only ASCII: written in {page}.",
                    count(total, "name is", "names are")
                ),
            );
            let garbled = beyond_ascii()
                .filter(|user| {
                    text::decode(&user.name, page).contains(char::REPLACEMENT_CHARACTER)
                        || page != UTF_8 && text::decode(&user.name, page).contains(char::is_control)
                })
                .count();
            if garbled > 0 {
                report.warn(
                    "names_undecodable",
                    format!("{} not make sense in it.", count(garbled, "of them does", "of them do")),
                    "Their bytes are kept. Write these names anew from here, or in the terminal's menu.",
                );
            }
        }
        None => report.warn(
            "code_page_unknown",
            format!(
                "{} not only ASCII, and it does not show in which code page.",
                count(total, "name is", "names are")
            ),
            "Set the code page of this terminal to that of the language that it was set up in, such as windows-1256 for \
             Arabic; the bytes are kept, so that it can be changed at any time.",
        ),
    }
}
