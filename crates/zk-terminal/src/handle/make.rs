//! Changes of what the terminal is, while it runs.

use super::Handle;
use crate::{
    config::{CounterShape, OffsetReads, WhenFull},
    contents::SharedContents,
    counters,
    error::Error,
    log::Log,
};

impl Handle {
    /// Another terminal stands there from now on, with the same people and log. Conversations go on.
    pub fn set_serial(&self, serial: &str) {
        self.shared.state().options.set_serial(serial);
    }

    /// Another terminal of the same make is hung up at this address: conversations are cut, and it has other people and
    /// another log.
    ///
    /// # Errors
    ///
    /// As for [`VirtualTerminal::start`](crate::VirtualTerminal::start) where the contents do not fit.
    pub fn replace_with(
        &self,
        serial: &str,
        contents: impl Into<SharedContents>,
    ) -> Result<(), Error> {
        let config = &self.shared.config;
        let contents = contents.into();
        let people = contents.people(config)?;
        let log = Log::new(config, contents.log(config.record_format));
        let mut state = self.shared.state();
        state.replace(config, people, log);
        state.options.set_serial(serial);
        drop(state);
        self.cut_connections();
        Ok(())
    }

    /// Counters are told so from now on.
    pub fn set_counters(&self, counters: CounterShape) {
        let mut state = self.shared.state();
        state.counters = counters;
        counters::freeze(&self.shared.config, &mut state);
    }

    /// Parts of tables are read so from now on.
    pub fn set_offset_reads(&self, offset_reads: OffsetReads) {
        self.shared.state().offset_reads = offset_reads;
    }

    /// So many punches fit from now on; of more, the oldest are gone.
    pub fn set_record_capacity(&self, capacity: u32, when_full: WhenFull) {
        let mut state = self.shared.state();
        state.log.when_full = when_full;
        state.log.set_capacity(capacity);
    }
}
