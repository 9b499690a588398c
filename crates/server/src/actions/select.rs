use domain::{Terminal, TerminalSelector};

use crate::{AppState, problem::Problem};

/// The terminal that `?device=` names, or the default one; `None` while none is registered.
pub(crate) async fn chosen(
    state: &AppState,
    device: Option<&str>,
) -> Result<Option<Terminal>, Problem> {
    match device.map(str::trim).filter(|device| !device.is_empty()) {
        None => Ok(state.store.default_terminal().await?),
        Some(device) => match state
            .store
            .find_terminal(&TerminalSelector::new(device))
            .await?
        {
            Some(terminal) => Ok(Some(terminal)),
            None => Err(unknown(device)),
        },
    }
}

/// The same for a deed that needs the terminal itself.
pub(crate) async fn needed(state: &AppState, device: Option<&str>) -> Result<Terminal, Problem> {
    let terminal = chosen(state, device).await?.ok_or_else(|| Problem::NotConnected {
        cause: "no_device",
        message: "no device is connected yet; connect one with POST /api/connect {\"ip\": \"ADDRESS\"}".to_owned(),
    })?;
    if terminal.closed_at.is_some() {
        return Err(Problem::NotConnected {
            cause: "removed",
            message: format!(
                "the device {} was removed or replaced, only its records are kept; connect it again to use it",
                terminal.name
            ),
        });
    }
    Ok(terminal)
}

/// The device that is named; `None` for none, or for `all`.
pub(super) fn all_or(device: Option<&str>) -> Option<&str> {
    device
        .map(str::trim)
        .filter(|device| !device.is_empty() && !device.eq_ignore_ascii_case("all"))
}

pub(super) fn unknown(device: &str) -> Problem {
    Problem::NotFound {
        code: "unknown_device",
        message: format!(
            "no device is known as {device:?}; give the id, serial number or address of one that \
             GET /api/v1/devices lists"
        ),
    }
}
