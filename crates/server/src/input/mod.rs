//! Reads what callers send into types that cannot be wrong. Every message names the field.

mod body;
mod care;
mod device;
mod page;
mod path;
mod people;
mod punches;
mod query;
mod scalar;

#[cfg(test)]
mod tests;

pub(crate) use body::{Body, BodyOfTwo, BodyWithRest, File, Known, must_be_known, present};
pub(crate) use care::{clock_policy, code_page, live, order16};
pub(crate) use device::{DeviceQuery, comm_key, transport};
pub(crate) use page::PageQuery;
pub(crate) use path::{Segment, Segments, row_id};
pub(crate) use people::People;
pub(crate) use punches::PunchQuery;
pub(crate) use query::{Query, unknown_parameters};
pub(crate) use scalar::{Count, Seconds, Switch, Whole, Word};
