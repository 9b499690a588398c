//! The outbound guard: which addresses this server may be sent to.
//!
//! A URL is set by a person, or by somebody who got hold of their key, and names what this machine then connects to.
//! So it must not reach what only this machine can see: its own loopback, its link, the cloud's metadata. Machines
//! of the local network are allowed: that is where receivers live. It is checked when a URL is set, before each
//! request (an address in the URL asks no resolver), and for each address that a name resolves to. What may be reached
//! all the same is a person's explicit choice, in the settings or for one destination; the metadata of clouds never.

mod metadata;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

const LOOPBACK: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];
const LINK_LOCAL: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0),
        10,
    )),
];
/// For asking where a name leads that a proxy resolves.
const LOOK_UP: Duration = Duration::from_secs(2);

/// Networks that are let through although they are blocked otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundPolicy {
    pub allow: Vec<IpNet>,
}

/// Why a URL is not contacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    #[error("{setting} is no URL ({reason}); write it as https://host/path")]
    NoUrl { setting: String, reason: String },
    #[error(
        "{setting} begins with {scheme}:; only http: and https: are allowed{}",
        if scheme.starts_with("socks") { ", so give the address of an HTTP proxy" } else { "" }
    )]
    Scheme { setting: String, scheme: String },
    #[error("{setting} holds a user name or password; take it out, URLs are shown and logged")]
    Credentials { setting: String },
    #[error(
        "{setting} leads to {address}, which is {what} and blocked; if that is meant, add it to outbound_allow, or let an administrator allow it for the destination"
    )]
    Blocked {
        setting: String,
        address: String,
        what: &'static str,
    },
    #[error(
        "{setting} leads to {address}, where clouds tell a machine its own secrets; nothing is ever sent there, give another address"
    )]
    Metadata { setting: String, address: String },
}

impl GuardError {
    /// Which setting is meant.
    pub fn setting(&self) -> &str {
        match self {
            Self::NoUrl { setting, .. }
            | Self::Scheme { setting, .. }
            | Self::Credentials { setting }
            | Self::Metadata { setting, .. }
            | Self::Blocked { setting, .. } => setting,
        }
    }

    /// The same, with the setting that holds the name told before the name.
    pub(crate) fn named_by(mut self, holder: &str) -> Self {
        match &mut self {
            Self::NoUrl { setting, .. }
            | Self::Scheme { setting, .. }
            | Self::Credentials { setting }
            | Self::Metadata { setting, .. }
            | Self::Blocked { setting, .. } => *setting = format!("{holder}: {setting}"),
        }
        self
    }
}

/// What speaks against an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objection {
    /// A person may allow it.
    Blocked(&'static str),
    /// Nobody may.
    Metadata,
}

impl Objection {
    fn error(self, setting: String, address: String) -> GuardError {
        match self {
            Self::Blocked(what) => GuardError::Blocked {
                setting,
                address,
                what,
            },
            Self::Metadata => GuardError::Metadata { setting, address },
        }
    }
}

impl OutboundPolicy {
    /// The same with an administrator's choices for one destination.
    #[must_use]
    pub fn with_choices(&self, loopback: bool, link_local: bool) -> Self {
        let mut allow = self.allow.clone();
        if loopback {
            allow.extend(LOOPBACK);
        }
        if link_local {
            allow.extend(LINK_LOCAL);
        }
        Self { allow }
    }

    /// Reads and checks a URL; `setting` is named in errors.
    pub fn check_url(&self, setting: &str, text: &str) -> Result<Url, GuardError> {
        let url = Url::parse(text.trim()).map_err(|error| GuardError::NoUrl {
            setting: setting.to_owned(),
            reason: error.to_string(),
        })?;
        self.check(setting, &url)?;
        Ok(url)
    }

