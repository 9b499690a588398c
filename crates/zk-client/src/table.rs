//! Reads one table through a conversation, piece by piece.

use std::time::Duration;

use tokio::time::Instant;
use zk_wire::{
    Link, Packet, PreparedTable, Progress, Table, TableError, TableRead, code, option_request,
    option_value,
    quirks::{self, Act},
    text,
};

use crate::{
    Error, Session, Step,
    conversation::{Conversation, Repeat},
    link::Traffic,
    session::Directly,
};

/// A table on its way. It keeps its place between two calls, also when one is cancelled.
#[derive(Debug)]
pub(crate) struct TableStream {
    read: TableRead,
    next: Next,
    deadline: Instant,
    /// What the terminal answers to the bare command.
    directly: Directly,
    /// The last code that it answered.
    answered: u16,
    /// Where in a prepared table the part begins that is read, its length included.
    part: Option<usize>,
}

#[derive(Debug)]
enum Next {
    Ask,
    /// Replies to the request that was sent last; `None` once one came.
    Wait {
        unanswered: Option<Packet>,
        briefly: bool,
    },
    Done,
}

/// A terminal that answers to the freeing of a table does so at once.
const FREEING: Duration = Duration::from_secs(1);
/// The same, where one freeing was left unanswered.
const FREEING_IN_SILENCE: Duration = Duration::from_millis(100);
/// After this long without a datagram the rest is taken for lost.
const LOST: Duration = Duration::from_secs(1);
/// The same, after the closing word of an answer.
const OVERTAKEN: Duration = Duration::from_millis(200);

impl Session {
    /// Begins to read a table, after freeing one that was left open.
    pub(crate) async fn open_table(&mut self, read: TableRead) -> Result<TableStream, Error> {
        self.free_table().await?;
        self.table_is_open = true;
        self.preparation += 1;
        self.conversation.expect(Traffic::Much);
        Ok(TableStream {
            directly: self.ways.directly,
            ..TableStream::new(read, &self.conversation)
        })
    }

    /// Lets the terminal free what it prepared. Whether it says yes, or anything, does not matter.
    pub(crate) async fn free_table(&mut self) -> Result<(), Error> {
        if self.table_is_open {
            self.conversation.expect(Traffic::Little);
            let patience = if self.ways.freeing_goes_unanswered {
                FREEING_IN_SILENCE
            } else {
                FREEING
            };
            let waited = patience.min(self.conversation.timeouts().brief);
            let reply = self
                .conversation
                .ask_within(waited, code::FREE_DATA, Vec::new(), Repeat::Harmless)
                .await?;
            self.ways.freeing_goes_unanswered = reply.is_none();
            self.table_is_open = false;
        }
        Ok(())
    }

    /// As [`free_table`](Self::free_table), for a table that was read whole: nothing that happens now makes it less so.
    /// A connection that broke shows at the next request.
    pub(crate) async fn leave_table(&mut self) {
        if let Err(error) = self.free_table().await {
            tracing::debug!("the table that was read is not known to be freed: {error}");
            self.table_is_open = false;
        }
    }

    /// A whole table without its length.
    pub(crate) async fn read_table(&mut self, table: Table) -> Result<Vec<u8>, Error> {
        let read = TableRead::new(table, self.conversation.kind());
        let mut stream = self.open_table(read).await?;
        let whole = stream.rest(&mut self.conversation).await?;
        self.leave_table().await;
        Ok(whole)
    }
}

impl TableStream {
    pub(crate) fn new(read: TableRead, conversation: &Conversation) -> Self {
        Self {
            read,
            next: Next::Ask,
            deadline: Instant::now() + conversation.timeouts().table,
            directly: Directly::Unknown,
            answered: code::ACK_ERROR,
            part: None,
        }
    }

    /// Reads a part of a prepared table that begins at this byte of it, its length included.
    pub(crate) fn of_part(read: TableRead, offset: usize, conversation: &Conversation) -> Self {
        Self {
            part: Some(offset),
            ..Self::new(read, conversation)
        }
    }

    /// What parts can be read of, where the read was begun for that.
    pub(crate) fn prepared(&self) -> Option<PreparedTable> {
        self.read.prepared()
    }

    /// Passes on what was learned of the terminal's ways.
    pub(crate) fn teach(&self, table: &mut PreparedTable) {
        table.learn(&self.read);
    }

    /// All bytes of the rows that did not come out yet.
    pub(crate) async fn rest(&mut self, conversation: &mut Conversation) -> Result<Vec<u8>, Error> {
        let mut rest = Vec::new();
        while let Some(bytes) = self.next_bytes(conversation).await? {
            if rest.is_empty() {
                rest = bytes;
            } else {
                rest.extend_from_slice(&bytes);
            }
        }
        Ok(rest)
    }

    /// Bytes of all rows, known before the first of them.
    pub(crate) fn declared(&self) -> Option<usize> {
        self.read.declared()
    }

