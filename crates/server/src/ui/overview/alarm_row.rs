use crate::{
    actions::AlarmView,
    ui::{frame::sentence_of, punches::held::held_link},
};

/// Something that somebody should look after, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlarmRow {
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) link: &'static str,
    /// Unlike any other on the page.
    pub(crate) id: String,
}

impl AlarmRow {
    pub(crate) fn new(alarm: &AlarmView) -> Self {
        let (href, link) = match alarm.device {
            Some(device) => (format!("/terminals/{device}"), "To the terminal"),
            None if alarm.code == "open_questions" => {
                ("/people/inbox".to_owned(), "Answer the questions")
            }
            None => (held_link(), "Look at them"),
        };
        Self {
            text: sentence_of(&alarm.text),
            href,
            link,
            id: match alarm.device {
                Some(device) => format!("alarm-{}-{device}", alarm.code),
                None => format!("alarm-{}", alarm.code),
            },
        }
    }
}
