//! What can be done, one function a deed. Both APIs and the pages call these and only read and present around them, so
//! that none of them has a rule that the others lack.

mod alarms;
mod attempts;
mod background;
mod connect;
mod corrections;
mod deliveries;
mod destinations;
mod devices;
mod export;
mod held;
mod import;
mod in_words;
mod info;
mod jobs;
mod notices;
mod people;
mod punches;
mod runs;
mod select;
mod send;
mod sync;
mod terminal;
#[cfg(test)]
mod tests;
mod users;

pub(crate) use alarms::AlarmView;
pub(crate) use attempts::{
    AttemptDetail, AttemptPage, AttemptView, AttemptWish, attempt, attempts,
    unknown as unknown_attempt,
};
pub(crate) use connect::{ConnectWish, ConnectedView, connect};
pub(crate) use corrections::{CorrectionPage, corrections};
pub(crate) use deliveries::{
    DeliveryPage, DeliveryView, DeliveryWish, RequestView, deliveries, standings,
};
pub(crate) use destinations::{
    CauseView, DestinationSavedView, DestinationView, DestinationWish, DryRunView, ExplanationView,
    FilterWish, HealthView, HeldBackView, History, MatchView, PreviewView, PreviewWish, PunchName,
    QueueWorkView, ReplayWish, ReplayedView, TestView, add_destination, change_destination,
    count_matching, destination, destination_health, destinations, dry_run, explain,
    pause_destination, preview_request, queue_past, remove_destination, replay, resume_destination,
    schema::{RequestSchema, ScheduleSchema},
    test_destination,
};
pub(crate) use devices::{
    ChangedView, DeviceChange, DeviceView, NewDevice, add_device, change_device, device, devices,
    remove_device, sync_device,
};
pub(crate) use export::{
    ExportSavedView, ExportView, ExportWish, PauseView, export_settings, save_export_settings,
};
pub(crate) use held::{
    HeldPage, HeldWish, ReleaseWish, ReleasedView, held_punches, release_punches,
};
pub(crate) use import::{ImportView, ImportWish, import_users};
pub(crate) use in_words::{clock_off, is_clock_wrong, length};
pub(crate) use info::{DeviceInfo, device_info};
pub(crate) use jobs::{JobPage, JobView, job, job_page, jobs_at, unknown as unknown_job};
pub(crate) use notices::{NoticePage, NoticeView, notices};
#[cfg(test)]
pub(crate) use people::SuggestionView;
pub(crate) use people::{
    AnswerManyView, AnswerWish, DecisionView, InboxItemView, InboxPage, InboxWish, MappingPage,
    MappingView, MappingWish, MappingsQueryWish, MappingsTakenView, PeoplePage, PeopleTakenView,
    PeopleWish, PersonNameView, PersonView, PersonWish, PinGroupView, SheetFaultView, Whom,
    add_mapping, add_person, add_pin_group, answer_inbox, answer_many, change_person, end_mapping,
    export_mappings, export_people, import_mappings, import_people, inbox, join_pin_group,
    leave_pin_group, mappings, people, person, pin_groups, remove_person, remove_pin_group,
    rename_pin_group,
};
pub(crate) use punches::{
    Labels, PunchPage, PunchView, PunchWish, count_punches, cursor_at, labels, latest_punches,
    punch, punch_filter, punch_views, read_cursor, write_cursor,
};
pub(crate) use runs::{RunPage, RunView, runs};
pub(crate) use select::{chosen, needed};
pub(crate) use send::{SendView, SendWish, send_punches};
pub(crate) use sync::{
    DestinationState, DestinationStatus, SyncStatus, TerminalStatusView, sync_status,
};
pub(crate) use terminal::{
    ClearedView, ClockView, CommandView, CopyView, CopyWish, ExaminationView, ExamineWish,
    LiveView, OperationView, OperationsRead, OperationsView, ReadView, ReconciliationPage,
    ReconciliationView, RereadView, SavedUsersView, StateView, TemplatePage, TemplatesReadView,
    UnreadablePage, UserRow, WrittenView, begin_clearing, begin_copy, begin_examination, capture,
    clear_lcd, clear_log, clock, copy_people, delete_template, enable, examine, keep_operations,
    kept_operations, live, look, operations, play_voice, read_log, read_templates, reconciliations,
    reread_unreadable, restart, save_users, set_clock, templates, unlock, unreadable, write_lcd,
    write_templates,
};
pub(crate) use users::{
    DeletedView, SavedUserView, UserList, UserView, UserWish, delete_user, privilege, save_user,
    users,
};
