//! Which terminal is read when, and what is new in it.
