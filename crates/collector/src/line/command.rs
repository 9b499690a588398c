//! What others may ask of a terminal's task.

use std::time::Duration;

use domain::Pin;
use storage::SyncRun;
use tokio::sync::oneshot;

use super::{
    Line, Short,
    aside::Aside,
    people::copy::{Luggage, PersonToCopy},
    too_late,
};
use crate::{
    ClearRequest, Cleared, CommandError, ConnectRequest, Connected, CopyResult, Deleted,
    OperationsRead, SavedUser, TemplatesRead, UserChange, failure::once_failed,
};

/// How long a terminal that restarts is left alone; most need longer to be back, a few are quicker.
const AWAY: Duration = Duration::from_secs(20);

/// Where a command's answer goes. The asker may be gone by then; the command is carried out all the same.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, CommandError>>;

pub(crate) enum Command {
    Poll,
    Connect {
        request: ConnectRequest,
        reply: Reply<Connected>,
    },
    Short(Short),
    ReadAll {
        reply: Reply<SyncRun>,
    },
    SaveUsers {
        users: Vec<UserChange>,
        dry_run: bool,
        reply: Reply<Vec<Result<SavedUser, CommandError>>>,
    },
    DeleteUser {
        pin: Pin,
        force: bool,
        reply: Reply<Deleted>,
    },
    ReadTemplates {
        reply: Reply<TemplatesRead>,
    },
    WriteTemplates {
        pins: Vec<Pin>,
        reply: Reply<Vec<CopyResult>>,
    },
    DeleteTemplate {
        pin: Pin,
        finger: u8,
        reply: Reply<()>,
    },
    /// `None`: everybody.
    PackPeople {
        pins: Option<Vec<Pin>>,
        reply: Reply<Luggage>,
    },
    UnpackPeople {
        people: Vec<PersonToCopy>,
        algorithm: Option<String>,
        dry_run: bool,
        reply: Reply<Vec<CopyResult>>,
    },
    ClearLog {
        request: ClearRequest,
        reply: Reply<Cleared>,
    },
    Restart {
        reply: Reply<()>,
    },
    RereadUnreadable {
        reply: Reply<u64>,
    },
    ReadOperations {
        reply: Reply<OperationsRead>,
    },
    StepAside {
        reply: Reply<Aside>,
    },
}

impl Line {
    /// As [`perform`](Self::perform), cut off some time after the program was told to stop. The answer is then lost,
    /// which the asker is told.
    pub(super) async fn perform_in_time(&mut self, command: Command) -> Option<Duration> {
        let cancel = self.channels.cancel.clone();
        tokio::select! {
            next = self.perform(command) => next,
            () = too_late(&cancel) => None,
        }
    }

    /// Carries a command out; says when the terminal should be contacted, if not as planned.
    async fn perform(&mut self, command: Command) -> Option<Duration> {
        if matches!(command, Command::Poll) {
            return Some(Duration::ZERO);
        }
        self.busy(true);
        let next = self.converse(command).await;
        self.busy(false);
        next
    }

    async fn converse(&mut self, command: Command) -> Option<Duration> {
        match command {
            Command::Poll => return Some(Duration::ZERO),
            Command::Connect { request, reply } => {
                let result = self.reconnect(request).await;
                let next = result.is_ok().then_some(Duration::ZERO);
                if reply.is_closed() {
                    self.hand_over();
                } else {
                    // Whoever asked follows the terminal to its new task and asks there.
                    self.memory.handed_over = false;
                }
                answer(reply, result);
                return next;
            }
            Command::Short(short) => self.perform_short(short).await,
            Command::ReadAll { reply } => answer(reply, self.read_all().await),
            Command::SaveUsers {
                users,
                dry_run,
                reply,
            } => answer(reply, self.save_users(&users, dry_run).await),
            Command::DeleteUser { pin, force, reply } => {
                answer(reply, self.delete_user(&pin, force).await);
            }
            Command::ReadTemplates { reply } => answer(reply, self.read_templates().await),
            Command::WriteTemplates { pins, reply } => {
                answer(reply, self.write_templates(&pins).await);
            }
            Command::DeleteTemplate { pin, finger, reply } => {
                answer(reply, self.delete_template(&pin, finger).await);
            }
            Command::PackPeople { pins, reply } => {
                answer(reply, self.pack_people(pins.as_deref()).await);
            }
            Command::UnpackPeople {
                people,
                algorithm,
                dry_run,
                reply,
            } => answer(
                reply,
                self.unpack_people(people, algorithm.as_deref(), dry_run)
                    .await,
            ),
            Command::ClearLog { request, reply } => answer(reply, self.clear_log(&request).await),
            Command::Restart { reply } => {
                let result = self.restart().await;
                let next = result.is_ok().then_some(AWAY);
                answer(reply, result);
                return next;
            }
            Command::RereadUnreadable { reply } => answer(reply, self.reread_unreadable().await),
            Command::ReadOperations { reply } => answer(reply, self.read_operations().await),
            Command::StepAside { reply } => {
                self.step_aside(reply).await;
                return self.terminal.enabled.then_some(Duration::ZERO);
            }
        }
        self.hand_over();
        None
    }

    async fn restart(&mut self) -> Result<(), CommandError> {
        let (talk, _) = self.talk().await?;
        let restarted = talk.session.restart().await;
        self.show_live();
        restarted.map_err(|error| once_failed(&self.terminal, &error))
    }
}

fn answer<T>(reply: Reply<T>, result: Result<T, CommandError>) {
    // Nobody waits any more: what was done stays done, and shows at the next look.
    let _ = reply.send(result);
}
