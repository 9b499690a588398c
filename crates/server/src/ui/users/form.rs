use domain::Secret;
use serde::Deserialize;

use crate::{
    actions::{UserView, UserWish, privilege},
    problem::Problem,
    ui::fields::{filled, ticked, value},
};

/// A user as it was typed.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, Default)]
pub(super) struct UserForm {
    #[serde(default)]
    pub(super) device: String,
    #[serde(default)]
    pub(super) user_id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) privilege: String,
    #[serde(default)]
    pub(super) password: String,
    #[serde(default)]
    pub(super) no_password: String,
    #[serde(default)]
    pub(super) card: String,
    #[serde(default)]
    pub(super) group_id: String,
}

/// A privilege to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrivilegeChoice {
    pub(super) code: String,
    pub(super) word: String,
    pub(super) chosen: bool,
}

/// What a privilege is called.
pub(super) fn privilege_word(code: u8) -> String {
    match code {
        0 => "User".to_owned(),
        14 => "Administrator".to_owned(),
        disabled if disabled & 1 == 1 => format!("Disabled ({disabled})"),
        other => format!("Role {other}"),
    }
}

impl UserForm {
    pub(super) fn of(device: i64, user: &UserView) -> Self {
        Self {
            device: device.to_string(),
            user_id: user.user_id.clone(),
            name: user.name.clone(),
            privilege: user.privilege.to_string(),
            password: String::new(),
            no_password: String::new(),
            card: if user.card == 0 {
                String::new()
            } else {
                user.card.to_string()
            },
            group_id: user.group_id.clone(),
        }
    }

    /// The two that everybody uses, and the terminal's own role where the user has it.
    pub(super) fn privileges(&self) -> Vec<PrivilegeChoice> {
        let own = privilege(&self.privilege)
            .ok()
            .filter(|code| !matches!(code, 0 | 14));
        [Some(0), Some(14), own]
            .into_iter()
            .flatten()
            .map(|code| PrivilegeChoice {
                code: code.to_string(),
                word: privilege_word(code),
                chosen: self.privilege == code.to_string(),
            })
            .collect()
    }

    /// Somebody new: what is left empty is the terminal's choice.
    pub(super) fn addition(&self) -> Result<UserWish, Problem> {
        Ok(UserWish {
            user_id: self.user_id.trim().to_owned(),
            name: filled(&self.name),
            privilege: self.privilege()?,
            password: filled(&self.password).map(Secret::new),
            card: value("card", &self.card)?.map(card).transpose()?,
            group_id: filled(&self.group_id),
            device: filled(&self.device),
        })
    }

    /// Somebody known: the form is what they should be; only an empty password is kept.
    pub(super) fn change(&self) -> Result<UserWish, Problem> {
        let addition = self.addition()?;
        Ok(UserWish {
            name: Some(self.name.trim().to_owned()),
            card: addition.card.or(Some(0)),
            password: if ticked(&self.no_password) {
                Some(Secret::new(String::new()))
            } else {
                addition.password
            },
            ..addition
        })
    }

    fn privilege(&self) -> Result<Option<u8>, Problem> {
        filled(&self.privilege)
            .map(|text| privilege(&text))
            .transpose()
    }
}

fn card(crate::input::Count(card): crate::input::Count) -> Result<u32, Problem> {
    u32::try_from(card).map_err(|_| {
        Problem::invalid(format!(
            "card is {card}; it must be a number up to {}",
            u32::MAX
        ))
    })
}
