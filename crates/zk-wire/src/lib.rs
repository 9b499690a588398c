//! The port-4370 protocol without I/O.
