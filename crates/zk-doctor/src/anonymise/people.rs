use zk_wire::{Table, UserFormat, UserTable};

use super::{identities::Identities, images::Image, names::Names};

/// Who stands for whom.
#[derive(Debug)]
pub(super) struct People {
    pub(super) pins: Identities,
    pub(super) cards: Identities,
    /// Serial numbers and addresses.
    pub(super) settings: Identities,
    pub(super) names: Names,
}

impl People {
    /// The people of the tables of users among `images`, whose names tell their code page.
    pub(super) fn of(images: &[(usize, Image)]) -> Self {
        let tables = images
            .iter()
            .map(|(_, image)| image)
            .filter(|image| image.table == Table::Users);
        let names: Vec<Vec<u8>> = tables
            .filter_map(|image| UserTable::decode(image.rows(), image.users).ok())
            .flat_map(|table| table.rows)
            .map(|user| user.name)
            .collect();
        Self {
            pins: Identities::default(),
            cards: Identities::default(),
            settings: Identities::default(),
            names: Names::new(&names),
        }
    }

    /// Replaces a text that ends at a NUL or at the field's end; what stands behind the NUL is scrubbed.
    pub(super) fn pin(&mut self, field: &mut [u8]) {
        replace_text(field, |text| self.pins.text(text));
    }

    pub(super) fn name(&mut self, field: &mut [u8]) {
        replace_text(field, |text| self.names.name(text));
    }

    /// A password has no meaning but its length.
    pub(super) fn password(field: &mut [u8]) {
        replace_text(field, |text| {
            text.iter()
                .map(|byte| if byte.is_ascii_digit() { b'1' } else { b'a' })
                .collect()
        });
    }

    /// Replaces a number of 32 bits.
    pub(super) fn number(identities: &mut Identities, field: &mut [u8]) {
        if let Some(number) = field.first_chunk_mut::<4>() {
            *number = identities.number(u32::from_le_bytes(*number)).to_le_bytes();
        }
    }

    pub(super) fn user_fields(format: UserFormat) -> Fields {
        match format {
            UserFormat::B28 => Fields {
                password: 3..8,
                name: 8..16,
                card: 16..20,
            },
            UserFormat::B72 => Fields {
                password: 3..11,
                name: 11..35,
                card: 35..39,
            },
        }
    }
}

/// Where the fields of a user row stand that both formats have as bytes.
pub(super) struct Fields {
    pub(super) password: std::ops::Range<usize>,
    pub(super) name: std::ops::Range<usize>,
    pub(super) card: std::ops::Range<usize>,
}

fn replace_text(field: &mut [u8], replaced: impl FnOnce(&[u8]) -> Vec<u8>) {
    let end = field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(field.len());
    let (text, rest) = field.split_at_mut(end);
    let new = replaced(text);
    for (at, byte) in text.iter_mut().enumerate() {
        // Of the same length by its making.
        *byte = new.get(at).copied().unwrap_or(b'x');
    }
    for byte in rest {
        *byte = match *byte {
            0x80.. => 0xa5,
            byte if byte.is_ascii_graphic() => b'x',
            byte => byte,
        };
    }
}
