use std::sync::Arc;

use zk_wire::{FreeSizes, UserFormat, code, option_request, option_value};

use crate::{
    Error, Tap, Target, connect,
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
    pub(crate) users: KnownUsers,
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

    async fn connect_with(target: &Target, tap: &MaybeTap) -> Result<Self, Error> {
        let conversation = connect::connect(target, tap).await?;
        Ok(Self {
            conversation,
            table_is_open: false,
            users: KnownUsers::default(),
        })
    }

    /// Ends the session: EXIT, a short wait for the answer, and the socket is closed. It never fails, and is right after
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
    pub async fn counters(&mut self) -> Result<Option<FreeSizes>, Error> {
        let counters = self
            .read(code::GET_FREE_SIZES, Vec::new())
            .await?
            .map(FreeSizes::new);
        self.users.counted = counters.as_ref().and_then(FreeSizes::users);
        Ok(counters)
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
    /// The verdict, now that reading back showed otherwise.
    pub(crate) fn failed(self, what: String) -> Error {
        match self {
            Self::Acknowledged => Error::NotStored { what },
            Self::Unanswered(error) => error,
        }
    }
}
