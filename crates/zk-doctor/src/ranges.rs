use std::{collections::BTreeSet, net::Ipv4Addr, str::FromStr};

use ipnet::Ipv4Net;

/// Addresses to be looked at, as people write them: `10.0.0.0/24`, `10.0.0.5`, `10.0.0.10-10.0.0.20`, `10.0.0.10-20`,
/// with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ranges(Vec<(u32, u32)>);

/// Why addresses are not scanned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Not one of the forms.
    #[error(
        "{0:?} is no network, address or range; write it as 192.168.1.0/24, 192.168.1.201 or 192.168.1.10-192.168.1.50"
    )]
    Form(String),
    /// The end stands before the beginning.
    #[error("{0:?} ends before it begins")]
    Backwards(String),
    /// More than one building has.
    #[error(
        "that is {number} addresses; at most {most} (a /20) are scanned unless it is forced (--force)"
    )]
    TooMany {
        /// How many were given.
        number: u64,
        /// How many are taken.
        most: u64,
    },
    /// Somebody else's.
    #[error("{0} is not in a private network; scan only what is yours, and say so with --force")]
    Public(Ipv4Addr),
}

impl Ranges {
    /// Addresses that are taken without force: a /20.
    pub const MOST: u64 = 4_096;

    /// Takes more addresses in.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many addresses these are, those given twice counted twice.
    pub fn len(&self) -> u64 {
        self.0
            .iter()
            .map(|(first, last)| u64::from(last - first) + 1)
            .sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses what only somebody who is sure should scan: large networks, and addresses of other people.
    pub fn check(&self) -> Result<(), RangeError> {
        if self.len() > Self::MOST {
            return Err(RangeError::TooMany {
                number: self.len(),
                most: Self::MOST,
            });
        }
        match self.iter().find(|address| !is_private(*address)) {
            Some(public) => Err(RangeError::Public(public)),
            None => Ok(()),
        }
    }

    /// Each address once, in order.
    pub fn iter(&self) -> impl Iterator<Item = Ipv4Addr> {
        let mut ranges = self.0.clone();
        ranges.sort_unstable();
        let mut next = 0_u64;
        ranges
            .into_iter()
            .flat_map(move |(first, last)| {
                let from = next.max(u64::from(first));
                next = next.max(u64::from(last) + 1);
                from..=u64::from(last)
            })
            .filter_map(|address| u32::try_from(address).ok())
            .map(Ipv4Addr::from_bits)
    }
}

impl FromStr for Ranges {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let ranges: BTreeSet<(u32, u32)> = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(range)
            .collect::<Result<_, _>>()?;
        if ranges.is_empty() {
            return Err(RangeError::Form(text.to_owned()));
        }
        Ok(Self(ranges.into_iter().collect()))
    }
}

fn range(text: &str) -> Result<(u32, u32), RangeError> {
    let form = || RangeError::Form(text.to_owned());
    if let Some((first, last)) = text.split_once('-') {
        let first: Ipv4Addr = first.trim().parse().map_err(|_| form())?;
        let last = last.trim();
        let last = match last.parse::<u8>() {
            Ok(last) => {
                let [a, b, c, _] = first.octets();
                Ipv4Addr::new(a, b, c, last)
            }
            Err(_) => last.parse().map_err(|_| form())?,
        };
        if last < first {
            return Err(RangeError::Backwards(text.to_owned()));
        }
        return Ok((first.to_bits(), last.to_bits()));
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok((address.to_bits(), address.to_bits()));
    }
    let network: Ipv4Net = text.parse().map_err(|_| form())?;
    let (first, last) = (network.network().to_bits(), network.broadcast().to_bits());
    // The first and the last address of a network are nobody's.
    Ok(if network.prefix_len() <= 30 {
        (first + 1, last - 1)
    } else {
        (first, last)
    })
}

fn is_private(address: Ipv4Addr) -> bool {
    let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
    address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
}
