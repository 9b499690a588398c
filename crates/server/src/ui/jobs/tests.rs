use jiff::Timestamp;
use serde_json::{Value, json};

use super::{copying::Copying, examination::Examination, headline::Headline};
use crate::{actions::JobView, ui::frame::Tone};

fn job(kind: &str, state: &str, result: Value) -> JobView {
    JobView {
        id: 7,
        kind: kind.to_owned(),
        state: state.to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
        finished_at: None,
        request: json!({ "device": 1 }),
        result: Some(result),
    }
}

fn step(name: &str, outcome: &str) -> Value {
    let remedy = (outcome != "ok").then_some("Send a capture (doctor --capture FILE).");
    let remark = json!({ "code": "x", "outcome": outcome, "text": "found so", "remedy": remedy });
    json!({ "step": name, "outcome": outcome, "remarks": [remark] })
}

#[test]
fn a_check_under_way_shows_what_is_done_what_is_next_and_what_is_to_come() {
    let so_far = json!({ "steps": [step("reachability", "ok"), step("protocol", "warning")] });
    let job = job("examine_device", "running", so_far.clone());
    let walk = Examination::new(&job, &so_far, false);
    let words: Vec<_> = walk
        .steps
        .iter()
        .map(|step| step.pill.word.as_str())
        .collect();
    assert_eq!(
        words[..4],
        ["Fine", "Look after it", "Being looked at", "To come"]
    );
    assert_eq!(walk.steps.len(), 9);
    assert_eq!(walk.headline(&job, &so_far).tone, Tone::Busy);
}

#[test]
fn the_worst_step_decides_what_a_check_comes_to() {
    for (steps, tone, text) in [
        (
            json!([step("key", "ok")]),
            Tone::Good,
            "Nothing is wrong with this terminal",
        ),
        (
            json!([step("key", "ok"), step("clock", "warning")]),
            Tone::Warn,
            "It works, with 1 thing to look after",
        ),
        (
            json!([step("key", "failed"), step("clock", "warning")]),
            Tone::Bad,
            "Something is in the way",
        ),
    ] {
        let result = json!({ "steps": steps });
        let job = job("examine_device", "done", result.clone());
        let headline = Examination::new(&job, &result, false).headline(&job, &result);
        assert_eq!((headline.tone, headline.text.as_str()), (tone, text));
    }
}

#[test]
fn a_remedy_for_the_command_line_is_told_for_the_page() {
    let result = json!({ "steps": [step("log", "failed")] });
    let job = job("examine_device", "done", result.clone());
    let walk = Examination::new(&job, &result, false);
    let remedy = walk.steps[0].remarks[0].remedy.as_deref().unwrap();
    assert_eq!(remedy, "Send the conversation (tick it and check again).");
}

#[test]
fn a_conversation_that_gave_way_to_newer_ones_is_missed() {
    let result = json!({ "steps": [], "captured": true });
    let job = job("examine_device", "done", result.clone());
    assert!(Examination::new(&job, &result, false).lost_capture);
    assert!(!Examination::new(&job, &result, true).lost_capture);
}

#[test]
fn a_job_that_failed_says_why_in_a_sentence() {
    for result in [
        json!({ "code": "x", "message": "the terminal said no" }),
        json!({ "error": "the terminal said no" }),
    ] {
        let job = job("clear_log", "failed", result.clone());
        let headline = Headline::of(&job, &result, "done", "");
        assert_eq!(
            (headline.tone, headline.detail.as_str()),
            (Tone::Bad, "The terminal said no.")
        );
    }
}

#[test]
fn what_is_not_the_same_on_the_other_terminal_is_shown_beside_the_person() {
    let result = json!({ "people": [
        { "user_id": "1", "result": "added", "templates": 2, "warning": "the name is cut", "reason": null },
        { "user_id": "2", "result": "failed", "templates": 0, "warning": null, "reason": "no room" },
        { "user_id": "3", "result": "failed", "templates": 0, "warning": null, "reason": "no room" },
    ] });
    let copy = Copying::told(&result, false);
    assert_eq!(
        (copy.copied, copy.failed, copy.warned, copy.templates),
        (1, 2, 1, 2)
    );
    assert_eq!(copy.causes, ["2 people: No room."]);
    let (first, second) = (&copy.people[0], &copy.people[1]);
    assert_eq!(
        (first.pill.tone, first.note.as_str()),
        (Tone::Warn, "The name is cut.")
    );
    assert_eq!(
        (second.pill.tone, second.note.as_str()),
        (Tone::Bad, "No room.")
    );
    let job = job("copy_users", "done", result.clone());
    assert_eq!(copy.headline(&job, &result).tone, Tone::Warn);
}
