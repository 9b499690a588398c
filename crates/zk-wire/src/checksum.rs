/// The checksum of a packet: one's complement of the one's-complement sum of its bytes as little-endian 16-bit words,
/// the checksum field (bytes 2 and 3) taken as zero, an odd last byte as a word with high byte zero.
///
/// `packet` starts at the command, without the TCP prefix.
pub fn checksum(packet: &[u8]) -> u16 {
    // Words of 32 bits add up to the same when folded, in half the steps; 64 bits never overflow.
    let words = packet.chunks_exact(4);
    let rest = words.remainder();
    let mut sum: u64 = words
        .map(|word| {
            u64::from(
                word.first_chunk()
                    .map_or(0, |word| u32::from_le_bytes(*word)),
            )
        })
        .sum();
    let mut last = [0; 4];
    crate::bytes::fill(&mut last, rest);
    sum += u64::from(u32::from_le_bytes(last));
    if let Some([_, _, k0, k1]) = packet.first_chunk() {
        sum -= u64::from(u32::from_le_bytes([0, 0, *k0, *k1]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let [low, high, ..] = sum.to_le_bytes();
    !u16::from_le_bytes([low, high])
}
