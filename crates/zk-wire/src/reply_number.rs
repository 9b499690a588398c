/// The number of a request, echoed by all of its replies. Counts 0, 1 … 65534, 0; 65535 is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplyNumber(u16);

impl ReplyNumber {
    /// 65535 becomes 0.
    pub fn new(number: u16) -> Self {
        Self(if number == u16::MAX { 0 } else { number })
    }

    /// As it stands in a packet.
    pub fn get(self) -> u16 {
        self.0
    }

    /// The number of the request after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0.wrapping_add(1))
    }
}
