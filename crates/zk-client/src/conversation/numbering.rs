//! Which reply belongs to the request that was sent last, by its number.

use zk_wire::ReplyNumber;

/// How far a terminal's numbers are off, once that showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Numbering {
    off: u16,
    /// Every number was used before.
    went_round: bool,
}

impl Numbering {
    /// A request goes out under this number.
    pub(super) fn asks(&mut self, number: ReplyNumber) {
        self.went_round |= number == ReplyNumber::default();
    }

    /// Whether a reply to the request of number `asked` carries `told`; `in_order` says that nothing comes but what the
    /// terminal sent on this very connection, each once and in its order.
    ///
    /// A number that no request had yet cannot be that of a late or doubled reply. With one request under way it can only
    /// be the answer to it, from a terminal that counts otherwise; it does so from then on.
    pub(super) fn is_answer(&mut self, told: u16, asked: ReplyNumber, in_order: bool) -> bool {
        let asked = asked.get();
        if told == asked.wrapping_add(self.off) {
            return true;
        }
        if !in_order || self.is_off() || self.went_round || told <= asked {
            return false;
        }
        self.off = told.wrapping_sub(asked);
        tracing::debug!(
            told,
            asked,
            "the terminal counts its replies otherwise; they are taken"
        );
        true
    }

    pub(super) fn is_off(self) -> bool {
        self.off != 0
    }
}

#[cfg(test)]
mod tests;
