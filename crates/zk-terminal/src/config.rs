//! What kind of terminal this is: identity, key, layouts, the shapes of its answers.

use std::time::Duration;

use zk_wire::{
    CommKey, RowLayout, UserFormat,
    text::{self, CodePage},
};

use crate::live::LiveShape;

/// The make of a terminal, fixed when it starts.
///
/// [`TerminalConfig::default`] is a present-day terminal: users of 72 bytes, punches of 40, no key.
#[derive(Debug, Clone)]
pub struct TerminalConfig {
    /// Option `~SerialNumber`: what identifies a terminal.
    pub serial: String,
    /// Option `~DeviceName`.
    pub name: String,
    /// Answer to `GET_VERSION`.
    pub firmware: String,
    /// Option `~Platform`.
    pub platform: String,
    /// Asked for on each connection; `None` and key 0 mean that nobody is asked.
    pub comm_key: Option<CommKey>,
    /// Row of the user table.
    pub user_format: UserFormat,
    /// How the letters of names are written: a terminal declares no encoding. Letters that it lacks become question marks.
    pub code_page: CodePage,
    /// Row of the attendance table. Rows of 8 bytes carry the slot number only, rows of 16 bytes a number of 32 bits.
    pub record_format: RowLayout,
    /// Punches that fit.
    pub record_capacity: u32,
    /// What becomes of a punch when as many are there as fit.
    pub when_full: WhenFull,
    /// Users that fit; one more is refused.
    pub user_capacity: u32,
    /// Characters of a PIN, option `~PIN2Width`; a longer one is refused. `None`: 9 or 14, by the user format.
    pub pin_width: Option<u8>,
    /// Option `~IsABCPinEnable`.
    pub pin_letters: PinLetters,
    /// Option `~ZKFPVersion`: which algorithm makes templates.
    pub fingerprint_version: String,
    /// Templates that fit; one more is refused.
    pub template_capacity: u16,
    /// Fingers that everybody has enrolled at the start, made up by the seed; 10 at most.
    pub fingers: u8,
    /// The answer to a request for one template.
    pub template_answer: TemplateAnswer,
    /// Which slot number somebody gets who is enrolled at the terminal.
    pub slots: Slots,
    /// How tables are answered.
    pub answers: AnswerShape,
    /// How much the answer to `GET_FREE_SIZES` tells.
    pub counters: CounterShape,
    /// What becomes of a request for a part of a table that does not follow on the part before.
    pub offset_reads: OffsetReads,
    /// How it tells of what happens.
    pub live: LiveShape,
    /// Waiting between the packets of one table. node-zklib and zkteco-js take one packet a socket event and lose
    /// those that arrive together, as they do from no real terminal.
    pub packet_pause: Duration,
    /// The terminal's clock, ahead of (or behind) the true local time.
    pub clock_offset: jiff::SignedDuration,
    /// TCP connections at a time; one more is accepted and closed at once, as by a busy terminal. Eight by default,
    /// because some clients (pyzk) open a second one just to probe; many real terminals have one.
    pub max_connections: usize,
    /// A connection or UDP session that says nothing for so long is ended.
    pub idle_timeout: Duration,
    /// How `RESTART` is answered, and how long the terminal is away after it.
    pub restart: Restart,
    /// Session number of the first connection; the following ones count on.
    pub first_session: u16,
    /// Seed of everything that looks random: who punches next, which datagrams a fault loses.
    pub seed: u64,
    /// A new punch by a random user so often; `None`: only by [`Handle::punch`](crate::Handle::punch).
    pub punch_every: Option<Duration>,
    /// When the first of these punches is made; `None`: after as long as between two. Many terminals in one process do
    /// not all do it at once then.
    pub punch_first: Option<Duration>,
}

impl Default for TerminalConfig {
    fn default() -> Self {
        Self {
            serial: "ZKEMU0000001".to_owned(),
            name: "Virtual Terminal".to_owned(),
            firmware: "Ver 6.60 Apr 26 2016".to_owned(),
            platform: "ZMM220_TFT".to_owned(),
            comm_key: None,
            user_format: UserFormat::B72,
            code_page: text::UTF_8,
            record_format: RowLayout::R40,
            record_capacity: 1_000_000,
            when_full: WhenFull::RollOver,
            user_capacity: 65_535,
            pin_width: None,
            pin_letters: PinLetters::Allowed,
            fingerprint_version: "10".to_owned(),
            template_capacity: 3_000,
            fingers: 0,
            template_answer: TemplateAnswer::Plain,
            slots: Slots::LowestFree,
            answers: AnswerShape::default(),
            counters: CounterShape::B92,
            offset_reads: OffsetReads::Yes,
            live: LiveShape::default(),
            packet_pause: Duration::ZERO,
            clock_offset: jiff::SignedDuration::ZERO,
            max_connections: 8,
            idle_timeout: Duration::from_mins(5),
            restart: Restart::default(),
            first_session: 0x1234,
            seed: 1,
            punch_every: None,
            punch_first: None,
        }
    }
}

