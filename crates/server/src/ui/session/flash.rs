use axum::{
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{
    Cookie, Session, Visitor, add_cookies,
    token::{hex_of, unhex},
};
use crate::{
    AppState,
    auth::cookie,
    ui::frame::{Flash, Tone},
};

/// The cookie that carries what a form came to over the redirect that follows it.
pub(crate) const KEPT_IN: &str = "zka_flash";
const SECS: u32 = 60;
/// A cookie holds 4 kB; each byte is two digits in it.
const LONGEST: usize = 1_200;

/// After a form was done: on to a page of ours, which says once what came of it.
pub(crate) fn go_on(
    state: &AppState,
    visitor: &Visitor,
    to: &str,
    tone: Tone,
    text: &str,
) -> Response {
    let mut response = Redirect::to(to).into_response();
    let value = write(state, visitor.session(), tone, text);
    add_cookies(&mut response, [Cookie::new(KEPT_IN, value, SECS)]);
    response
}

fn write(state: &AppState, session: &Session, tone: Tone, text: &str) -> String {
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= LONGEST)
        .last()
        .unwrap_or(0);
    let text = if text.len() > LONGEST {
        text.get(..end).unwrap_or_default()
    } else {
        text
    };
    let text = format!("{tone} {text}");
    format!(
        "{}.{}",
        hex_of(text.as_bytes()),
        session.sign(&state.form_key, &text)
    )
}

/// The message of this browser, if we wrote it.
pub(super) fn read(state: &AppState, session: &Session, headers: &HeaderMap) -> Option<Flash> {
    let (text, signature) = cookie(headers, KEPT_IN)?.split_once('.')?;
    let text = String::from_utf8(unhex(text)?).ok()?;
    if !session.is_signed(&state.form_key, &text, signature) {
        return None;
    }
    let (tone, text) = text.split_once(' ')?;
    Some(Flash {
        tone: Tone::parse(tone)?,
        text: text.to_owned(),
    })
}
