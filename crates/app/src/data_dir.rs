//! The folder of one installation: who may read it, that one process serves it, and its sealing key.

use std::{
    fmt::Write as _,
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use domain::Secret;

/// The folder, locked for as long as this value lives; the lock dies with the process.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the folder where there is none (mode 0700) and refuses a second instance on it.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        create(path)?;
        let lock = open_private(&path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => bail!(
                "another zk-attendance already serves the data folder {}; stop it, or give this one its own with --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| {
                format!(
                    "lock the data folder {}; it must be on a disk of this machine",
                    path.display()
                )
            }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the folder where there is none, readable by its owner only.
pub(crate) fn create(path: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if path.exists() && !path.is_dir() {
        bail!(
            "{} is no folder; give another one with --data-dir",
            path.display()
        );
    }
    builder.create(path).with_context(|| {
        format!(
            "make the folder {}; give one that this user may write with --data-dir",
            path.display()
        )
    })
}

/// Makes the ledger's file where there is none, readable by its owner only, as what `SQLite` puts beside it then is:
/// also in a folder that others may enter, which an installer or a container made.
pub(crate) fn create_ledger(dir: &Path) -> anyhow::Result<()> {
    create(dir)?;
    open_private(&dir.join(storage::FILE)).map(drop)
}

fn open_private(path: &Path) -> anyhow::Result<File> {
    private(OpenOptions::new().create(true).truncate(false).write(true))
        .open(path)
        .with_context(|| {
            format!(
                "write {}; this user must be allowed to write it, so start as the folder's owner, or give another folder \
                 with --data-dir",
                path.display()
            )
        })
}

/// The key that seals secrets at rest: from the configuration, else from `secret.key` (mode 0600), made at first use.
pub(crate) fn sealing_key(
    dir: &Path,
    configured: Option<&Secret<[u8; 32]>>,
) -> anyhow::Result<Secret<[u8; 32]>> {
    if let Some(key) = configured {
        return Ok(key.clone());
    }
    let path = dir.join("secret.key");
    match std::fs::read(&path) {
        Ok(text) => key_from_hex(&String::from_utf8_lossy(&text)).with_context(|| {
            format!(
                "{} is damaged: it must hold 64 hexadecimal digits. Restore it from a backup; or move it away, and set the \
                 communication keys of the terminals again",
                path.display()
            )
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => make_key(dir, &path),
        Err(error) => Err(error).with_context(|| {
            format!(
                "read {}; start as the folder's owner, or give another folder with --data-dir",
                path.display()
            )
        }),
    }
}

fn make_key(dir: &Path, path: &Path) -> anyhow::Result<Secret<[u8; 32]>> {
    let key = random_bytes()?;
    // Written aside and linked into place, so that a half-written key never stands there and two processes agree on one.
    let mut aside = tempfile::NamedTempFile::new_in(dir)
        .with_context(|| format!("write in {}", dir.display()))?;
    writeln!(aside, "{}", hex(&key))?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(path) {
        Ok(_) => Ok(Secret::new(key)),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => sealing_key(dir, None),
        Err(error) => Err(error.error).with_context(|| format!("write {}", path.display())),
    }
}

/// 256 bits from the operating system.
pub(crate) fn random_bytes() -> anyhow::Result<[u8; 32]> {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; 32];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("the system gave no random bytes"))?;
    Ok(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn key_from_hex(text: &str) -> Option<Secret<[u8; 32]>> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut key = [0; 32];
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(Secret::new(key))
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
