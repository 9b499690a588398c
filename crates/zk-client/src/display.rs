use zk_wire::code;

use crate::{Error, Session, conversation::Repeat};

/// More than a line of any display.
const LONGEST: usize = 64;

impl Session {
    /// Plays one of the terminal's sounds: 0 thank you, 1 wrong password, 2 access denied, 10 a beep …
    pub async fn play_voice(&mut self, number: u32) -> Result<(), Error> {
        self.command(
            "play a sound",
            code::TEST_VOICE,
            number.to_le_bytes().to_vec(),
            Repeat::Never,
        )
        .await
    }

    /// Shows a text, in the terminal's own encoding, on a line of its display. Terminals with a coloured display say yes
    /// and show nothing.
    pub async fn write_lcd(&mut self, line: i16, text: &[u8]) -> Result<(), Error> {
        if text.len() > LONGEST || text.contains(&0) {
            return Err(Error::Invalid {
                reason: format!("a line of the display takes a text of at most {LONGEST} bytes"),
            });
        }
        let mut payload = line.to_le_bytes().to_vec();
        payload.extend_from_slice(b"\0 ");
        payload.extend_from_slice(text);
        self.command("show a text", code::WRITE_LCD, payload, Repeat::Harmless)
            .await
    }

    /// Clears the display.
    pub async fn clear_lcd(&mut self) -> Result<(), Error> {
        self.command(
            "clear its display",
            code::CLEAR_LCD,
            Vec::new(),
            Repeat::Harmless,
        )
        .await
    }
}
