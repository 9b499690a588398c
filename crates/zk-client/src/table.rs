//! Reads one table through a conversation, piece by piece.

use std::time::Duration;

use tokio::time::Instant;
use zk_wire::{Link, Packet, Progress, Table, TableRead, code};

use crate::{
    Error, Session, Step,
    conversation::{Conversation, Repeat},
    link::Traffic,
};

/// A table on its way. It keeps its place between two calls, also when one is cancelled.
#[derive(Debug)]
pub(crate) struct TableStream {
    read: TableRead,
    next: Next,
    deadline: Instant,
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

/// After this long without a datagram the rest is taken for lost.
const LOST: Duration = Duration::from_secs(1);
/// The same, after the closing word of an answer.
const OVERTAKEN: Duration = Duration::from_millis(200);

impl Session {
    /// Begins to read a table, after freeing one that was left open.
    pub(crate) async fn open_table(&mut self, table: Table) -> Result<TableStream, Error> {
        self.free_table().await?;
        self.table_is_open = true;
        self.conversation.expect(Traffic::Much);
        Ok(TableStream {
            read: TableRead::new(table, self.conversation.kind()),
            next: Next::Ask,
            deadline: Instant::now() + self.conversation.timeouts().table,
        })
    }

    /// Lets the terminal free what it prepared. Whether it says yes does not matter.
    pub(crate) async fn free_table(&mut self) -> Result<(), Error> {
        if self.table_is_open {
            self.conversation.expect(Traffic::Little);
            self.conversation
                .ask(code::FREE_DATA, Vec::new(), Repeat::Harmless)
                .await?;
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
        let mut stream = self.open_table(table).await?;
        let mut whole = Vec::new();
        while let Some(bytes) = stream.next_bytes(&mut self.conversation).await? {
            whole.extend_from_slice(&bytes);
        }
        self.leave_table().await;
        Ok(whole)
    }
}

impl TableStream {
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
                self.read.take(packet)
            }
            None if unanswered.is_some() && preparing => {
                return Err(timed_out(conversation, Step::PrepareTable, waited));
            }
            None if conversation.kind() == Link::Stream => {
                return Err(timed_out(conversation, Step::Table, waited));
            }
            None => self.read.silence(),
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

fn timed_out(conversation: &mut Conversation, step: Step, waited: Duration) -> Error {
    conversation.distrust();
    conversation.timed_out(step, waited)
}
