//! Users and their fingerprints.

use domain::{Pin, Secret, TerminalId};

use crate::{Collector, CommandError, line::Command};

/// A user to add to a terminal, or what to change of one; `None` keeps what the terminal has.
#[derive(Debug, Clone)]
pub struct UserChange {
    pub pin: Pin,
    pub name: Option<String>,
    pub privilege: Option<u8>,
    pub password: Option<Secret<String>>,
    pub card: Option<u32>,
    pub group: Option<String>,
}

/// What saving a user came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Added,
    Updated,
    Unchanged,
}

/// A user as the terminal has them now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedUser {
    pub saved: Saved,
    /// What is not as it was asked for; for people.
    pub warning: Option<String>,
}

/// What deleting a user came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    Gone,
    WasAbsent,
}

/// What a read of all fingerprints came to. They are in the ledger, sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplatesRead {
    pub templates: usize,
    pub people: usize,
    /// Fingerprints of slots without a user, which are left out.
    pub nobodys: usize,
    /// Bytes at the end of the table that cannot be read.
    pub unreadable_bytes: usize,
}

/// What became of one person.
#[derive(Debug)]
pub struct CopyResult {
    pub pin: String,
    pub outcome: Result<Copied, CommandError>,
}

/// A person on the terminal that was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub saved: Saved,
    /// Fingerprints that were written with them.
    pub templates: usize,
    /// What is not as on the other terminal; for people.
    pub warning: Option<String>,
}

impl Collector {
    /// Adds a user to the terminal, or changes one in place, keeping templates.
    pub async fn save_user(
        &self,
        id: TerminalId,
        user: UserChange,
    ) -> Result<SavedUser, CommandError> {
        let saved = self.save_users(id, vec![user], false).await?;
        saved.into_iter().next().unwrap_or(Ok(SavedUser {
            saved: Saved::Unchanged,
            warning: None,
        }))
    }

    /// Saves many users in one conversation; what one of them meets does not stop the others.
    pub async fn save_users(
        &self,
        id: TerminalId,
        users: Vec<UserChange>,
        dry_run: bool,
    ) -> Result<Vec<Result<SavedUser, CommandError>>, CommandError> {
        self.0
            .ask(id, |reply| Command::SaveUsers {
                users,
                dry_run,
                reply,
            })
            .await
    }

    /// Deletes a user; refuses the last administrator unless `force`. The ledger keeps the person's punches.
    pub async fn delete_user(
        &self,
        id: TerminalId,
        pin: Pin,
        force: bool,
    ) -> Result<Deleted, CommandError> {
        self.0
            .ask(id, |reply| Command::DeleteUser { pin, force, reply })
            .await
    }

    /// Reads all fingerprints of the terminal and keeps them, sealed.
    pub async fn read_templates(&self, id: TerminalId) -> Result<TemplatesRead, CommandError> {
        self.0
            .ask(id, |reply| Command::ReadTemplates { reply })
            .await
    }

    /// Writes the kept fingerprints of these people back to their terminal.
    pub async fn write_templates(
        &self,
        id: TerminalId,
        pins: Vec<Pin>,
    ) -> Result<Vec<CopyResult>, CommandError> {
        self.0
            .ask(id, |reply| Command::WriteTemplates { pins, reply })
            .await
    }

    /// Deletes one finger of somebody, on the terminal and what is kept of it.
    pub async fn delete_template(
        &self,
        id: TerminalId,
        pin: Pin,
        finger: u8,
    ) -> Result<(), CommandError> {
        self.0
            .ask(id, |reply| Command::DeleteTemplate { pin, finger, reply })
            .await
    }

    /// Copies people with their fingerprints from one terminal to another, where both make them with the same algorithm.
    /// `None` means everybody. What one person meets does not stop the others.
    pub async fn copy_people(
        &self,
        from: TerminalId,
        to: TerminalId,
        pins: Option<Vec<Pin>>,
        dry_run: bool,
    ) -> Result<Vec<CopyResult>, CommandError> {
        if self.status(to).is_none() {
            return Err(CommandError::UnknownTerminal);
        }
        let luggage = self
            .0
            .ask(from, |reply| Command::PackPeople { pins, reply })
            .await?;
        let absent = luggage.absent.iter().map(|pin| CopyResult {
            pin: pin.to_string(),
            outcome: Err(CommandError::Invalid {
                reason: format!("user {pin} is not on the terminal that is copied from"),
            }),
        });
        let mut results: Vec<_> = absent.collect();
        let (people, algorithm) = (luggage.people, luggage.algorithm);
        let copied = self
            .0
            .ask(to, |reply| Command::UnpackPeople {
                people,
                algorithm,
                dry_run,
                reply,
            })
            .await?;
        results.extend(copied);
        Ok(results)
    }
}
