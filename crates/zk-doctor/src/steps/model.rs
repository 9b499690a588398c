use zk_client::{Error, Session};

use crate::{
    examine::Knowledge,
    quirks,
    report::{Device, StepReport},
};

pub(crate) async fn model(
    session: &mut Session,
    knowledge: &mut Knowledge,
    report: &mut StepReport,
) -> Result<(), Error> {
    let told = session.device_info().await?;
    let device = Device {
        serial: told.serial,
        model: told.name,
        vendor: told.vendor,
        platform: told.platform,
        firmware: told.firmware,
    };
    knowledge.pin_width = told.pin_width;
    report.ok("told", described(&device));
    if device.serial.is_none() {
        report.warn(
            "no_serial",
            "It does not say its serial number, by which terminals are told apart.",
            "It works, but a replacement at this address would be taken for the same terminal.",
        );
    }
    quirks::remark(&device, report);
    knowledge.device = device;
    Ok(())
}

fn described(device: &Device) -> String {
    let named = [
        ("", &device.model),
        ("serial ", &device.serial),
        ("firmware ", &device.firmware),
        ("platform ", &device.platform),
        ("by ", &device.vendor),
    ];
    let words: Vec<String> = named
        .into_iter()
        .filter_map(|(label, value)| Some(format!("{label}{}", value.as_deref()?)))
        .collect();
    if words.is_empty() {
        "It says nothing of itself.".to_owned()
    } else {
        format!("{}.", words.join(", ").trim_end_matches('.'))
    }
}
