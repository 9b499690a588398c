//! The outbox worker and what leaves the machine.
