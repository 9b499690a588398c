use zk_wire::{code, text};

use crate::{Error, Session};

/// What a terminal says of itself; `None` for what it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceInfo {
    /// The serial number: what a terminal is, wherever it is.
    pub serial: Option<String>,
    /// The model.
    pub name: Option<String>,
    /// Whose name is on it.
    pub vendor: Option<String>,
    /// The family of boards, such as `ZMM220_TFT`.
    pub platform: Option<String>,
    /// Version and date, in the terminal's own words.
    pub firmware: Option<String>,
    /// The address of its network card.
    pub mac: Option<String>,
    /// Version of the fingerprint algorithm.
    pub fingerprint: Option<String>,
    /// Version of the face algorithm.
    pub face: Option<String>,
    /// Most characters of a user id.
    pub pin_width: Option<String>,
}

impl Session {
    /// Reads what the terminal says of itself: one short question each.
    pub async fn device_info(&mut self) -> Result<DeviceInfo, Error> {
        Ok(DeviceInfo {
            serial: self.told("~SerialNumber").await?,
            name: self.told("~DeviceName").await?,
            vendor: self.told("~OEMVendor").await?,
            platform: self.told("~Platform").await?,
            firmware: self.firmware().await?,
            mac: self.told("MAC").await?,
            fingerprint: self.told("~ZKFPVersion").await?,
            face: self.told("ZKFaceVersion").await?,
            pin_width: self.told("~PIN2Width").await?,
        })
    }

    async fn told(&mut self, name: &str) -> Result<Option<String>, Error> {
        let value = self.option(name).await?;
        Ok(value
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty()))
    }

    async fn firmware(&mut self) -> Result<Option<String>, Error> {
        let version = self.read(code::GET_VERSION, Vec::new()).await?;
        Ok(version
            .map(|version| text::decode(&version, text::WINDOWS_1252))
            .filter(|version| !version.is_empty()))
    }
}
