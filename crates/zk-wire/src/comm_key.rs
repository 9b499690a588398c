use std::fmt;

/// The communication key ("password") of a terminal; its menu takes 0 to 999999. `Debug` masks it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CommKey(u32);

/// What every client sends as its ticks; the terminal reads them back from the answer.
pub const TICKS: u8 = 50;

impl CommKey {
    /// Any number is a key for the wire, also those that no menu takes.
    pub const fn new(key: u32) -> Self {
        Self(key)
    }

    /// The number itself: a secret.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The four bytes that AUTH carries for this key in this session. Anybody on the network can reverse them.
    pub fn scramble(self, session: u16, ticks: u8) -> [u8; 4] {
        let [b0, b1, b2, b3] = self
            .0
            .reverse_bits()
            .wrapping_add(u32::from(session))
            .to_le_bytes();
        // b0 is lost: the ticks take its place.
        let _ = b0;
        [
            b2 ^ b'S' ^ ticks,
            b3 ^ b'O' ^ ticks,
            ticks,
            b1 ^ b'K' ^ ticks,
        ]
    }

    /// Whether an AUTH payload proves this key, whatever its ticks.
    pub fn accepts(self, session: u16, answer: [u8; 4]) -> bool {
        let [_, _, ticks, _] = answer;
        self.scramble(session, ticks) == answer
    }
}

impl fmt::Debug for CommKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommKey(***)")
    }
}
