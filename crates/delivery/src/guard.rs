//! The outbound guard: which addresses this server may be sent to.
//!
//! A URL is set by a person, or by somebody who got hold of their key, and names what this machine then connects to.
//! So it must not reach what only this machine can see: its own loopback, its link, the cloud's metadata. Machines
//! of the local network are allowed: that is where receivers live. It is checked when a URL is set, before each
//! request (an address in the URL asks no resolver), and for each address that a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

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
    #[error("{setting} begins with {scheme}:; only http: and https: are allowed")]
    Scheme { setting: String, scheme: String },
    #[error("{setting} holds a user name or password; take it out, URLs are shown and logged")]
    Credentials { setting: String },
    #[error(
        "{setting} leads to {address}, which is {what} and blocked; if that is meant, add it to outbound_allow"
    )]
    Blocked {
        setting: String,
        address: String,
        what: &'static str,
    },
}

impl GuardError {
    /// The same, with the setting that holds the name told before the name.
    pub(crate) fn named_by(mut self, holder: &str) -> Self {
        match &mut self {
            Self::NoUrl { setting, .. }
            | Self::Scheme { setting, .. }
            | Self::Credentials { setting }
            | Self::Blocked { setting, .. } => *setting = format!("{holder}: {setting}"),
        }
        self
    }
}

/// The addresses under which clouds tell a machine its own secrets.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

impl OutboundPolicy {
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
        let blocked = match url.host() {
            None => {
                return Err(GuardError::NoUrl {
                    setting: setting.to_owned(),
                    reason: "it names no host".to_owned(),
                });
            }
            Some(Host::Ipv4(address)) => self.blocks(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.blocks(IpAddr::V6(address)),
            Some(Host::Domain(name)) => is_localhost(name)
                .then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
                .and_then(|address| self.blocks(address)),
        };
        match blocked {
            None => Ok(()),
            Some(what) => Err(GuardError::Blocked {
                setting: setting.to_owned(),
                address: url.host_str().unwrap_or_default().to_owned(),
                what,
            }),
        }
    }

    /// What speaks against an address, `None` when it may be contacted.
    pub(crate) fn blocks(&self, address: IpAddr) -> Option<&'static str> {
        let address = unwrapped(address);
        let exactly =
            |net: &IpNet| net.prefix_len() == net.max_prefix_len() && net.addr() == address;
        if METADATA.contains(&address) {
            // A wide network must not open the metadata by accident.
            return (!self.allow.iter().any(exactly)).then_some("a cloud's metadata address");
        }
        let what = kind(address)?;
        (!self.allow.iter().any(|net| net.contains(&address))).then_some(what)
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

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Resolves names by the system and drops every address that the policy blocks, at each connection anew, so that a
/// name cannot change its mind after it was checked.
#[derive(Debug, Clone)]
pub(crate) struct GuardedResolver(pub(crate) OutboundPolicy);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let mut blocked = None;
            let mut open = Vec::with_capacity(found.len());
            for address in found {
                match policy.blocks(address.ip()) {
                    None => open.push(address),
                    Some(what) => blocked = Some((address.ip(), what)),
                }
            }
            match (open.is_empty(), blocked) {
                (true, Some((address, what))) => Err(GuardError::Blocked {
                    setting: format!("the name {}", name.as_str()),
                    address: address.to_string(),
                    what,
                }
                .into()),
                _ => Ok(Box::new(open.into_iter()) as Addrs),
            }
        })
    }
}
