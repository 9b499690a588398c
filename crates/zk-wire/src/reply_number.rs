/// The number of a request, echoed by all of its replies. Counts 0, 1 … 65534, 0; 65535 is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplyNumber(u16);

impl ReplyNumber {
    pub fn new(number: u16) -> Self {
        Self(if number == u16::MAX { 0 } else { number })
    }

    pub fn get(self) -> u16 {
        self.0
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0.wrapping_add(1))
    }
}
