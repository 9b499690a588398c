//! Who else answers at the port of a terminal, by the first bytes of what they say.

/// A service or a terminal that is none of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookalike {
    /// C3 and inBio panels.
    AccessPanel,
    /// Re-branded desktop terminals.
    Rebranded,
    Http,
    Tls,
    Ssh,
    Echo,
    Unknown,
}

impl Lookalike {
    pub(crate) fn of(first: &[u8]) -> Self {
        match first {
            [0xaa, 0x01, ..] => Self::AccessPanel,
            [0x55, 0xaa, ..] => Self::Rebranded,
            [b'H', b'T', b'T', b'P', ..] => Self::Http,
            // An alert or a handshake, of any version.
            [0x15 | 0x16, 0x03, 0..=4, ..] => Self::Tls,
            [b'S', b'S', b'H', ..] => Self::Ssh,
            _ => Self::Unknown,
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::AccessPanel => "access_panel",
            Self::Rebranded => "rebranded_terminal",
            Self::Http => "http",
            Self::Tls => "tls",
            Self::Ssh => "ssh",
            Self::Echo => "echo",
            Self::Unknown => "unknown_protocol",
        }
    }

    /// What it is, as in "it is …".
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::AccessPanel => {
                "an access-control panel of the C3 or inBio family (its answer begins with aa 01), which speaks a \
                 protocol of its own"
            }
            Self::Rebranded => {
                "a desktop terminal of another maker or under another brand (its answer begins with 55 aa), which \
                 speaks a protocol of its own"
            }
            Self::Http => "a web server (it answers HTTP)",
            Self::Tls => "a service that wants TLS, such as a web server",
            Self::Ssh => "a computer's remote login (SSH)",
            Self::Echo => "a service that sends back whatever it gets",
            Self::Unknown => "something that speaks another protocol",
        }
    }

    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::AccessPanel => {
                "Punches of a panel cannot be read this way. Read the terminals themselves, or let the panel's own \
                 software pass its events on."
            }
            Self::Rebranded => {
                "It cannot be read this way, even if it looks like a ZKTeco. Ask its seller for a model with ZKTeco \
                 firmware (\"standalone SDK\", port 4370)."
            }
            Self::Http | Self::Tls => {
                "Check address and port: terminals answer at 4370. If this is the terminal's own web page, its menu shows \
                 the right port under Comm. > PC Connection (on some: Ethernet, TCP COMM. Port)."
            }
            Self::Ssh | Self::Echo | Self::Unknown => {
                "Check address and port: terminals answer at 4370, and their menu shows both under Comm. > Ethernet."
            }
        }
    }
}
