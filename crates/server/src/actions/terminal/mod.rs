//! What a terminal is told to do, and what is known of it. Commands wait for its one connection in the collector.

mod clock;
mod command;
mod copy;
mod examine;
mod log;
mod operations;
mod reconcile;
mod save_users;
mod templates;
mod unreadable;

pub(crate) use self::{
    clock::{ClockView, clock, set_clock},
    command::{
        CommandView, LiveView, StateView, clear_lcd, enable, live, look, play_voice, restart,
        unlock, write_lcd,
    },
    copy::{CopyView, CopyWish, begin_copy, copy_people},
    examine::{ExaminationView, ExamineWish, begin_examination, capture, examine},
    log::{ClearedView, ReadView, begin_clearing, clear_log, read_log},
    operations::{
        OperationView, OperationsRead, OperationsView, keep_operations, kept_operations, operations,
    },
    reconcile::{ReconciliationPage, ReconciliationView, reconciliations},
    save_users::{SavedUsersView, UserRow, save_users},
    templates::{
        TemplatePage, TemplatesReadView, WrittenView, delete_template, read_templates, templates,
        write_templates,
    },
    unreadable::{RereadView, UnreadablePage, reread_unreadable, unreadable},
};
