//! POST /api/connect: a terminal is opened, recognised, registered or updated, and made the default.

use std::sync::Arc;

use domain::{
    Address, ClockPolicy, LiveMode, StateVerifyOrder, Terminal, TerminalHealth, TerminalId,
    TerminalInfo,
};
use jiff::Timestamp;
use storage::{NewTerminal, StoreError, TerminalChange};
use zk_client::Session;
use zk_wire::FreeSizes;

use super::Line;
use crate::{CommandError, ConnectRequest, Connected, handle::Shared, supervisor::Begin};

impl Line {
    /// A connect to the address of this very terminal, perhaps with another key, timeout or transport.
    pub(super) async fn reconnect(
        &mut self,
        request: ConnectRequest,
    ) -> Result<Connected, CommandError> {
        let before = self.terminal.clone();
        self.terminal.transport = request.transport;
        self.terminal.comm_key = request.comm_key.clone().or(before.comm_key.clone());
        self.terminal.connect_timeout = request.timeout.or(before.connect_timeout);
        let result = self.reconnect_as_asked(&request).await;
        if result.is_err() {
            // Nothing changes by an attempt that failed.
            self.terminal.transport = before.transport;
            self.terminal.comm_key = before.comm_key;
            self.terminal.connect_timeout = before.connect_timeout;
        }
        result
    }

    async fn reconnect_as_asked(
        &mut self,
        request: &ConnectRequest,
    ) -> Result<Connected, CommandError> {
        // With what was asked for, not with what is open.
        self.hang_up().await;
        let mut session = self.shared.open(&self.terminal).await?;
        let found = self.look_around(&mut session).await;
        session.close().await;
        let (users, punches_says) = found?;
        let change = TerminalChange {
            transport: Some(self.terminal.transport),
            comm_key: Some(self.terminal.comm_key.clone()),
            connect_timeout: Some(self.terminal.connect_timeout),
            name: request.name.clone(),
            enabled: Some(true),
            ..TerminalChange::default()
        };
        self.terminal = self
            .shared
            .store
            .update_terminal(self.terminal.id, change, self.shared.clock.now())
            .await?;
        self.shared
            .store
            .set_default_terminal(self.terminal.id)
            .await?;
        self.terminal.is_default = true;
        self.remember_terminal();
        self.went_well();
        Ok(Connected {
            terminal: self.terminal.clone(),
            users,
            punches_says,
            clock_offset_secs: self.status().health.clock_offset_secs,
        })
    }

    async fn look_around(
        &mut self,
        session: &mut Session,
    ) -> Result<(usize, Option<u32>), CommandError> {
        let greeting = self.greet(session).await?;
        self.read_info(session).await?;
        let counters = greeting.counters.as_ref();
        let users = self.read_users_if_it_can(session, counters).await?;
        let users = users.map_or(0, |users| users.rows.len());
        Ok((users, counters.and_then(FreeSizes::records)))
    }
}

impl Shared {
    /// A connect to an address where no terminal is registered: one is, once it answered and said who it is.
    pub(crate) async fn connect_unknown(
        self: &Arc<Self>,
        request: ConnectRequest,
    ) -> Result<Connected, CommandError> {
        // In a task of its own, so that a caller who goes away does not tear the conversation.
        let shared = Arc::clone(self);
        let work = self.tracker.spawn(async move {
            let cancel = shared.cancel.clone();
            tokio::select! {
                result = shared.recognise(request) => result,
                () = super::too_late(&cancel) => Err(CommandError::ShuttingDown),
            }
        });
        work.await.unwrap_or(Err(CommandError::ShuttingDown))
    }

    async fn recognise(
        self: Arc<Self>,
        request: ConnectRequest,
    ) -> Result<Connected, CommandError> {
        let stranger = stranger(&request, self.clock.now());
        let mut session = self.open(&stranger).await?;
        let serial = self.serial_of(&stranger, &mut session).await;
        session.close().await;
        let known = match serial? {
            Some(serial) => self.find_by_identity(&serial).await?,
            None => None,
        };
        let now = self.clock.now();
        let Some(known) = known else {
            return self.register(request, now).await;
        };
        if known.closed_at.is_none() && known.address == request.address {
            // Somebody else connected it a moment ago.
            self.follow(Begin::AfterCommand).await?;
            return self.ask_to_connect(known.id, request).await;
        }
        self.ensure_it_moved(&known).await?;
        let moved = self
            .store
            .readdress_terminal(known.id, &request.address, request.transport, now)
            .await?;
        if known.closed_at.is_none() {
            self.tell_moved(&known, &moved).await?;
        }
        self.follow(Begin::AfterCommand).await?;
        self.ask_to_connect(moved.id, request).await
    }

    async fn register(
        &self,
        request: ConnectRequest,
        now: Timestamp,
    ) -> Result<Connected, CommandError> {
        let new = NewTerminal {
            name: request
                .name
                .clone()
                .unwrap_or_else(|| request.address.host.clone()),
            address: request.address.clone(),
            transport: request.transport,
            comm_key: request.comm_key.clone(),
            zone: None,
            interval: None,
            connect_timeout: request.timeout,
            enabled: true,
            live: LiveMode::default(),
            clock_policy: ClockPolicy::default(),
            code_page: None,
            order16: StateVerifyOrder::default(),
        };
        let id = match self.store.register_terminal(new, now).await {
            Ok(terminal) => terminal.id,
            Err(StoreError::Conflict(message)) => {
                let there = self.open_at(&request.address).await?;
                let id = there.ok_or(StoreError::Conflict(message))?;
                self.follow(Begin::AfterCommand).await?;
                return self.ask_to_connect(id, request).await;
            }
            Err(error) => return Err(error.into()),
        };
        self.follow(Begin::AfterCommand).await?;
        let result = self.ask_to_connect(id, request).await;
        if matches!(&result, Err(error) if !matches!(error, CommandError::ShuttingDown)) {
            // It answered a moment ago and does not now: nothing changes.
            self.store.close_terminal(id, self.clock.now()).await?;
            self.reload();
        }
        result
    }

    /// Who is registered at an address by now: two connects to it may be under way at once.
    async fn open_at(&self, address: &Address) -> Result<Option<TerminalId>, CommandError> {
        let terminals = self.store.terminals().await?;
        let there = terminals
            .into_iter()
            .find(|known| known.closed_at.is_none() && known.address == *address);
        Ok(there.map(|known| known.id))
    }
}

/// A terminal of which only the address is known.
fn stranger(request: &ConnectRequest, now: Timestamp) -> Terminal {
    Terminal {
        id: TerminalId(0),
        identity: None,
        serial: None,
        name: request.address.host.clone(),
        address: request.address.clone(),
        transport: request.transport,
        comm_key: request.comm_key.clone(),
        zone: None,
        interval: None,
        connect_timeout: request.timeout,
        enabled: true,
        site: None,
        live: LiveMode::default(),
        clock_policy: ClockPolicy::default(),
        code_page: None,
        order16: StateVerifyOrder::default(),
        is_default: false,
        registered_at: now,
        closed_at: None,
        replaced_by: None,
        info: TerminalInfo::default(),
        health: TerminalHealth::default(),
    }
}
