//! The binary `zk-attendance`.
fn main() {}
