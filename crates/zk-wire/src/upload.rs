use crate::{
    TemplateRow, UserFormat, UserRow, WireError,
    bytes::{u16_at, u32_at},
    template::too_long,
};

/// Users and their templates, to be stored by a terminal all at once.
///
/// Send `FREE_DATA`; `PREPARE_DATA` with the length as `u32`; the bytes as DATA packets of at most
/// [`PACKET`](Self::PACKET) bytes, each acknowledged; [`code::SAVE_TEMPLATES`](crate::code::SAVE_TEMPLATES) with
/// [`SAVE`](Self::SAVE); `REFRESH_DATA`. The validity of a template has no place here: what is stored is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkUpload {
    /// Of the terminal's own rows.
    pub format: UserFormat,
    /// A template's user must be among them.
    pub users: Vec<UserRow>,
    /// Of fingers 0 to 9.
    pub templates: Vec<TemplateRow>,
}

/// Bytes of the three lengths at the beginning.
const HEAD: usize = 12;
/// Bytes of one entry of the second block.
const ENTRY: usize = 8;
/// Stands before each user and each entry.
const MARK: u8 = 2;
/// Added to the number of a finger.
const FINGER: u8 = 0x10;

impl BulkUpload {
    /// Bytes of one DATA packet.
    pub const PACKET: usize = 1_024;
    /// Payload of the command that stores what was sent: the bytes of the three lengths and of one entry.
    pub const SAVE: [u8; 8] = [12, 0, 0, 0, 0, 0, 8, 0];
    /// Bytes of the largest upload: more than any terminal can hold.
    pub const LONGEST: usize = crate::table::MAX_TABLE as usize;

    /// The bytes to send. Fails where a field does not fit, or a template has no user.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        let (mut users, mut entries, mut templates) = (Vec::new(), Vec::new(), Vec::new());
        for user in &self.users {
            users.push(MARK);
            users.extend_from_slice(&user.encode(self.format)?);
        }
        for row in &self.templates {
            if !self.users.iter().any(|user| user.uid == row.uid) {
                return Err(wrong(format!("slot {} of a template has no user", row.uid)));
            }
            let size = u16::try_from(row.template.len())
                .map_err(|_| too_long("an upload", row.template.len()))?;
            let finger = (row.finger < FINGER)
                .then_some(row.finger + FINGER)
                .ok_or_else(|| wrong(format!("{} is no finger", row.finger)))?;
            entries.push(MARK);
            entries.extend_from_slice(&row.uid.to_le_bytes());
            entries.push(finger);
            entries.extend_from_slice(&length(templates.len())?);
            templates.extend_from_slice(&size.to_le_bytes());
            templates.extend_from_slice(&row.template);
        }
        let mut upload = Vec::with_capacity(HEAD + users.len() + entries.len() + templates.len());
        for block in [&users, &entries, &templates] {
            upload.extend_from_slice(&length(block.len())?);
        }
        for block in [users, entries, templates] {
            upload.extend_from_slice(&block);
        }
        length(upload.len())?;
        Ok(upload)
    }

    /// Reads an upload, as a terminal does.
    pub fn parse(upload: &[u8]) -> Result<Self, WireError> {
        let block =
            |nth: usize| u32_at(upload, nth * 4).and_then(|size| usize::try_from(size).ok());
        let blocks = || {
            let rest = upload.get(HEAD..)?;
            let (users, rest) = rest.split_at_checked(block(0)?)?;
            let (entries, templates) = rest.split_at_checked(block(1)?)?;
            (templates.len() == block(2)?).then_some((users, entries, templates))
        };
        let (users, entries, templates) =
            blocks().ok_or_else(|| wrong("its blocks are not as long as it says".to_owned()))?;
        let format = format_of(users)
            .ok_or_else(|| wrong("its users are no rows of a known size".to_owned()))?;
        Ok(Self {
            format,
            users: users
                .chunks_exact(usize::from(format.size()) + 1)
                .map(|row| UserRow::decode(format, row.get(1..).unwrap_or_default()))
                .collect::<Result<_, _>>()?,
            templates: read_templates(entries, templates)?,
        })
    }
}

/// The size of user rows of which each stands behind a mark; both are possible where there is none.
fn format_of(users: &[u8]) -> Option<UserFormat> {
    [UserFormat::B72, UserFormat::B28]
        .into_iter()
        .find(|format| {
            let rows = users.chunks_exact(usize::from(format.size()) + 1);
            rows.remainder().is_empty() && rows.into_iter().all(|row| row.first() == Some(&MARK))
        })
}

fn read_templates(entries: &[u8], templates: &[u8]) -> Result<Vec<TemplateRow>, WireError> {
    let rows = entries.chunks_exact(ENTRY);
    if !rows.remainder().is_empty() {
        return Err(wrong("an entry of a template is cut off".to_owned()));
    }
    let mut read = Vec::new();
    // Entries that share one template would make much of little.
    let mut room = templates.len();
    for entry in rows {
        let [MARK, u0, u1, finger, o0, o1, o2, o3] = *entry else {
            return Err(wrong("an entry of a template has no mark".to_owned()));
        };
        let template = usize::try_from(u32::from_le_bytes([o0, o1, o2, o3]))
            .ok()
            .and_then(|offset| counted_at(templates, offset))
            .ok_or_else(|| wrong("a template lies outside of it".to_owned()))?;
        room = room
            .checked_sub(template.len() + 2)
            .ok_or_else(|| wrong("templates overlap".to_owned()))?;
        read.push(TemplateRow {
            uid: u16::from_le_bytes([u0, u1]),
            finger: finger
                .checked_sub(FINGER)
                .ok_or_else(|| wrong(format!("{finger} is no finger")))?,
            valid: 1,
            template: template.to_vec(),
        });
    }
    Ok(read)
}

/// Reads a length of two bytes and so many bytes behind it.
fn counted_at(block: &[u8], offset: usize) -> Option<&[u8]> {
    let size = usize::from(u16_at(block, offset)?);
    block.get(offset.checked_add(2)?..)?.get(..size)
}

fn length(bytes: usize) -> Result<[u8; 4], WireError> {
    u32::try_from(bytes)
        .ok()
        .filter(|_| bytes <= BulkUpload::LONGEST)
        .map(u32::to_le_bytes)
        .ok_or_else(|| wrong(format!("{bytes} bytes are too many")))
}

fn wrong(reason: String) -> WireError {
    WireError::Payload {
        what: "an upload of users",
        reason,
    }
}
