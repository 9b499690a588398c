use std::collections::HashMap;

use zk_wire::{Table, UserFormat, UserRow, UserTable, WireError, code};

use crate::{Error, Session, conversation::Repeat, error::unknown_rows, session::Written};

/// The users that a terminal knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Users {
    /// In the order of the terminal's table.
    pub rows: Vec<UserRow>,
    /// `None` for an empty table.
    pub format: Option<UserFormat>,
    /// Rows that name no user, as they came.
    pub unreadable: Vec<Vec<u8>>,
}

impl Session {
    /// Reads the table of users.
    pub async fn users(&mut self) -> Result<Users, Error> {
        let table = self.read_table(Table::Users).await?;
        let UserTable {
            rows,
            format,
            unreadable,
        } = UserTable::decode(&table, self.users.counted).map_err(|error| unknown_rows(&error))?;
        self.users.were_read = true;
        self.users.format = format.or(self.users.format);
        Ok(Users {
            rows,
            format,
            unreadable,
        })
    }

    /// Writes a user, over the one in the same slot if there is one, and reads back whether it is stored.
    ///
    /// The row goes out in the size of the terminal's own rows, which are read first if they were not yet.
    pub async fn set_user(&mut self, user: &UserRow) -> Result<(), Error> {
        let verdicts = self.set_users(std::slice::from_ref(user)).await?;
        verdicts.into_iter().collect()
    }

    /// Writes users as [`set_user`](Self::set_user) does, and reads all back at once.
    ///
    /// The verdicts stand in the order of the users. There are fewer of them where the terminal left one unanswered; the
    /// rest was not sent, and can be given again.
    pub async fn set_users(&mut self, users: &[UserRow]) -> Result<Vec<Result<(), Error>>, Error> {
        if !self.users.were_read {
            self.users().await?;
        }
        let mut sent = Vec::with_capacity(users.len());
        for user in users {
            let written = match self.send_user(user).await {
                Err(error) if !error.is_about_the_request() => return Err(error),
                written => written,
            };
            let is_unanswered = matches!(written, Ok((Written::Unanswered(_), _)));
            sent.push((user, written));
            if is_unanswered {
                break;
            }
        }
        if sent.iter().all(|(_, written)| written.is_err()) {
            let refused = sent.into_iter().map(|(_, written)| written.map(drop));
            return Ok(refused.collect());
        }
        self.refresh().await?;
        self.users.counted = None;
        let rows = self.users().await?.rows;
        let stored: HashMap<u16, &UserRow> = rows.iter().map(|row| (row.uid, row)).collect();
        let verdicts =
            sent.into_iter().map(|(user, written)| {
                let (written, meant) = written?;
                match stored
                    .get(&meant.uid)
                    .map(|found| difference(&meant, found))
                {
                    Some(None) => Ok(()),
                    Some(Some(field)) => Err(written
                        .failed(format!("user {} was stored with another {field}", user.pin))),
                    None => Err(written.failed(format!("user {} was not stored", user.pin))),
                }
            });
        Ok(verdicts.collect())
    }

    /// Sends a user in the format of the terminal's rows; gives the row as it should come back.
    async fn send_user(&mut self, user: &UserRow) -> Result<(Written, UserRow), Error> {
        let Some(format) = self.users.format else {
            // A terminal without users does not show its format; nearly all that are not black and white have this one.
            let refused = match self.write_user(user, UserFormat::B72).await {
                Err(refused @ Error::Refused { .. }) => refused,
                written => return written,
            };
            return match self.write_user(user, UserFormat::B28).await {
                Err(Error::Refused { .. } | Error::Invalid { .. }) => Err(refused),
                written => written,
            };
        };
        self.write_user(user, format).await
    }

    /// Sends a user as a row of this format; gives the row as it should come back.
    async fn write_user(
        &mut self,
        user: &UserRow,
        format: UserFormat,
    ) -> Result<(Written, UserRow), Error> {
        let row = user.encode(format).map_err(|error| invalid(&error))?;
        let meant = UserRow::decode(format, &row).map_err(|error| invalid(&error))?;
        let what = format!("store user {}", user.pin);
        let written = self
            .write(&what, code::USER_WRITE, row, Repeat::Harmless)
            .await?;
        Ok((written, meant))
    }

    /// Deletes the user in a slot, with everything enrolled, and reads back whether the slot is free.
    pub async fn delete_user(&mut self, uid: u16) -> Result<(), Error> {
        let written = self
            .write(
                "delete the user",
                code::DELETE_USER,
                uid.to_le_bytes().to_vec(),
                Repeat::Harmless,
            )
            .await;
        if let Err(error) = &written
            && !error.is_about_the_request()
        {
            return written.map(drop);
        }
        self.refresh().await?;
        self.users.counted = None;
        if self.users().await?.rows.iter().any(|user| user.uid == uid) {
            return Err(written?.failed("the user was not deleted".to_owned()));
        }
        // Asked twice because its answer was lost, a terminal says no the second time.
        Ok(())
    }
}

pub(crate) fn invalid(error: &WireError) -> Error {
    Error::Invalid {
        reason: error.to_string(),
    }
}

/// The first field that was not stored as meant.
pub(crate) fn difference(meant: &UserRow, found: &UserRow) -> Option<&'static str> {
    // Terminals put users without a group into their first one.
    let group_differs = meant.group != found.group && meant.group != 0;
    [
        (meant.pin != found.pin, "user id"),
        (
            meant.name.trim_ascii_end() != found.name.trim_ascii_end(),
            "name",
        ),
        (meant.privilege != found.privilege, "role"),
        (meant.password != found.password, "password"),
        (meant.card != found.card, "card number"),
        (group_differs, "group"),
    ]
    .into_iter()
    .find_map(|(differs, field)| differs.then_some(field))
}
