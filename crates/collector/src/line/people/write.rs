//! Adding, changing and deleting users, each write read back.

use domain::Pin;
use zk_client::{Error, Session};
use zk_wire::{FreeSizes, UserRow};

use super::Line;
use crate::{
    CommandError, Deleted, Saved, SavedUser, UserChange,
    failure::write_failed,
    users::{Planned, plan},
};

/// Users that are written before they are read back.
const AT_ONCE: usize = 100;
/// The same of new users, which go in one transfer.
const AT_ONCE_IN_BULK: usize = 2_000;
/// New users from which on one transfer is less work than a command for each.
const BULK_PAYS: usize = 20;

/// A row to be written, and the place of its result.
struct Write {
    place: usize,
    row: UserRow,
    is_new: bool,
}

impl Line {
    pub(in crate::line) async fn save_users(
        &mut self,
        changes: &[UserChange],
        dry_run: bool,
    ) -> Result<Vec<Result<SavedUser, CommandError>>, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = self
            .save_users_in(&mut talk.session, counters, changes, dry_run)
            .await;
        self.settle(talk, &result).await;
        result
    }

    async fn save_users_in(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
        changes: &[UserChange],
        dry_run: bool,
    ) -> Result<Vec<Result<SavedUser, CommandError>>, CommandError> {
        let mut users = self.read_users(session, counters).await?;
        let limits = self.limits(session, &users.rows).await?;
        let mut results = Vec::with_capacity(changes.len());
        let mut writes: Vec<Write> = Vec::new();
        for change in changes {
            // What is to be written of somebody must be known to be stored before it is changed again.
            let again = writes
                .iter()
                .any(|write| write.row.pin == change.pin.as_str());
            if again || writes.len() >= at_once(&writes) {
                let due = std::mem::take(&mut writes);
                self.write_users(session, due, &mut users.rows, &mut results)
                    .await?;
            }
            match plan(&users.rows, change, &limits) {
                Ok(Planned {
                    saved,
                    row,
                    warning,
                }) => {
                    if !dry_run && saved != Saved::Unchanged {
                        writes.push(Write {
                            place: results.len(),
                            row: row.clone(),
                            is_new: saved == Saved::Added,
                        });
                    }
                    users.rows.retain(|user| user.uid != row.uid);
                    users.rows.push(row);
                    results.push(Ok(SavedUser { saved, warning }));
                }
                Err(error) => results.push(Err(error)),
            }
        }
        self.write_users(session, writes, &mut users.rows, &mut results)
            .await?;
        self.read_users_after_writing(session).await?;
        Ok(results)
    }

    /// Writes rows; the result of each becomes an error where it is not stored. New users go in one transfer where they are
    /// many; what is there is changed in place, which keeps what is enrolled.
    async fn write_users(
        &mut self,
        session: &mut Session,
        writes: Vec<Write>,
        users: &mut Vec<UserRow>,
        results: &mut [Result<SavedUser, CommandError>],
    ) -> Result<(), CommandError> {
        let new = writes.iter().filter(|write| write.is_new).count();
        let (in_bulk, one_by_one): (Vec<_>, Vec<_>) = writes
            .into_iter()
            .partition(|write| write.is_new && new >= BULK_PAYS);
        let refused = self.write_in_bulk(session, in_bulk, users, results).await?;
        let one_by_one: Vec<_> = refused.into_iter().chain(one_by_one).collect();
        for some in one_by_one.chunks(AT_ONCE) {
            self.write_one_by_one(session, some, users, results).await?;
        }
        Ok(())
    }

    /// Gives back what a terminal does not take in bulk.
    async fn write_in_bulk(
        &mut self,
        session: &mut Session,
        writes: Vec<Write>,
        users: &mut Vec<UserRow>,
        results: &mut [Result<SavedUser, CommandError>],
    ) -> Result<Vec<Write>, CommandError> {
        if writes.is_empty() || self.memory.takes_no_bulk {
            return Ok(writes);
        }
        self.memory.users.due = true;
        let rows: Vec<UserRow> = writes.iter().map(|write| write.row.clone()).collect();
        match session.upload(&rows, &[]).await {
            Ok(uploaded) => {
                for (verdict, write) in uploaded.users.into_iter().zip(&writes) {
                    self.verdict(verdict, write, users, results)?;
                }
                Ok(Vec::new())
            }
            Err(Error::Refused { .. }) => {
                self.memory.takes_no_bulk = true;
                Ok(writes)
            }
            Err(error) => Err(write_failed(&self.terminal, &error)),
        }
    }

    async fn write_one_by_one(
        &mut self,
        session: &mut Session,
        writes: &[Write],
        users: &mut Vec<UserRow>,
        results: &mut [Result<SavedUser, CommandError>],
    ) -> Result<(), CommandError> {
        let rows: Vec<UserRow> = writes.iter().map(|write| write.row.clone()).collect();
        let mut rest = writes.iter();
        while rest.len() > 0 {
            // Whatever comes of it, what we hold may be outdated.
            self.memory.users.due = true;
            let from = rows.len() - rest.len();
            let verdicts = session
                .set_users(rows.get(from..).unwrap_or_default())
                .await
                .map_err(|error| write_failed(&self.terminal, &error))?;
            for (verdict, write) in verdicts.into_iter().zip(&mut rest) {
                self.verdict(verdict, write, users, results)?;
            }
        }
        Ok(())
    }

    fn verdict(
        &self,
        verdict: Result<(), Error>,
        write: &Write,
        users: &mut Vec<UserRow>,
        results: &mut [Result<SavedUser, CommandError>],
    ) -> Result<(), CommandError> {
        match verdict {
            Ok(()) => Ok(()),
            Err(error) if error.is_about_the_request() => {
                users.retain(|user| user.uid != write.row.uid);
                if let Some(result) = results.get_mut(write.place) {
                    *result = Err(write_failed(&self.terminal, &error));
                }
                Ok(())
            }
            Err(error) => Err(write_failed(&self.terminal, &error)),
        }
    }

    pub(in crate::line) async fn delete_user(
        &mut self,
        pin: &Pin,
        force: bool,
    ) -> Result<Deleted, CommandError> {
        let (mut talk, greeting) = self.talk().await?;
        let counters = greeting.counters.as_ref();
        let result = self
            .delete_user_in(&mut talk.session, counters, pin, force)
            .await;
        self.settle(talk, &result).await;
        result
    }

    async fn delete_user_in(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
        pin: &Pin,
        force: bool,
    ) -> Result<Deleted, CommandError> {
        let users = self.read_users(session, counters).await?;
        let Some(user) = users.rows.iter().find(|user| user.pin == pin.as_str()) else {
            return Ok(Deleted::WasAbsent);
        };
        // One that is disabled lets nobody in.
        let rules = |other: &UserRow| is_admin(other) && other.privilege & 1 == 0;
        let others = users
            .rows
            .iter()
            .any(|other| rules(other) && other.uid != user.uid);
        if is_admin(user) && !others && !force {
            return Err(CommandError::LastAdmin {
                pin: pin.as_str().to_owned(),
            });
        }
        self.memory.users.due = true;
        session
            .delete_user(user.uid)
            .await
            .map_err(|error| write_failed(&self.terminal, &error))?;
        self.read_users_after_writing(session).await?;
        Ok(Deleted::Gone)
    }
}

/// Users that may wait to be written together with these.
fn at_once(writes: &[Write]) -> usize {
    if writes.iter().all(|write| write.is_new) {
        AT_ONCE_IN_BULK
    } else {
        AT_ONCE
    }
}

fn is_admin(user: &UserRow) -> bool {
    const ADMINISTRATOR: u8 = 0b1110;
    user.privilege & ADMINISTRATOR == ADMINISTRATOR
}
