use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use zk_wire::{FreeSizes, UserFormat, code, option_request, option_value};

use crate::{
    Error, Tap, Target, UnlockUnit, connect,
    conversation::{Conversation, Repeat},
    tap::MaybeTap,
};

/// An open session with one terminal.
///
/// After an error that [is not about the request](Error::is_about_the_request) close it and connect again. It must be
/// closed in any case, see the [crate's documentation](crate).
#[derive(Debug)]
pub struct Session {
    pub(crate) conversation: Conversation,
    /// The terminal may still hold a prepared table.
    pub(crate) table_is_open: bool,
    /// Counts the tables that were prepared.
    pub(crate) preparation: u64,
    pub(crate) ways: Ways,
    pub(crate) users: KnownUsers,
}

/// What was told or learned of how the terminal does things.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    pub(crate) directly: Directly,
    pub(crate) unlock_unit: UnlockUnit,
    pub(crate) freeing_goes_unanswered: bool,
    pub(crate) counters_go_unanswered: bool,
}

/// What comes when the log is asked for without having it prepared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Directly {
    /// The terminal was not asked what it is.
    #[default]
    Unknown,
    Log,
    /// What happens to be in the terminal's memory.
    Garbage,
}

/// What the session learned of the terminal's users, for reading and writing their rows.
#[derive(Debug, Default)]
pub(crate) struct KnownUsers {
    /// Their number, by the counters.
    pub(crate) counted: Option<u32>,
    pub(crate) were_read: bool,
    pub(crate) format: Option<UserFormat>,
}

impl Session {
    /// Connects, and proves the key where the terminal asks for one.
    ///
    /// A terminal that closes the connection before its first answer is tried again a few times within
    /// [`Timeouts::connect`](crate::Timeouts::connect). All addresses of a host name are tried.
    pub async fn connect(target: &Target) -> Result<Self, Error> {
        Self::connect_with(target, &MaybeTap::default()).await
    }

    /// As [`connect`](Self::connect), and `tap` sees all that passes from then on, also while connecting.
    pub async fn connect_tapped(target: &Target, tap: Arc<dyn Tap>) -> Result<Self, Error> {
        Self::connect_with(target, &MaybeTap::new(tap)).await
    }

    /// As [`connect`](Self::connect), over a stream that the caller opened: a tunnel, or a network that is simulated. Host
    /// and port of the target are for messages then, and nothing is tried twice.
    pub async fn over(
        stream: impl AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static,
        target: &Target,
    ) -> Result<Self, Error> {
        connect::over(target, stream).await.map(Self::new)
    }

    async fn connect_with(target: &Target, tap: &MaybeTap) -> Result<Self, Error> {
        connect::connect(target, tap).await.map(Self::new)
    }

    fn new(conversation: Conversation) -> Self {
        Self {
            conversation,
            table_is_open: false,
            preparation: 0,
            ways: Ways::default(),
            users: KnownUsers::default(),
        }
    }

    /// Ends the session: the terminal is enabled if it was [disabled](Self::disable), EXIT, a short wait for the answer, and the socket is closed. It never fails, and is right after
    /// errors too.
    pub async fn close(mut self) {
        self.conversation.exit().await;
    }

    /// The value of a setting, such as `~SerialNumber`; `None` where the terminal does not know it.
    pub async fn option(&mut self, name: &str) -> Result<Option<String>, Error> {
        let reply = self.read(code::OPTIONS_READ, option_request(name)).await?;
        Ok(reply
            .filter(|payload| !payload.is_empty())
            .map(|payload| option_value(&payload)))
    }

    /// How much the terminal says that it holds; `None` where it does not say.
    ///
    /// A terminal that leaves the question unanswered is asked once a session, see
    /// [`answers_counters`](Self::answers_counters).
    pub async fn counters(&mut self) -> Result<Option<FreeSizes>, Error> {
        if self.ways.counters_go_unanswered {
            return Ok(None);
        }
        let reply = self
            .conversation
            .ask_briefly(code::GET_FREE_SIZES, Vec::new(), Repeat::Harmless)
            .await?;
        self.ways.counters_go_unanswered = reply.is_none();
        let counters = reply
            .filter(|reply| reply.command == code::ACK_OK)
            .map(|reply| FreeSizes::new(reply.payload));
        self.users.counted = counters.as_ref().and_then(FreeSizes::users);
        Ok(counters)
    }

    /// Whether the terminal numbers its replies otherwise than its requests are, always by the same difference. Over TCP
    /// they are understood all the same.
    pub fn reply_numbers_are_off(&self) -> bool {
        self.conversation.numbers_are_off()
    }

    /// Whether the terminal answered the question for its counters, or was not asked yet. Who knows that it does not need
    /// not ask the next time: the waiting is [`Timeouts::brief`](crate::Timeouts::brief).
    pub fn answers_counters(&self) -> bool {
        !self.ways.counters_go_unanswered
    }

    /// Asks what changes nothing; `None` where the terminal says no, or does not know the question.
    pub(crate) async fn read(
        &mut self,
        command: u16,
        payload: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let reply = self
            .conversation
            .ask(command, payload, Repeat::Harmless)
            .await?;
        Ok((reply.command == code::ACK_OK).then_some(reply.payload))
    }

    /// Makes what was written effective. A terminal that does not know the command needs none; the reading back decides.
    pub(crate) async fn refresh(&mut self) -> Result<(), Error> {
        self.conversation
            .ask(code::REFRESH_DATA, Vec::new(), Repeat::Harmless)
            .await?;
        Ok(())
    }

    /// Sends a command whose answer is all that tells.
    pub(crate) async fn command(
        &mut self,
        what: &str,
        command: u16,
        payload: Vec<u8>,
        repeat: Repeat,
    ) -> Result<(), Error> {
        let reply = self.conversation.ask(command, payload, repeat).await?;
        match reply.command {
            code::ACK_OK => Ok(()),
            code => Err(Error::Refused {
                what: what.to_owned(),
                code,
            }),
        }
    }

    /// Sends a write. A missing answer is no verdict: the write may have been done, and reading back tells.
    pub(crate) async fn write(
        &mut self,
        what: &str,
        command: u16,
        payload: Vec<u8>,
        repeat: Repeat,
    ) -> Result<Written, Error> {
        match self.conversation.ask(command, payload, repeat).await {
            Ok(reply) if reply.command == code::ACK_OK => Ok(Written::Acknowledged),
            Ok(reply) => Err(Error::Refused {
                what: what.to_owned(),
                code: reply.command,
            }),
            Err(error @ Error::Timeout { .. }) => Ok(Written::Unanswered(error)),
            Err(error) => Err(error),
        }
    }
}

/// What is known of a write before it is read back.
#[derive(Debug)]
pub(crate) enum Written {
    Acknowledged,
    Unanswered(Error),
}

impl Written {
    pub(crate) fn is_acknowledged(&self) -> bool {
        matches!(self, Self::Acknowledged)
    }

    /// The verdict, now that reading back showed otherwise.
    pub(crate) fn failed(self, what: String) -> Error {
        match self {
            Self::Acknowledged => Error::NotStored { what },
            Self::Unanswered(error) => error,
        }
    }
}