    /// The next bytes of the rows, in order; `None` at the end. The terminal is asked for the next piece before the
    /// present one is handed out, so that it works while the caller does.
    pub(crate) async fn next_bytes(
        &mut self,
        conversation: &mut Conversation,
    ) -> Result<Option<Vec<u8>>, Error> {
        loop {
            if let Next::Ask = self.next {
                if self.read.request().command == code::ATTENDANCE_READ
                    && self.is_garbage_directly(conversation).await?
                {
                    // As if it were refused, which goes the other way where there is one.
                    let refusal = refusal(self.answered);
                    let otherwise = self.read.take(refusal);
                    otherwise.map_err(|error| Error::of_table(conversation.address(), &error))?;
                    continue;
                }
                let packet = conversation.send(self.read.request()).await?;
                self.next = Next::Wait {
                    unanswered: Some(packet),
                    briefly: false,
                };
            }
            let bytes = self.read.take_bytes();
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
            if let Next::Done = self.next {
                return Ok(None);
            }
            if Instant::now() >= self.deadline {
                let table_time = conversation.timeouts().table;
                return Err(timed_out(conversation, Step::Table, table_time));
            }
            self.advance(conversation).await?;
        }
    }

    pub(crate) fn directly(&self) -> Directly {
        self.directly
    }

    /// Whether the terminal hands out something else than its log to the bare command. It is asked what it is where that
    /// is not known yet: most prepare their log and need not be.
    async fn is_garbage_directly(
        &mut self,
        conversation: &mut Conversation,
    ) -> Result<bool, Error> {
        if self.directly == Directly::Unknown {
            let (mut model, mut firmware) = (String::new(), String::new());
            for name in ["~DeviceName", "~Platform"] {
                if let Some(value) =
                    tell(conversation, code::OPTIONS_READ, option_request(name)).await?
                {
                    model.push_str(&option_value(&value));
                    model.push(' ');
                }
            }
            if let Some(version) = tell(conversation, code::GET_VERSION, Vec::new()).await? {
                firmware = text::decode(&version, text::WINDOWS_1252);
            }
            let is_garbage = quirks::must(&model, &firmware, Act::NoDirectRead);
            self.directly = if is_garbage {
                Directly::Garbage
            } else {
                Directly::Log
            };
        }
        Ok(self.directly == Directly::Garbage)
    }

    /// Waits for one packet, or for it to be missing.
    async fn advance(&mut self, conversation: &mut Conversation) -> Result<(), Error> {
        let Next::Wait {
            unanswered,
            briefly,
        } = &mut self.next
        else {
            return Ok(());
        };
        let (timeouts, preparing) = (conversation.timeouts(), self.read.is_preparing());
        let waited = match (&unanswered, conversation.kind()) {
            (Some(_), _) if preparing => timeouts.prepare,
            (Some(_), _) | (None, Link::Stream) => timeouts.reply,
            (None, Link::Datagram) if *briefly => OVERTAKEN,
            (None, Link::Datagram) => LOST.min(timeouts.reply / 8),
        };
        let packet = match unanswered {
            Some(request) => conversation.answer(request, waited, preparing).await?,
            None => conversation.more(waited).await?,
        };
        let progress = match packet {
            Some(packet) => {
                *unanswered = None;
                self.answered = packet.command;
                self.read.take(packet)
            }
            None if unanswered.is_some() && preparing => {
                return Err(timed_out(conversation, Step::PrepareTable, waited));
            }
            None if unanswered.is_some()
                && let Some(offset) = self.part =>
            {
                return Err(silent_about(conversation, offset).await);
            }
            None => match (self.read.silence(), conversation.kind()) {
                (Err(offset @ TableError::Offset { .. }), _) => Err(offset),
                (_, Link::Stream) => return Err(timed_out(conversation, Step::Table, waited)),
                (progress, Link::Datagram) => progress,
            },
        };
        match progress {
            Ok(Progress::Wait) => {}
            Ok(Progress::WaitBriefly) => {
                self.next = Next::Wait {
                    unanswered: None,
                    briefly: true,
                }
            }
            Ok(Progress::Ask) => self.next = Next::Ask,
            Ok(Progress::Done) => self.next = Next::Done,
            Err(error) => {
                let error = Error::of_table(conversation.address(), &error);
                if !error.is_about_the_request() {
                    conversation.distrust();
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

/// What a terminal says of itself, if it does.
async fn tell(
    conversation: &mut Conversation,
    command: u16,
    payload: Vec<u8>,
) -> Result<Option<Vec<u8>>, Error> {
    let reply = conversation
        .ask_briefly(command, payload, Repeat::Harmless)
        .await?;
    Ok(reply
        .filter(|reply| reply.command == code::ACK_OK)
        .map(|reply| reply.payload))
}

fn refusal(code: u16) -> Packet {
    Packet {
        command: code,
        session: 0,
        reply: 0,
        payload: Vec::new(),
    }
}

/// No word came to a request for a part: the terminal is silent about parts, or altogether.
async fn silent_about(conversation: &mut Conversation, offset: usize) -> Error {
    let alive = conversation
        .ask(code::GET_TIME, Vec::new(), Repeat::Harmless)
        .await;
    match alive {
        Ok(_) => Error::OffsetRefused {
            address: conversation.address().to_owned(),
            offset,
            reason: "it leaves the request unanswered".to_owned(),
        },
        Err(error) => error,
    }
}

fn timed_out(conversation: &mut Conversation, step: Step, waited: Duration) -> Error {
    conversation.distrust();
    conversation.timed_out(step, waited)
}
