//! Who calls, and whether they may.

mod caller;
mod credentials;
mod key;
mod role;

#[cfg(test)]
mod tests;

pub(crate) use caller::{Caller, caller_of};
pub(crate) use credentials::{COOKIE, cookie};
pub use key::ApiKeyText;
pub(crate) use role::{Admin, Operator, Viewer};
