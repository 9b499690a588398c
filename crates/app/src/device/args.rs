use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};

use crate::seconds;

#[derive(Args)]
pub(crate) struct DeviceArgs {
    #[command(flatten)]
    pub(super) server: ServerArgs,
    #[command(subcommand)]
    pub(super) command: DeviceCommand,
}

/// Which server, and as whom.
#[derive(Args)]
pub(super) struct ServerArgs {
    /// Where the server is [default: where its settings say that it listens]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) server: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "File with an API key in it [env: ZK_ATTENDANCE_API_KEY holds the key itself]"
    )]
    pub(super) api_key_file: Option<PathBuf>,
    /// Prints the server's data as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help = "Data folder of the server, for its settings [env: ZK_ATTENDANCE_DATA_DIR] [default: \
                ./zk-attendance-data]"
    )]
    pub(super) data_dir: Option<PathBuf>,
    /// Settings file of the server, for its address
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum DeviceCommand {
    /// Lists the terminals
    List,
    /// Opens the door
    Unlock {
        #[command(flatten)]
        which: Which,
        /// How long
        #[arg(long, value_name = "SECONDS", value_parser = seconds::parse, default_value = "5")]
        seconds: Duration,
    },
    /// Restarts the terminal; it is away for half a minute or more
    Restart(Which),
    /// Plays one of its sounds
    Voice {
        #[command(flatten)]
        which: Which,
        /// 0 thank you, 10 a beep; others differ from model to model
        #[arg(value_name = "NUMBER", default_value_t = 0)]
        number: u32,
    },
    /// Shows a text on its display, or clears that
    Lcd {
        #[command(flatten)]
        which: Which,
        #[arg(value_name = "TEXT", required_unless_present = "clear")]
        text: Option<String>,
        /// 0 is the first
        #[arg(long, value_name = "N", default_value_t = 1)]
        line: u16,
        #[arg(long, conflicts_with = "text")]
        clear: bool,
    },
    /// Says how far its clock is off, or sets it
    Clock {
        #[command(flatten)]
        which: Which,
        #[arg(long)]
        set: bool,
    },
    /// Asks what it is doing
    State(Which),
    /// Lets people punch again, should other software have left it disabled
    Enable(Which),
    /// Reads its whole log now, and says how the numbers add up
    Read(Which),
    /// Clears its log, once all of it is known to be stored
    Clear {
        #[command(flatten)]
        which: Which,
        /// Its serial number, so that no other log is cleared
        #[arg(long, value_name = "NUMBER")]
        serial: String,
    },
    /// Lists of whom there are fingerprints, or reads them from the terminal first
    Templates {
        #[command(flatten)]
        which: Which,
        /// Of one user only
        #[arg(long, value_name = "ID")]
        user: Option<String>,
        /// Reads them from the terminal and keeps them, sealed
        #[arg(long)]
        read: bool,
    },
    /// Copies people with their fingerprints to another terminal
    Copy {
        /// Id, serial number or address of the terminal that has them
        from: String,
        /// The same of the other one
        to: String,
        /// User ids, with commas between
        #[arg(
            long,
            value_name = "IDS",
            value_delimiter = ',',
            required_unless_present = "all"
        )]
        users: Vec<String>,
        /// Everybody
        #[arg(long, conflicts_with = "users")]
        all: bool,
        /// Only says what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Lists the reads of its whole log, and whether they added up
    Reconcile(Which),
    /// Lists rows of its log that cannot be read, or decodes them again
    Unreadable {
        #[command(flatten)]
        which: Which,
        #[arg(long)]
        reread: bool,
    },
    /// Reads its own log of what was done at it
    Operations {
        #[command(flatten)]
        which: Which,
        /// Most of them, the newest
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Finds out what is wrong with it; the server steps aside meanwhile
    Doctor(Which),
    /// Lists punches that wait because their time cannot be right
    Held {
        #[command(flatten)]
        filter: Filter,
        /// Shows what their times would be, moved by so many seconds
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        shift_seconds: Option<i64>,
    },
    /// Lets such punches go
    Release {
        #[command(flatten)]
        filter: Filter,
        /// Moves their times by so many seconds
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        shift_seconds: Option<i64>,
        /// Kept with the punches
        #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
        reason: Option<String>,
        /// Only says how many it would be
        #[arg(long)]
        dry_run: bool,
    },
}

/// Which terminal.
#[derive(Args)]
pub(super) struct Which {
    /// Id, serial number or address, as `device list` shows them
    #[arg(value_name = "TERMINAL")]
    pub(super) id: String,
}

/// Which held punches; all where nothing is said.
#[derive(Args)]
pub(super) struct Filter {
    /// Id, serial number or address of one terminal
    #[arg(long, value_name = "TERMINAL")]
    pub(super) device: Option<String>,
    /// User ids, with commas between
    #[arg(long, value_name = "IDS")]
    pub(super) users: Option<String>,
    /// From this date or time on, as the terminal gave it
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<String>,
    /// Up to this one, included
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<String>,
}
