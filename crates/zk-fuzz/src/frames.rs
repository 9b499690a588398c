use zk_wire::{FrameReader, Packet, checksum};

/// However a stream is cut, the same packets come out and the same error ends it; a packet is written as it was read.
pub(crate) fn frames(input: &[u8]) {
    let Some((cut, stream)) = input.split_first() else {
        return;
    };
    let whole = read(stream, stream.len().max(1));
    assert_eq!(
        whole,
        read(stream, usize::from(*cut).max(1)),
        "cut otherwise, read otherwise"
    );
    assert_eq!(whole, read(stream, 1), "byte by byte it reads otherwise");
    for packet in &whole.packets {
        let datagram = packet.to_datagram();
        assert_eq!(Packet::decode(&datagram).as_ref(), Ok(packet));
        let mut unsigned = datagram.clone();
        if let Some(field) = unsigned.get_mut(2..4) {
            field.fill(0);
        }
        assert_eq!(
            datagram.get(2..4),
            Some(checksum(&unsigned).to_le_bytes().as_slice())
        );
    }
    if let Ok(packet) = Packet::decode(stream) {
        assert_eq!(
            packet.to_datagram(),
            stream,
            "a datagram was not read whole"
        );
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Read {
    packets: Vec<Packet>,
    failed: bool,
}

fn read(stream: &[u8], piece: usize) -> Read {
    let mut reader = FrameReader::default();
    let mut packets = Vec::new();
    for bytes in stream.chunks(piece) {
        reader.push(bytes);
        loop {
            match reader.next_packet() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(_) => {
                    return Read {
                        packets,
                        failed: true,
                    };
                }
            }
        }
    }
    Read {
        packets,
        failed: false,
    }
}
