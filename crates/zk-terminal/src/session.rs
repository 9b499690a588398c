//! One client's session: who may say what, and in which order.

use std::sync::Arc;

use tokio::sync::broadcast;
use zk_wire::{Link, Packet, code};

use crate::{
    commands,
    faults::{Busy, Silence},
    frame,
    live::{Event, EventsBegin, Listeners, Registration},
    reply::{Answer, Reply, Then},
    rope::Rope,
    shared::Shared,
    transmission::{self, Progress, Step},
    upload::Upload,
};

/// A session from `CONNECT` to its end; it exists from the connection on.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) link: Link,
    stage: Stage,
    /// Counts the conversations of this terminal.
    conversation: u64,
    /// Kinds of events that the client wants.
    wanted: u32,
    /// `ENABLEDEVICE` was the last word on people's punching here.
    enabled: bool,
    /// Events that were sent and not acknowledged.
    unacknowledged: u32,
    events: broadcast::Receiver<Event>,
    /// The prepared table, as it was when it was prepared.
    pub(crate) prepared: Option<Rope>,
    /// Where the part of it ends that was read last.
    pub(crate) read_to: usize,
    /// What the client uploads.
    pub(crate) upload: Option<Upload>,
    progress: Progress,
    /// UDP: the last request and its answer, for a client that did not get it.
    last: Option<(Packet, Vec<Reply>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before `CONNECT`.
    New,
    /// The key is missing.
    Locked(u16),
    Open(u16),
    /// After `EXIT`.
    Ended,
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>, link: Link) -> Self {
        let conversation = shared.state().new_conversation();
        Self {
            link,
            stage: Stage::New,
            conversation,
            wanted: 0,
            enabled: false,
            unacknowledged: 0,
            events: shared.events(),
            prepared: None,
            read_to: 0,
            upload: None,
            progress: Progress::default(),
            last: None,
            shared,
        }
    }

    /// What to send for a client's packet, step by step, and what to do then.
    pub(crate) fn take(&mut self, packet: Packet) -> (Vec<Step>, Then) {
        let command = packet.command;
        let bytes = frame::prefix(self.link) + Packet::HEADER + packet.payload.len();
        let mut state = self.shared.state();
        state.traffic.received(command, bytes);
        let silence = state.faults.silence;
        drop(state);
        if silence == Silence::Everything {
            return (Vec::new(), Then::Continue);
        }
        if let Some((request, replies)) = &self.last
            && *request == packet
        {
            let again = Answer {
                packets: replies.clone(),
                ..Answer::default()
            };
            return self.steps(command, again);
        }
        let answer = self.answer(&packet);
        self.last = match (self.link, answer.packets.as_slice()) {
            // A repeated request is answered again, but not done again. Only short answers are kept.
            (Link::Datagram, [reply]) if reply.payload.len() <= 64 => {
                Some((packet, answer.packets.clone()))
            }
            _ => None,
        };
        self.steps(command, answer)
    }

    /// Events of these kinds that happen from now on are for this client; the code is the answer.
    pub(crate) fn register(&mut self, kinds: u32) -> u16 {
        let mut state = self.shared.state();
        let live = state.live;
        if let Registration::Refused(refusal) = live.registration {
            return refusal;
        }
        if live.listeners == Listeners::First
            && kinds != 0
            && state
                .listener
                .is_some_and(|first| first != self.conversation)
        {
            return code::ACK_ERROR;
        }
        if kinds != 0 {
            state.listener = Some(self.conversation);
        } else if state.listener == Some(self.conversation) {
            state.listener = None;
        }
        drop(state);
        self.wanted = kinds;
        self.unacknowledged = 0;
        self.events = self.shared.events();
        code::ACK_OK
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.wanted != 0
    }

    /// The next event that is for this client. It does not end while the terminal runs.
    pub(crate) async fn event(&mut self) -> Event {
        loop {
            match self.events.recv().await {
                Ok(event) if self.hears_of(&event) => return event,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    fn hears_of(&self, event: &Event) -> bool {
        if self.wanted & u32::from(event.kind) == 0 {
            return false;
        }
        let mut state = self.shared.state();
        match state.faults.silence {
            Silence::Never => {}
            Silence::Events | Silence::Everything => return false,
        }
        let live = state.live;
        let chosen = match live.listeners {
            Listeners::Everybody => true,
            Listeners::Newest | Listeners::First => state.listener == Some(self.conversation),
        };
        let begun = match live.begins {
            EventsBegin::AtOnce => true,
            EventsBegin::WhenEnabled => self.enabled,
        };
        if !chosen || !begun {
            return false;
        }
        let patient = live
            .unacknowledged
            .is_none_or(|most| self.unacknowledged < most);
        state.activity.events_withheld += u64::from(!patient);
        patient
    }

    pub(crate) fn tell(&mut self, event: Event) -> Vec<Step> {
        self.shared.state().activity.events_sent += 1;
        self.unacknowledged = self.unacknowledged.saturating_add(1);
        let packet = Answer::of(Reply::event(event));
        self.steps(code::REG_EVENT, packet).0
    }

    /// For the answer to `command`.
    fn steps(&mut self, command: u16, answer: Answer) -> (Vec<Step>, Then) {
        let then = answer.then;
        let steps = transmission::plan(&self.shared, self.link, &mut self.progress, answer);
        let mut state = self.shared.state();
        for step in &steps {
            let (packets, bytes) = step.size(self.link);
            state.traffic.sent(command, packets, bytes);
        }
        drop(state);
        (steps, then)
    }

    fn answer(&mut self, packet: &Packet) -> Answer {
        if packet.command == code::CONNECT {
            return self.connect(packet);
        }
        let id = match self.stage {
            Stage::Locked(id) | Stage::Open(id) if id == packet.session => id,
            Stage::New | Stage::Locked(_) | Stage::Open(_) | Stage::Ended => {
                return self.unauthorised(packet);
            }
        };
        match packet.command {
            code::EXIT => {
                self.end();
                Answer::of(Reply::bare(code::ACK_OK, id, packet.reply)).then(Then::Close)
            }
            code::AUTH => self.unlock(id, packet),
            _ if self.stage == Stage::Locked(id) => self.unauthorised(packet),
            code::ACK_OK => {
                self.shared.state().activity.events_acknowledged += 1;
                self.unacknowledged = self.unacknowledged.saturating_sub(1);
                Answer::nothing()
            }
            _ => {
                let refusal = self.shared.state().faults.refusal;
                if let Some(refusal) = refusal.filter(|refusal| refusal.command == packet.command) {
                    return Answer::of(Reply::bare(refusal.code, id, packet.reply));
                }
                match packet.command {
                    code::ENABLE_DEVICE => self.enabled = true,
                    code::DISABLE_DEVICE => self.enabled = false,
                    _ => {}
                }
                commands::answer(self, id, packet)
            }
        }
    }

    /// On a connection that has a session, the session keeps its number and begins anew.
    fn connect(&mut self, packet: &Packet) -> Answer {
        let busy = self.shared.state().faults.busy;
        if busy == Busy::Refuses {
            return Answer::of(Reply::bare(code::ACK_ERROR, 0, packet.reply));
        }
        let id = match self.stage {
            Stage::Locked(id) | Stage::Open(id) => id,
            Stage::New | Stage::Ended => self.shared.state().open_session(),
        };
        self.hear_no_more();
        self.enabled = false;
        self.prepared = None;
        self.upload = None;
        let needs_key = self
            .shared
            .config
            .comm_key
            .is_some_and(|key| key.get() != 0);
        let (stage, command) = if needs_key || busy == Busy::NeverUnlocks {
            (Stage::Locked(id), code::ACK_UNAUTH)
        } else {
            (Stage::Open(id), code::ACK_OK)
        };
        self.stage = stage;
        Answer::of(Reply::bare(command, id, packet.reply))
    }

    fn unlock(&mut self, id: u16, packet: &Packet) -> Answer {
        let accepted = match self.shared.config.comm_key {
            Some(key) if key.get() != 0 => packet
                .payload
                .first_chunk()
                .is_some_and(|answer| key.accepts(id, *answer)),
            _ => true,
        };
        let takes_keys = self.shared.state().faults.busy != Busy::NeverUnlocks;
        if accepted && takes_keys {
            self.stage = Stage::Open(id);
            return Answer::of(Reply::bare(code::ACK_OK, id, packet.reply));
        }
        self.shared.state().activity.refused_keys += 1;
        Answer::of(Reply::bare(code::ACK_UNAUTH, id, packet.reply))
    }

    fn unauthorised(&self, packet: &Packet) -> Answer {
        self.shared.state().activity.unauthorised += 1;
        refusal(packet)
    }

    /// Its place as the listener is free.
    pub(crate) fn hear_no_more(&mut self) {
        self.wanted = 0;
        let mut state = self.shared.state();
        if state.listener == Some(self.conversation) {
            state.listener = None;
        }
    }

    fn end(&mut self) {
        self.stage = Stage::Ended;
        self.hear_no_more();
        self.prepared = None;
        self.upload = None;
        self.shared.state().activity.exits += 1;
    }
}

/// The answer to a command that needs a session, or the key, first.
pub(crate) fn refusal(packet: &Packet) -> Answer {
    Answer::of(Reply::bare(code::ACK_UNAUTH, packet.session, packet.reply))
}

impl Drop for Session {
    fn drop(&mut self) {
        self.hear_no_more();
        match self.stage {
            Stage::Locked(_) | Stage::Open(_) => {
                self.shared.state().activity.ended_without_exit += 1;
            }
            Stage::New | Stage::Ended => {}
        }
    }
}
