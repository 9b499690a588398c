//! Receivers, fleets and clocks for tests.
