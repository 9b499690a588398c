//! The terminal's options: `name=value`, in ASCII.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use zk_wire::UserFormat;

use crate::config::{PinLetters, TerminalConfig};

/// More than terminals have, and little enough that a client cannot fill the memory.
const MOST: usize = 512;
const LONGEST: usize = 256;
/// What a terminal *is* does not change.
const FIXED: &str = "~SerialNumber";

/// Options of one terminal.
#[derive(Debug)]
pub(crate) struct Options(BTreeMap<String, String>);

impl Options {
    pub(crate) fn new(config: &TerminalConfig, address: SocketAddr) -> Self {
        let port = address.port().to_string();
        let textual = match config.user_format {
            UserFormat::B28 => "0",
            UserFormat::B72 => "1",
        };
        let letters = match config.pin_letters {
            PinLetters::Allowed => textual,
            PinLetters::Refused => "0",
        };
        let width = pin_width(config).to_string();
        let options: &[(&str, &str)] = &[
            (FIXED, &config.serial),
            ("~DeviceName", &config.name),
            ("~Platform", &config.platform),
            ("~OS", "1"),
            ("~OEMVendor", "ZKTECO CO., LTD."),
            ("~ProductTime", "2016-04-26 10:00:00"),
            ("~ZKFPVersion", &config.fingerprint_version),
            ("ZKFaceVersion", "7"),
            ("FaceFunOn", "0"),
            ("FingerFunOn", "1"),
            ("~IsOnlyRFMachine", "0"),
            ("~RFCardOn", "1"),
            ("~PIN2Width", &width),
            ("~IsABCPinEnable", letters),
            ("IsSupportABCPin", letters),
            ("~ExtendFmt", "0"),
            ("~UserExtFmt", "0"),
            ("ExtendOPLog", "0"),
            ("CompatOldFirmware", "0"),
            ("WorkCode", "0"),
            ("~SSR", textual),
            ("Language", "69"),
            ("NewLng", "69"),
            ("DeviceID", "1"),
            ("MAC", &hardware_address(&config.serial)),
            ("IPAddress", &told_address(address.ip())),
            ("NetMask", "255.255.255.0"),
            ("GATEIPAddress", "0.0.0.0"),
            ("TCPPort", &port),
            ("UDPPort", &port),
            ("LockOn", "5"),
            ("TOState", "30"),
            ("TOMenu", "60"),
            ("AlarmAttLog", "99"),
            ("AlarmReRec", "0"),
            ("DtFmt", "9"),
            ("~ShowState", "1"),
        ];
        Self(
            options
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    pub(crate) fn serial(&self) -> &str {
        self.0.get(FIXED).map_or("", String::as_str)
    }

    /// Another terminal stands there from now on.
    pub(crate) fn set_serial(&mut self, serial: &str) {
        self.0.insert(FIXED.to_owned(), serial.to_owned());
        self.0.insert("MAC".to_owned(), hardware_address(serial));
    }

    /// The answer to a request for an option; `None` where there is none of that name.
    pub(crate) fn answer(&self, payload: &[u8]) -> Option<Vec<u8>> {
        let name = text(payload)?;
        let value = self.0.get(name)?;
        let mut answer = format!("{name}={value}").into_bytes();
        answer.push(0);
        Some(answer)
    }

    /// Takes `name=value`; `false` where that is not allowed or not understood.
    pub(crate) fn write(&mut self, payload: &[u8]) -> bool {
        let Some((name, value)) = text(payload).and_then(|text| text.split_once('=')) else {
            return false;
        };
        let known = self.0.contains_key(name);
        let allowed = name != FIXED && !name.is_empty() && name.len() + value.len() <= LONGEST;
        if !allowed || (!known && self.0.len() >= MOST) {
            return false;
        }
        self.0.insert(name.to_owned(), value.to_owned());
        true
    }
}

/// Digits of a PIN as the terminal tells them; its field may be wider.
pub(crate) fn pin_width(config: &TerminalConfig) -> u8 {
    config.pin_width.unwrap_or(match config.user_format {
        UserFormat::B28 => 9,
        UserFormat::B72 => 14,
    })
}

/// Up to the first NUL, which some clients leave out.
fn text(payload: &[u8]) -> Option<&str> {
    let text = payload.split(|byte| *byte == 0).next()?;
    std::str::from_utf8(text).ok()
}

fn told_address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        // These terminals have no notion of it.
        IpAddr::V6(_) => "0.0.0.0".to_owned(),
    }
}

/// Under the vendor's own prefix, and its own for each serial number.
fn hardware_address(serial: &str) -> String {
    let hash = serial.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let [a, b, c, _] = hash.to_le_bytes();
    format!("00:17:61:{a:02x}:{b:02x}:{c:02x}")
}
