//! What is known of models, from the table in `zk-wire`.

use zk_wire::quirks::{Quirk, quirks, quirks_of};

use crate::{
    render::wrapped,
    report::{Device, Outcome, StepReport},
};

/// Says what is known of this kind of terminal; that alone is nothing bad.
pub(crate) fn remark(device: &Device, report: &mut StepReport) {
    let told = |value: &Option<String>| value.clone().unwrap_or_default();
    let model = format!("{} {}", told(&device.model), told(&device.platform));
    for quirk in quirks_of(model.trim(), &told(&device.firmware)) {
        report.add(
            quirk.id,
            Outcome::Ok,
            format!(
                "Known of this kind: {}. This program {}.",
                quirk.symptom, quirk.what_we_do
            ),
            Some(quirk.remedy)
                .filter(|remedy| !remedy.is_empty())
                .map(sentence),
        );
    }
}

/// All that is known of terminals, as text.
pub fn list_quirks() -> String {
    quirks().map(entry).collect::<Vec<_>>().join("\n")
}

fn entry(quirk: &Quirk) -> String {
    let models = if quirk.models.is_empty() {
        "any terminal".to_owned()
    } else {
        quirk.models.join(", ")
    };
    let firmware = if quirk.firmware.is_empty() {
        String::new()
    } else {
        format!(", firmware {}", quirk.firmware.join(", "))
    };
    let mut text = format!("{} ({models}{firmware})\n", quirk.id);
    let lines = [
        ("  ", sentence(quirk.symptom)),
        (
            "  ",
            sentence(&format!("this program {}", quirk.what_we_do)),
        ),
        ("  → ", sentence(quirk.remedy)),
        ("  Seen: ", quirk.source.to_owned()),
    ];
    for (mark, words) in lines.into_iter().filter(|(_, words)| !words.is_empty()) {
        text.push_str(&wrapped(mark, &words));
    }
    text
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}
