//! Receivers as they are out there.

use super::{Reply, Request};

/// Answers `status` to every request that holds a record of this person, and takes the others.
pub fn poison(pin: &str, status: u16) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let pin = pin.to_owned();
    move |request| {
        if request.pins().contains(&pin) {
            Reply::status(status)
        } else {
            Reply::ok()
        }
    }
}

/// Takes bare records only.
pub fn single_records_only(request: &Request) -> Reply {
    if request.is_bare() {
        Reply::ok()
    } else {
        Reply::json(422, r#"{"message":"one record, please"}"#)
    }
}

/// Takes at most so many records at once.
pub fn at_most(count: usize) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| {
        if request.records().len() > count {
            Reply::status(413)
        } else {
            Reply::ok()
        }
    }
}

/// Answers everything with this status.
pub fn always(status: u16) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |_| Reply::status(status)
}