/// How a terminal hands out its tables; firmware differs in each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerShape {
    /// Tables up to so many bytes (the leading length included) come at once, in one DATA packet.
    pub inline_limit: usize,
    /// What longer tables get in answer to `PREPARE_BUFFER`.
    pub bulk: BulkShape,
    /// What an empty table gets.
    pub empty: EmptyShape,
    /// How a piece of a prepared table is sent.
    pub chunk: ChunkShape,
    /// Bytes in one DATA packet over TCP: 65,528 by default; 1,008 on old firmware.
    pub tcp_packet: usize,
    /// Bytes in one DATA packet over UDP, 1,024 at most on real terminals.
    pub udp_packet: usize,
}

impl Default for AnswerShape {
    fn default() -> Self {
        Self {
            inline_limit: 1_024,
            bulk: BulkShape::Buffered,
            empty: EmptyShape::Inline,
            chunk: ChunkShape::Prepared,
            tcp_packet: 65_528,
            udp_packet: 1_024,
        }
    }
}

/// The answer to `PREPARE_BUFFER` for a table that does not fit one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkShape {
    /// `ACK_OK` with the size; the client then reads pieces with `READ_BUFFER`.
    Buffered,
    /// `PREPARE_DATA`, the whole table, `ACK_OK`.
    Direct,
    /// This code, as from a terminal in access-control mode (4989); the direct commands still work.
    Refused(u16),
}

/// The answer to `PREPARE_BUFFER` for an empty table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyShape {
    /// A DATA packet with the length 0.
    Inline,
    /// `ACK_OK` that announces four bytes: the length 0, to be read.
    AckOfFour,
    /// `ACK_OK` that announces nothing.
    AckOfZero,
    /// `ACK_OK` without a payload.
    BareAck,
}

/// How one piece of a prepared table is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkShape {
    /// `PREPARE_DATA`, DATA packets, `ACK_OK`.
    Prepared,
    /// One DATA packet, however long, over TCP; over UDP as [`ChunkShape::Prepared`] where it does not fit one.
    Single,
}

/// How much a terminal tells about its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterShape {
    /// 80 bytes: no faces.
    B80,
    /// 92 bytes: most terminals.
    B92,
    /// 112 bytes.
    B112,
    /// One zero of four bytes: counts unknown.
    Unknown,
    /// 92 bytes, with no records whatever the log holds.
    NoRecords,
    /// 92 bytes, with one record more than the log holds.
    OneTooMany,
    /// 92 bytes, with so many records whatever the log holds.
    Records(u32),
    /// 92 bytes that never change, whatever happens: those of the moment when this shape was set.
    Frozen,
}

/// What a full log does with a new punch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// The oldest gives way; the count stays the same.
    RollOver,
    /// It is not stored, and nobody is told of it.
    Refuse,
}

/// Whether a PIN may have letters. In the user format of 28 bytes none can, whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinLetters {
    /// Also other characters than letters and digits.
    Allowed,
    /// Such a PIN is refused.
    Refused,
}

/// What follows a single template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateAnswer {
    /// One byte, whether it is valid.
    Plain,
    /// Six zeros before that byte.
    Padded,
}

/// The slot number of somebody new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// The lowest that is free: one that somebody had who was deleted is used again at once.
    LowestFree,
    /// The one behind the highest in use.
    AfterLast,
}

/// How a terminal answers a request for a part of a prepared table, where the part neither begins the table nor follows on
/// the one that was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetReads {
    /// With that part.
    Yes,
    /// With this code.
    Refused(u16),
    /// With as many bytes from the table's beginning.
    IgnoresOffset,
    /// With half of it.
    ShortAnswer,
}

/// What a restart looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// Whether the command is answered before everything closes: firmware differs.
    pub answer: RestartAnswer,
    /// How long nothing answers afterwards; at least 20 s on real terminals.
    pub away: Duration,
}

impl Default for Restart {
    fn default() -> Self {
        Self {
            answer: RestartAnswer::Acknowledged,
            away: Duration::from_secs(1),
        }
    }
}

/// Whether `RESTART` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartAnswer {
    /// `ACK_OK` first.
    Acknowledged,
    /// The connection just closes.
    Silent,
}
