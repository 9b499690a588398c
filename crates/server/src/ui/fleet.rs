//! Many terminals on one page: who needs somebody comes first, and the rest is counted.

use super::words::count;
use crate::actions::{TerminalStatusView, is_clock_wrong};

/// Up to so many are all shown, in the order in which they were registered.
const FEW: usize = 12;

/// What a page shows of all terminals.
pub(super) struct Glance<'a> {
    pub(super) shown: Vec<&'a TerminalStatusView>,
    /// What is said of the others, where there are any.
    pub(super) others: Option<String>,
}

impl<'a> Glance<'a> {
    /// Of few all, of many so many.
    pub(super) fn of(devices: &'a [TerminalStatusView], most: usize) -> Self {
        if devices.len() <= FEW.max(most) {
            return Self {
                shown: devices.iter().collect(),
                others: None,
            };
        }
        let mut shown = in_need_first(devices);
        let others = shown.split_off(most);
        let well = others.iter().filter(|device| need(device) == WELL).count();
        let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let how = match others.len() - well {
            0 => "all of them well".to_owned(),
            ill => format!("{ill} of them not well"),
        };
        Self {
            others: Some(format!(
                "and {}, {how}",
                count(number(others.len()), "other", "others")
            )),
            shown,
        }
    }
}

/// Otherwise as they were registered.
pub(super) fn in_need_first(devices: &[TerminalStatusView]) -> Vec<&TerminalStatusView> {
    let mut sorted: Vec<&TerminalStatusView> = devices.iter().collect();
    if devices.len() > FEW {
        sorted.sort_by_key(|device| need(device));
    }
    sorted
}

const WELL: u8 = 3;

fn need(device: &TerminalStatusView) -> u8 {
    if !device.enabled {
        WELL
    } else if device.last_error.is_some() {
        0
    } else if !device.connected {
        1
    } else if device.clock_offset.is_some_and(is_clock_wrong) {
        2
    } else {
        WELL
    }
}
