//! What ends conversations from inside the terminal.

use tokio_util::sync::CancellationToken;

/// Held by each conversation from its beginning on; conversations that begin later hold another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leash {
    /// Everything closes at once.
    pub(crate) cut: CancellationToken,
    /// Nothing is answered or sent any more, and nothing closes.
    pub(crate) silence: CancellationToken,
}
