//! How many files and connections the program may have open at a time.

/// As many as the system lets this user have: each terminal has a connection of its own, and what a shell gives at first is
/// often too few for a thousand of them.
pub(crate) fn allow_many() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!("{limit} files and connections may be open at a time"),
        Err(error) => tracing::debug!("the limit of open files stays as it is: {error}"),
    }
}
