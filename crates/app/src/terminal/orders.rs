//! Lines of standard input.

use std::{
    io::{BufRead as _, IsTerminal as _},
    thread,
};

use anyhow::Context as _;
use tokio::sync::mpsc;

/// Lines that wait to be done.
const WAITING: usize = 16;

pub(crate) struct Orders(Option<mpsc::Receiver<String>>);

impl Orders {
    /// A process in a shell's background would be halted for reading a console, so that is read only where it is
    /// `wanted`; anything else (a pipe, a file) is read always.
    pub(crate) fn listen(wanted: bool) -> anyhow::Result<Self> {
        let input = std::io::stdin();
        if input.is_terminal() && !wanted {
            return Ok(Self(None));
        }
        let (lines, orders) = mpsc::channel(WAITING);
        // Nothing can wake it while it waits for a line: it ends with the process.
        thread::Builder::new()
            .name("orders".to_owned())
            .spawn(move || {
                for line in input.lock().lines().map_while(Result::ok) {
                    if lines.blocking_send(line).is_err() {
                        return;
                    }
                }
            })
            .context("start a thread for orders")?;
        Ok(Self(Some(orders)))
    }

    /// The next line that says anything. It does not end when the input does.
    pub(crate) async fn next(&mut self) -> String {
        if let Some(orders) = &mut self.0 {
            while let Some(order) = orders.recv().await {
                if !order.trim().is_empty() {
                    return order;
                }
            }
        }
        self.0 = None;
        std::future::pending().await
    }
}
