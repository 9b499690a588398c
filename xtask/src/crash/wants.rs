//! What a destination's filter asks for, as we read it.

use serde_json::{Value, json};

use super::{request::Punch, roster::Mapping};

/// `None`: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wants {
    pub(super) terminals: Option<Vec<u16>>,
    /// PINs that are never mapped.
    pub(super) people: Option<Vec<String>>,
    pub(super) kinds: Option<Vec<&'static str>>,
    /// Of the people behind the PINs; what is nobody's waits until it is somebody's.
    pub(super) groups: Option<Vec<&'static str>>,
}

impl Wants {
    pub(super) fn needs_mapping(&self) -> bool {
        self.groups.is_some()
    }

    /// As `/api/v1/destinations` reads it; an empty list leaves its question out.
    pub(super) fn filter(&self) -> Value {
        let addresses = |ports: &Vec<u16>| -> Vec<String> {
            ports
                .iter()
                .map(|port| format!("127.0.0.1:{port}"))
                .collect()
        };
        json!({
            "devices": self.terminals.as_ref().map(addresses).unwrap_or_default(),
            "people": self.people.clone().unwrap_or_default(),
            "states": self.kinds.clone().unwrap_or_default(),
            "groups": self.groups.clone().unwrap_or_default(),
        })
    }

    /// `mapping`: whose the punch is, where somebody is mapped.
    pub(super) fn matches(&self, punch: &Punch, mapping: Option<&Mapping>) -> bool {
        let of_terminal = self
            .terminals
            .as_ref()
            .is_none_or(|ports| ports.contains(&punch.terminal));
        let of_person = self
            .people
            .as_ref()
            .is_none_or(|people| people.contains(&punch.pin));
        let of_kind = self
            .kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&punch.kind.as_str()));
        let of_group = self
            .groups
            .as_ref()
            .is_none_or(|groups| mapping.is_some_and(|mapping| groups.contains(&mapping.group)));
        of_terminal && of_person && of_kind && of_group
    }
}