    /// Checks everything that can be checked without asking a resolver.
    pub(crate) fn check(&self, setting: &str, url: &Url) -> Result<(), GuardError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(GuardError::Scheme {
                setting: setting.to_owned(),
                scheme: url.scheme().to_owned(),
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(GuardError::Credentials {
                setting: setting.to_owned(),
            });
        }
        // Odd forms of IPv4 (one number, hexadecimal, octal) were made addresses by the URL parser.
        let objection = match url.host() {
            None => {
                return Err(GuardError::NoUrl {
                    setting: setting.to_owned(),
                    reason: "it names no host".to_owned(),
                });
            }
            Some(Host::Ipv4(address)) => self.objection(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.objection(IpAddr::V6(address)),
            Some(Host::Domain(name)) => self.objection_to_name(name),
        };
        match objection {
            None => Ok(()),
            Some(objection) => {
                let address = url.host_str().unwrap_or_default().to_owned();
                Err(objection.error(setting.to_owned(), address))
            }
        }
    }

    /// What speaks against an address, `None` when it may be contacted.
    pub(crate) fn objection(&self, address: IpAddr) -> Option<Objection> {
        let address = unwrapped(address);
        if metadata::is_address(address) {
            return Some(Objection::Metadata);
        }
        let what = kind(address)?;
        (!self.allow.iter().any(|net| net.contains(&address))).then_some(Objection::Blocked(what))
    }

    fn objection_to_name(&self, name: &str) -> Option<Objection> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if metadata::is_name(&name) {
            return Some(Objection::Metadata);
        }
        (name == "localhost" || name.ends_with(".localhost"))
            .then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
            .and_then(|address| self.objection(address))
    }

    /// Where a proxy resolves the URL's name, not we: what can be known of it here, which is nothing where no resolver
    /// knows it.
    pub(crate) async fn check_behind_proxy(
        &self,
        setting: &str,
        url: &Url,
    ) -> Result<(), GuardError> {
        self.check(setting, url)?;
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((name, 0))).await;
        let Ok(Ok(addresses)) = found else {
            return Ok(());
        };
        for address in addresses {
            if let Some(objection) = self.objection(address.ip()) {
                return Err(objection.error(setting.to_owned(), address.ip().to_string()));
            }
        }
        Ok(())
    }
}

fn kind(address: IpAddr) -> Option<&'static str> {
    if address.is_loopback() {
        return Some("this machine itself");
    }
    if address.is_unspecified() {
        return Some("no address");
    }
    if address.is_multicast() {
        return Some("a multicast address");
    }
    match address {
        IpAddr::V4(v4) if v4.is_link_local() => Some("a link-local address"),
        IpAddr::V4(v4) if v4.is_broadcast() || v4.octets()[0] >= 240 => {
            Some("a broadcast or reserved address")
        }
        IpAddr::V4(v4) if v4.octets()[0] == 0 => Some("this machine itself"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

/// The IPv4 address inside an IPv6 address that only carries one: mapped, compatible, NAT64, 6to4.
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    if v6.is_loopback() || v6.is_unspecified() {
        return address;
    }
    let last = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => last(high, low),
        _ => address,
    }
}

/// Resolves names by the system and drops every address that the policy blocks, at each connection anew, so that a
/// name cannot change its mind after it was checked.
#[derive(Debug, Clone)]
pub(crate) struct GuardedResolver(pub(crate) OutboundPolicy);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|error| format!("the name {} is not known ({error})", name.as_str()))?
                .collect();
            let mut blocked = None;
            let mut open = Vec::with_capacity(found.len());
            for address in found {
                match policy.objection(address.ip()) {
                    None => open.push(address),
                    Some(objection) => blocked = Some((address.ip(), objection)),
                }
            }
            match (open.is_empty(), blocked) {
                (true, Some((address, objection))) => Err(objection
                    .error(format!("the name {}", name.as_str()), address.to_string())
                    .into()),
                _ => Ok(Box::new(open.into_iter()) as Addrs),
            }
        })
    }
}
