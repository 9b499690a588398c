//! `device`: has the running server do something with a terminal. The server owns the terminal's one connection, so that
//! commands go through it.

mod args;
mod ask;
mod request;
mod table;

#[cfg(test)]
mod tests;

use anyhow::Context as _;
use serde_json::Value;

pub(crate) use self::args::DeviceArgs;
use self::{ask::Asker, request::Wish};
use crate::cli::block_on;

/// Pages of a list that are followed; a thousand entries each.
const PAGES: usize = 1_000;

pub(crate) fn run(args: &DeviceArgs) -> anyhow::Result<()> {
    let wish = request::wish(&args.command);
    let asker = Asker::new(&args.server)?;
    block_on(async {
        let answer = match wish.list {
            None => asker.ask(wish.request.clone()).await?,
            Some(list) => all_pages(&asker, &wish, list).await?,
        };
        let text = if args.server.json {
            format!("{}\n", serde_json::to_string_pretty(&answer.data)?)
        } else {
            table::told(&answer, &wish)
        };
        print(&text)
    })
}

/// Follows the cursor, so that a list is whole.
async fn all_pages(asker: &Asker, wish: &Wish, list: &str) -> anyhow::Result<ask::Answer> {
    let mut request = wish.request.clone();
    let mut whole = asker.ask(request.clone()).await?;
    for _ in 1..PAGES {
        let Some(cursor) = whole.data.get("next_cursor").and_then(Value::as_str) else {
            break;
        };
        request.query.retain(|(name, _)| *name != "cursor");
        request.query.push(("cursor", cursor.to_owned()));
        let mut next = asker.ask(request.clone()).await?;
        let more = next.data.get_mut(list).and_then(Value::as_array_mut);
        let more = std::mem::take(more.context("the server's list has no entries")?);
        if let Some(entries) = whole.data.get_mut(list).and_then(Value::as_array_mut) {
            entries.extend(more);
        }
        whole.data["next_cursor"] = next.data["next_cursor"].take();
    }
    Ok(whole)
}

fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("write to standard output")
}
