//! An async client for one terminal, TCP and UDP.
