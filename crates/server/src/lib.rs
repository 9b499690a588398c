//! The HTTP face: the seed's API under `/api`, v1 under `/api/v1`, and the pages.
//!
//! A request goes through the layers ([`router()`]), is matched with a role (`auth`), read (`input`), done (`actions`, one
//! function a deed, shared by both APIs and the pages), and presented. Nothing here talks SQL or to a terminal: the
//! store answers every read, the collector owns every terminal, delivery owns everything that leaves.

mod actions;
mod api;
mod auth;
mod compat;
mod download;
mod envelope;
mod input;
mod kept;
mod layers;
mod open;
mod openapi;
mod problem;
mod router;
mod serve;
mod state;
mod ui;

pub use auth::ApiKeyText;
pub use kept::Kept;
pub use router::{openapi, router};
pub use serve::serve;
pub use state::{AppState, Auth, ServerSettings, StatusCodes};
