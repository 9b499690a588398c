//! The terminals to choose from in a form.

use super::frame::PageProblem;
use crate::{AppState, actions::devices};

/// One terminal of a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TerminalChoice {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) is_default: bool,
    pub(super) chosen: bool,
}

impl TerminalChoice {
    /// All that are registered; `device` names one by id, serial number or address.
    pub(super) async fn list(state: &AppState, device: &str) -> Result<Vec<Self>, PageProblem> {
        let device = device.trim();
        Ok(devices(state)
            .await?
            .into_iter()
            .map(|terminal| Self {
                chosen: !device.is_empty()
                    && (terminal.id.to_string() == device
                        || terminal.serial_number.as_deref() == Some(device)
                        || terminal.address == device
                        || terminal.ip == device),
                id: terminal.id,
                name: terminal.name,
                is_default: terminal.default,
            })
            .collect())
    }
}
