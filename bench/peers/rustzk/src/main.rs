//! Prints a terminal's log as `pull` does, read by rustzk.

use std::{
    io::{BufWriter, Write as _, stdout},
    time::Duration,
};

use rustzk::{ZK, ZKProtocol};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("give a port")?.parse()?;
    let mut terminal = ZK::new("127.0.0.1", port);
    terminal.set_timeout(Duration::from_secs(60));
    // The other way its checksums are one too small, and a strict terminal drops its packets.
    terminal.set_legacy_checksum(true);
    terminal.connect(ZKProtocol::TCP)?;
    let mut out = BufWriter::new(stdout());
    writeln!(out, "user_id,timestamp,state")?;
    for row in terminal.get_attendance()? {
        writeln!(out, "{},{},{}", row.user_id(), row.timestamp().format("%Y-%m-%d %H:%M:%S"), row.punch())?;
    }
    out.flush()?;
    terminal.disconnect()?;
    Ok(())
}
