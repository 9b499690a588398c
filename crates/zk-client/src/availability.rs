use std::time::Duration;

use zk_wire::code;

use crate::{Error, Session, conversation::Repeat};

impl Session {
    /// People can punch again. Right after connecting too, where an earlier session broke off while the terminal was
    /// disabled.
    pub async fn enable(&mut self) -> Result<(), Error> {
        self.command(
            "be enabled",
            code::ENABLE_DEVICE,
            Vec::new(),
            Repeat::Harmless,
        )
        .await?;
        self.conversation.owe_enabling(false);
        Ok(())
    }

    /// Nobody can punch until [`enable`](Self::enable), but for `time` at most: the terminal ends it by itself then.
    ///
    /// [`close`](Self::close) enables the terminal first, also after errors. A session that is dropped says so where the
    /// socket takes it at once. Some terminals acknowledge this and go on as before.
    pub async fn disable(&mut self, time: Duration) -> Result<(), Error> {
        let secs = time.as_secs() + u64::from(time.subsec_nanos() > 0);
        let secs = match u32::try_from(secs) {
            Ok(0) | Err(_) => {
                return Err(Error::Invalid {
                    reason: "a terminal can be disabled for a second or more".to_owned(),
                });
            }
            Ok(secs) => secs,
        };
        let before = self.conversation.owe_enabling(true);
        let disabled = self
            .command(
                "be disabled",
                code::DISABLE_DEVICE,
                secs.to_le_bytes().to_vec(),
                Repeat::Harmless,
            )
            .await;
        if let Err(Error::Refused { .. }) = &disabled {
            self.conversation.owe_enabling(before);
        }
        disabled
    }
}
