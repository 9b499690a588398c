//! Users, in the shape of `/api/users`.

use serde::Serialize;
use zk_client::Session;
use zk_wire::{
    UserRow,
    text::{self, CodePage},
};

pub(super) const HEADER: &str = "user_id,name,privilege,card,group_id,has_password";

/// In the order of the header. A password is never shown.
#[derive(Debug, Serialize)]
pub(super) struct UserLine {
    user_id: String,
    name: String,
    privilege: u8,
    card: u32,
    group_id: String,
    has_password: bool,
}

pub(super) struct Users {
    pub(super) rows: Vec<UserLine>,
    unreadable: usize,
}

pub(super) async fn pull(session: &mut Session) -> anyhow::Result<Users> {
    // How many there are helps to recognise the form of their rows.
    session.counters().await?;
    let users = session.users().await?;
    let names = users.rows.iter().map(|user| user.name.as_slice());
    let page = text::detect(names).unwrap_or(text::WINDOWS_1252);
    Ok(Users {
        rows: users
            .rows
            .iter()
            .map(|user| UserLine::of(user, page))
            .collect(),
        unreadable: users.unreadable.len(),
    })
}

impl Users {
    pub(super) fn warning(&self) -> Option<String> {
        (self.unreadable > 0).then(|| {
            format!(
                "{} rows of the terminal's user table name no user and are left out",
                self.unreadable
            )
        })
    }
}

impl UserLine {
    fn of(user: &UserRow, page: CodePage) -> Self {
        Self {
            user_id: user.pin.clone(),
            name: text::decode(&user.name, page),
            privilege: user.privilege,
            card: user.card,
            group_id: user.group.to_string(),
            has_password: !user.password.is_empty(),
        }
    }
}
