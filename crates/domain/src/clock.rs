use jiff::Timestamp;

/// Where the time comes from: the system in the program, a hand-turned clock in tests.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}
