//! The virtual terminals of one process.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Context as _;
use zk_terminal::{Contents, Handle, LocalClock, SharedContents, VirtualTerminal};

use super::{
    args::{Spread, TerminalArgs},
    local_time, started,
};

pub(crate) struct Fleet(Vec<Handle>);

impl Fleet {
    pub(crate) async fn start(args: &TerminalArgs) -> anyhow::Result<Self> {
        let records = usize::try_from(args.records)?;
        let contents =
            Contents::generate(usize::from(args.users), records, args.seed, local_time());
        let contents = SharedContents::from(contents);
        let faults = args.faults()?;
        let mut terminals = Vec::with_capacity(usize::from(args.count));
        for nth in 0..args.count {
            let listen = address(args, nth)?;
            let clock = LocalClock::new(local_time);
            let config = args.config(nth)?;
            let terminal = VirtualTerminal::start(listen, config, contents.clone(), clock)
                .await
                .map_err(started)?;
            terminal.set_faults(faults);
            terminals.push(terminal);
        }
        Ok(Self(terminals))
    }

    pub(crate) fn terminals(&self) -> &[Handle] {
        &self.0
    }

    /// Lets every terminal do what a line says; one answer where they all say the same.
    pub(crate) fn obey(&self, order: &str) -> String {
        let mut answers: Vec<String> = self
            .0
            .iter()
            .map(|terminal| match terminal.obey(order) {
                Ok(answer) => answer,
                Err(error) => format!("error: {error}"),
            })
            .collect();
        answers.dedup();
        answers.join(" | ")
    }

    pub(crate) async fn stop(&self) {
        for terminal in &self.0 {
            terminal.stop().await;
        }
    }
}

/// Where terminal number `nth` listens.
fn address(args: &TerminalArgs, nth: u16) -> anyhow::Result<SocketAddr> {
    let (ip, port) = (args.listen.ip(), args.listen.port());
    match args.spread {
        Spread::Ports if port == 0 => Ok(args.listen),
        Spread::Ports => {
            let port = port.checked_add(nth).with_context(|| {
                format!(
                    "there are no {} ports from {port} on; begin with a lower one",
                    args.count
                )
            })?;
            Ok(SocketAddr::new(ip, port))
        }
        Spread::Addresses => {
            let ip = match ip {
                IpAddr::V4(ip) => ip
                    .to_bits()
                    .checked_add(u32::from(nth))
                    .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
                IpAddr::V6(ip) => ip
                    .to_bits()
                    .checked_add(u128::from(nth))
                    .map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
            };
            let ip = ip.with_context(|| format!("there are no {} addresses", args.count))?;
            Ok(SocketAddr::new(ip, port))
        }
    }
}
