//! Users of a terminal: reading them, adding, changing and deleting, each write read back.

use domain::{Enrolment, Pin};
use storage::{RunKind, RunResult};
use zk_client::{Session, Users};
use zk_wire::{FreeSizes, UserRow};

use super::Line;
use crate::{
    CommandError, Deleted, Saved, UserChange, decode,
    failure::{not_connected, write_failed},
    users::{Limits, plan},
};

/// Users that are written before they are read back.
const AT_ONCE: usize = 100;

impl Line {
    /// Reads the table of users and keeps it. `counters` are those that were read before it.
    pub(super) async fn read_users(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
    ) -> Result<Users, CommandError> {
        let users = session
            .users()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))?;
        self.keep_users(&users, counters).await?;
        Ok(users)
    }

    /// As [`read_users`](Self::read_users), for reads that can do without: a terminal that does not hand out its users,
    /// or in a form that nobody knows, still has punches.
    pub(super) async fn read_users_if_it_can(
        &mut self,
        session: &mut Session,
        counters: Option<&FreeSizes>,
    ) -> Result<Option<Users>, CommandError> {
        match session.users().await {
            Ok(users) => {
                self.keep_users(&users, counters).await?;
                Ok(Some(users))
            }
            Err(error) if error.is_about_the_request() => {
                let now = self.shared.clock.now();
                tracing::warn!(
                    terminal.id = self.terminal.id.0,
                    "its users are not read, punches go by user id only: {error}"
                );
                let failed = not_connected(&self.terminal, &error);
                self.record_users(0, Some(&failed)).await?;
                self.memory.users.due = false;
                self.memory.users.counters = counters.map(|counters| counters.raw().to_vec());
                self.shared.update_status(self.terminal.id, |status| {
                    status.health.users_read_at = Some(now);
                });
                Ok(None)
            }
            Err(error) => Err(not_connected(&self.terminal, &error)),
        }
    }

    async fn keep_users(
        &mut self,
        users: &Users,
        counters: Option<&FreeSizes>,
    ) -> Result<(), CommandError> {
        let now = self.shared.clock.now();
        let enrolments: Vec<Enrolment> = users.rows.iter().filter_map(decode::enrolment).collect();
        let left_out = users.rows.len() - enrolments.len() + users.unreadable.len();
        if left_out > 0 {
            tracing::warn!(
                terminal.id = self.terminal.id.0,
                rows = left_out,
                "some users of the terminal have no usable user id and are left out"
            );
        }
        self.shared
            .store
            .replace_enrolments(self.terminal.id, enrolments, now)
            .await?;
        self.record_users(users.rows.len() as u64, None).await?;
        self.memory.users.due = false;
        self.memory.users.counters = counters.map(|counters| counters.raw().to_vec());
        if let Some(format) = users.format {
            self.terminal.info.user_row_size = Some(format.size());
        }
        self.terminal.info.users_says = counters
            .and_then(FreeSizes::users)
            .or(u32::try_from(users.rows.len()).ok());
        self.save_info().await?;
        self.shared.update_status(self.terminal.id, |status| {
            status.health.users_read_at = Some(now);
        });
        Ok(())
    }

    async fn record_users(
        &self,
        seen: u64,
        failure: Option<&CommandError>,
    ) -> Result<(), CommandError> {
        let now = self.shared.clock.now();
        let run = self
            .shared
            .store
            .start_run(self.terminal.id, RunKind::Users, now)
            .await?;
        let error = failure.map(|error| (error.code().to_owned(), error.to_string()));
        let result = RunResult {
            seen,
            error,
            ..RunResult::default()
        };
        Ok(self.shared.store.finish_run(run, result, now).await?)
    }

    pub(super) async fn save_users(
        &mut self,
        changes: &[UserChange],
        dry_run: bool,
    ) -> Result<Vec<Result<Saved, CommandError>>, CommandError> {
        let mut session = self.shared.open(&self.terminal).await?;
        let result = self.save_users_in(&mut session, changes, dry_run).await;
        session.close().await;
        result
    }

    async fn save_users_in(
        &mut self,
        session: &mut Session,
        changes: &[UserChange],
        dry_run: bool,
    ) -> Result<Vec<Result<Saved, CommandError>>, CommandError> {
        let greeting = self.greet(session).await?;
        let mut users = self.read_users(session, greeting.counters.as_ref()).await?;
        let limits = self.limits(session).await?;
        let mut results = Vec::with_capacity(changes.len());
        let mut planned = Vec::new();
        for change in changes {
            // What is to be written of somebody must be known to be stored before it is changed again.
            let again = planned
                .iter()
                .any(|(_, row): &(usize, UserRow)| row.pin == change.pin.as_str());
            if again || planned.len() >= AT_ONCE {
                self.write_users(
                    session,
                    std::mem::take(&mut planned),
                    &mut users.rows,
                    &mut results,
                )
                .await?;
            }
            match plan(&users.rows, change, &limits) {
                Ok((saved, row)) => {
                    if !dry_run && saved != Saved::Unchanged {
                        planned.push((results.len(), row.clone()));
                    }
                    users.rows.retain(|user| user.uid != row.uid);
                    users.rows.push(row);
                    results.push(Ok(saved));
                }
                Err(error) => results.push(Err(error)),
            }
        }
        self.write_users(session, planned, &mut users.rows, &mut results)
            .await?;
        self.read_users_after_writing(session).await?;
        Ok(results)
    }

    /// Writes rows, each with the place of its result, which becomes an error where it is not stored.
    async fn write_users(
        &mut self,
        session: &mut Session,
        planned: Vec<(usize, UserRow)>,
        users: &mut Vec<UserRow>,
        results: &mut [Result<Saved, CommandError>],
    ) -> Result<(), CommandError> {
        let (places, rows): (Vec<usize>, Vec<UserRow>) = planned.into_iter().unzip();
        let mut rest = places.iter().zip(&rows);
        while rest.len() > 0 {
            // Whatever comes of it, what we hold may be outdated.
            self.memory.users.due = true;
            let from = rows.len() - rest.len();
            let verdicts = session
                .set_users(rows.get(from..).unwrap_or_default())
                .await
                .map_err(|error| write_failed(&self.terminal, &error))?;
            for (verdict, (place, row)) in verdicts.into_iter().zip(&mut rest) {
                match verdict {
                    Ok(()) => {}
                    Err(error) if error.is_about_the_request() => {
                        users.retain(|user| user.uid != row.uid);
                        if let Some(result) = results.get_mut(*place) {
                            *result = Err(write_failed(&self.terminal, &error));
                        }
                    }
                    Err(error) => return Err(write_failed(&self.terminal, &error)),
                }
            }
        }
        Ok(())
    }

    /// What was written is in the ledger too when the caller hears of it.
    async fn read_users_after_writing(
        &mut self,
        session: &mut Session,
    ) -> Result<(), CommandError> {
        if self.memory.users.due {
            let counters = self.count(session).await?;
            self.read_users(session, counters.as_ref()).await?;
        }
        Ok(())
    }

    /// What this terminal can store of a user.
    async fn limits(&self, session: &mut Session) -> Result<Limits, CommandError> {
        let failed = |error: zk_client::Error| not_connected(&self.terminal, &error);
        let width = session.option("~PIN2Width").await.map_err(failed)?;
        let letters = session.option("~IsABCPinEnable").await.map_err(failed)?;
        Ok(Limits {
            pin_width: width
                .and_then(|width| width.trim().parse().ok())
                .filter(|width| *width > 0),
            letters: letters.is_none_or(|letters| letters.trim() != "0"),
            row_size: self.terminal.info.user_row_size,
        })
    }

    pub(super) async fn delete_user(
        &mut self,
        pin: &Pin,
        force: bool,
    ) -> Result<Deleted, CommandError> {
        let mut session = self.shared.open(&self.terminal).await?;
        let result = self.delete_user_in(&mut session, pin, force).await;
        session.close().await;
        result
    }

    async fn delete_user_in(
        &mut self,
        session: &mut Session,
        pin: &Pin,
        force: bool,
    ) -> Result<Deleted, CommandError> {
        let greeting = self.greet(session).await?;
        let users = self.read_users(session, greeting.counters.as_ref()).await?;
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

    pub(super) async fn set_clock(&mut self) -> Result<(), CommandError> {
        let mut session = self.shared.open(&self.terminal).await?;
        let result = self.set_clock_in(&mut session).await;
        session.close().await;
        result
    }

    async fn set_clock_in(&mut self, session: &mut Session) -> Result<(), CommandError> {
        self.greet(session).await?;
        let now = self.shared.local_now(&self.terminal);
        let time = decode::wire_time(now).ok_or_else(|| CommandError::Invalid {
            reason: format!(
                "this computer's clock shows {now}, which a terminal cannot; set it right first"
            ),
        })?;
        session
            .set_clock(time)
            .await
            .map_err(|error| write_failed(&self.terminal, &error))?;
        let offset = self.clock_offset(session).await?;
        self.shared.update_status(self.terminal.id, |status| {
            status.health.clock_offset_secs = offset;
        });
        Ok(())
    }

    pub(super) async fn restart(&mut self) -> Result<(), CommandError> {
        let mut session = self.shared.open(&self.terminal).await?;
        if let Err(error) = self.greet(&mut session).await {
            session.close().await;
            return Err(error);
        }
        session
            .restart()
            .await
            .map_err(|error| write_failed(&self.terminal, &error))
    }
}

fn is_admin(user: &UserRow) -> bool {
    const ADMINISTRATOR: u8 = 0b1110;
    user.privilege & ADMINISTRATOR == ADMINISTRATOR
}
