//! What clients did to a terminal, so that a test can say what they must not do.

/// Counts since the terminal was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// TCP connections that were accepted.
    pub connections: u64,
    /// TCP connections that were turned away because all places were taken.
    pub turned_away: u64,
    /// Sessions opened by `CONNECT`, TCP and UDP.
    pub sessions: u64,
    /// Sessions ended by `EXIT`.
    pub exits: u64,
    /// Sessions that ended in any other way: closed, idle, or cut off by the terminal.
    pub ended_without_exit: u64,
    /// Wrong keys.
    pub refused_keys: u64,
    /// `DISABLEDEVICE` commands.
    pub disables: u64,
    /// `ENABLEDEVICE` commands.
    pub enables: u64,
    /// User tables handed out, prepared or direct.
    pub user_reads: u64,
    /// Attendance tables handed out, prepared or direct.
    pub record_reads: u64,
    /// Bytes of tables sent to clients.
    pub table_bytes: u64,
    /// `GET_FREE_SIZES` commands.
    pub counter_reads: u64,
    /// Users written or deleted.
    pub user_writes: u64,
    /// Templates written or deleted.
    pub template_writes: u64,
    /// Uploads of users and templates that were stored.
    pub uploads: u64,
    /// Tables of templates and single templates handed out.
    pub template_reads: u64,
    /// Tables of operations handed out.
    pub operation_reads: u64,
    /// Clears of the log or of all data.
    pub clears: u64,
    /// `REFRESHDATA` commands.
    pub refreshes: u64,
    /// `UNLOCK` commands; see [`Handle::effects`](crate::Handle::effects).
    pub unlocks: u64,
    /// Sounds played.
    pub voices: u64,
    /// Restarts.
    pub restarts: u64,
    /// Live events sent.
    pub events_sent: u64,
    /// Live events that were acknowledged.
    pub events_acknowledged: u64,
    /// Live events that a client did not get because it had left too many without acknowledgement.
    pub events_withheld: u64,
    /// Packets whose checksum was wrong, dropped without a word.
    pub bad_checksums: u64,
    /// Commands that this terminal does not know.
    pub unknown_commands: u64,
    /// Commands before a session or before the right key.
    pub unauthorised: u64,
}

impl Activity {
    /// Live events sent that were not acknowledged (yet).
    pub fn events_unacknowledged(&self) -> u64 {
        self.events_sent.saturating_sub(self.events_acknowledged)
    }
}
