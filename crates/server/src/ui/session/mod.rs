//! Who looks at the pages: an API key in a cookie, a token in every form, a message that outlives one redirect.

mod cookies;
mod flash;
mod posted;
#[cfg(test)]
mod tests;
mod token;
mod visitor;

pub(super) use cookies::{Cookie, add_cookies, forwarded_https};
pub(super) use flash::{KEPT_IN as FLASH_COOKIE, go_on};
pub(super) use posted::{NoFields, Posted, Unknown};
pub(super) use token::Session;
pub(super) use visitor::{Fragment, Visit, Visitor};
