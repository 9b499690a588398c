use domain::{BatchFacts, OutPunch, Pin, PunchState, RecordId, Source, TimeFlag};

/// Made-up punches for a preview where there are no real ones: awkward on purpose.
pub fn sample() -> (BatchFacts, Vec<OutPunch>) {
    let facts = BatchFacts {
        is_bare: false,
        idempotency_key: "0123456789abcdef0123456789abcdef".to_owned(),
        export_time: "2026-11-23 18:00:00".to_owned(),
        device_ip: "192.168.1.201".to_owned(),
        device_port: 4370,
        device_name: "Main gate".to_owned(),
        device_serial: Some("CJDE193560303".to_owned()),
        with_record_id: false,
    };
    let people = [
        ("007", "Dana \"Bo\" O'Neil & <Co>", "2026-11-23 08:59:58", 0),
        ("42", "منى سعيد", "2026-11-23 17:03:00", 1),
    ];
    let punches = people
        .into_iter()
        .filter_map(|(pin, name, time, state)| punch(pin, name, time, state))
        .collect();
    (facts, punches)
}

fn punch(pin: &str, name: &str, time: &str, state: u8) -> Option<OutPunch> {
    let local_time = time.parse().ok()?;
    let pin = Pin::new(pin).ok()?;
    let state = PunchState::new(state);
    Some(OutPunch {
        record_id: RecordId::derive("CJDE193560303", &pin, local_time, state),
        employee_id: pin.as_str().to_owned(),
        employee_name: name.to_owned(),
        local_time,
        zone: "Africa/Cairo".to_owned(),
        instant: local_time
            .resolve(&jiff::tz::TimeZone::get("Africa/Cairo").ok()?)
            .ok()?
            .instant,
        flag: TimeFlag::Ok,
        state,
        verify: 1,
        work_code: 0,
        source: Source::Pull,
        pin,
    })
}
