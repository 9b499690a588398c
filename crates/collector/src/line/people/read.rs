//! Reading the table of users.

use domain::Enrolment;
use storage::{RunKind, RunResult};
use zk_client::{Session, Users};
use zk_wire::FreeSizes;

use super::Line;
use crate::{CommandError, decode, failure::not_connected};

impl Line {
    /// Reads the table of users and keeps it. `counters` are those that were read before it.
    pub(in crate::line) async fn read_users(
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
    pub(in crate::line) async fn read_users_if_it_can(
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
                self.memory.users.refused = true;
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
        self.find_code_page(&users.rows);
        let page = self.code_page();
        let enrolments: Vec<Enrolment> = users
            .rows
            .iter()
            .filter_map(|row| decode::enrolment(row, page))
            .collect();
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
        self.memory.people = None;
        self.memory.users.due = false;
        self.memory.users.refused = false;
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

    /// What was written is in the ledger too when the caller hears of it.
    pub(super) async fn read_users_after_writing(
        &mut self,
        session: &mut Session,
    ) -> Result<(), CommandError> {
        if self.memory.users.due {
            let counters = self.count(session).await?;
            self.read_users(session, counters.as_ref()).await?;
        }
        Ok(())
    }
}
