//! Where clouds tell a machine its own secrets. Nothing of ours is ever meant for these.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const ADDRESSES: [IpAddr; 12] = [
    // Most of them; the next two are of containers at Amazon.
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    // Tencent, Scaleway, Alibaba, Oracle, Azure.
    IpAddr::V4(Ipv4Addr::new(169, 254, 0, 23)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 42, 42)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    // Amazon, Amazon's containers, Google, Scaleway.
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42)),
];

/// A proxy would resolve them where we cannot see it.
const NAMES: [&str; 6] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
];

pub(super) fn is_address(address: IpAddr) -> bool {
    ADDRESSES.contains(&address)
}

/// `name` in small letters, without a dot at its end.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(&name)
}
