//! From an address to an open session, with words for everything that can be in the way.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use zk_client::{BusySign, Error, Session, Step as Wait, Target, Transport};
use zk_wire::{code, quirks::quirk};

use crate::{
    lookalike::Lookalike,
    quirks::sentence,
    recorder::Recorder,
    report::{Outcome, Step, StepReport},
};

/// What came of the first three steps.
pub(crate) struct Meeting {
    /// `None` where there is no session; the steps say why.
    pub(crate) session: Option<Session>,
    /// How the terminal was reached.
    pub(crate) transport: Option<Transport>,
    pub(crate) reachability: StepReport,
    pub(crate) protocol: StepReport,
    pub(crate) key: StepReport,
}

/// Where terminals of other families live.
const OTHER_PORTS: [u16; 3] = [4370, 5005, 5055];
/// The answer of firmware that lets only software in that it knows.
const STRANGERS_NOT_LET_IN: u16 = 6001;
/// Long enough on any local network.
const KNOCK: Duration = Duration::from_secs(1);

pub(crate) async fn meet(target: &Target, recorder: &Arc<Recorder>) -> Meeting {
    let mut reachability = StepReport::new(Step::Reachability);
    if let Err(reason) = look_up(target).await {
        reachability.fail(
            "no_such_name",
            format!("The name {:?} cannot be looked up ({reason}).", target.host),
            "Give the terminal's IP address instead; its menu shows it under Comm. > Ethernet > IP Address.",
        );
        return Meeting::nobody(reachability);
    }
    let first = attempt(target, recorder).await;
    if first.as_ref().is_err_and(is_silent) {
        let other = Target {
            transport: other(target.transport),
            ..target.clone()
        };
        let second = attempt(&other, recorder).await;
        let silence = first.as_ref().err();
        if !second.as_ref().is_err_and(is_silent) {
            one_way_only(&mut reachability, target, silence);
            return judge(&other, recorder, reachability, second).await;
        }
        if !first.as_ref().is_err_and(is_absent) {
            // It takes the connection, so it is there.
            return judge(target, recorder, reachability, first).await;
        }
        absent(&mut reachability, target, silence, second.as_ref().err()).await;
        return Meeting::nobody(reachability);
    }
    judge(target, recorder, reachability, first).await
}

async fn attempt(target: &Target, recorder: &Arc<Recorder>) -> Result<Session, Error> {
    recorder.forget();
    Session::connect_tapped(target, recorder.clone()).await
}

async fn look_up(target: &Target) -> Result<(), String> {
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    match timeout(
        target.timeouts.connect,
        tokio::net::lookup_host((host, target.port)),
    )
    .await
    {
        Ok(Ok(mut found)) => match found.next() {
            Some(_) => Ok(()),
            None => Err("it has no address".to_owned()),
        },
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("that takes too long".to_owned()),
    }
}

fn other(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp => Transport::Udp,
        Transport::Udp => Transport::Tcp,
    }
}

/// Nobody said anything, so that the other transport may tell more.
fn is_silent(error: &Error) -> bool {
    is_absent(error) || matches!(error, Error::Busy { .. })
}

/// Nothing shows that anybody is there.
fn is_absent(error: &Error) -> bool {
    matches!(
        error,
        Error::NothingListens { .. }
            | Error::NotReachable { .. }
            | Error::Timeout {
                step: Wait::Connect | Wait::Greeting,
                ..
            }
    )
}

/// The other transport was answered.
fn one_way_only(report: &mut StepReport, target: &Target, error: Option<&Error>) {
    let (asked, answered) = (target.transport, other(target.transport));
    let says = match error {
        Some(Error::NothingListens { .. }) => "refuses",
        Some(Error::Busy { .. }) => "takes the connection but does not talk",
        _ => "does not answer",
    };
    let is_busy = matches!(error, Some(Error::Busy { .. }));
    report.warn(
        if is_busy { "tcp_busy" } else { "other_transport" },
        format!(
            "{} {says} over {asked}, and answers over {answered}.",
            target.address()
        ),
        if is_busy {
            "Another program probably holds its only TCP connection: end that program, or read this terminal over UDP."
        } else if answered == Transport::Udp {
            "Set its transport to UDP. Old terminals speak nothing else."
        } else {
            "Set its transport to TCP."
        },
    );
}

async fn absent(
    report: &mut StepReport,
    target: &Target,
    first: Option<&Error>,
    second: Option<&Error>,
) {
    let address = target.address();
    let refused = |error: Option<&Error>| matches!(error, Some(Error::NothingListens { .. }));
    if let Some(port) = neighbour(target).await {
        let remedy = match port {
            4370 => "That is the port of terminals: leave out the port, or give 4370.",
            _ => {
                "That is the port of desktop terminals of other makers, which cannot be read this way. Check that this is a \
                 ZKTeco terminal."
            }
        };
        report.fail(
            "other_port",
            format!(
                "Nothing answers at {address}, but something listens at port {port} of the same host."
            ),
            remedy,
        );
    } else if refused(first) || refused(second) {
        report.fail(
            "nothing_listens",
            format!("There is a machine at {}, but nothing listens at port {}.", target.host, target.port),
            "Check that this is the terminal's address and port: its menu shows them under Comm. > Ethernet (TCP COMM. \
             Port, usually 4370). If they are right, restart the terminal.",
        );
    } else if let Some(Error::NotReachable { reason, .. }) = first {
        report.fail(
            "no_way",
            format!("There is no way to {address} ({reason})."),
            "Check the address, and that this machine is in the same network or has a route to it.",
        );
    } else {
        report.fail(
            "no_answer",
            format!("Nothing answers at {address}, neither over TCP nor over UDP."),
            "Check that the terminal is switched on and its cable is in, that the address is right (its menu: Comm. > \
             Ethernet), and that no firewall or VPN is between. From a cloud server, addresses such as 192.168.x.x cannot \
             be reached.",
        );
    }
}

/// Another port of the same host at which something listens.
async fn neighbour(target: &Target) -> Option<u16> {
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let knock = |port: u16| async move {
        let connection = timeout(KNOCK, TcpStream::connect((host, port))).await;
        matches!(connection, Ok(Ok(_))).then_some(port)
    };
    let ports = OTHER_PORTS.map(|port| (port != target.port).then(|| knock(port)));
    let [usual, one, other] = ports;
    let maybe = |knock| async move {
        match knock {
            Some(knock) => knock.await,
            None => None,
        }
    };
    let (usual, one, other) = tokio::join!(maybe(usual), maybe(one), maybe(other));
    usual.or(one).or(other)
}

/// Somebody is there, and said this.
async fn judge(
    target: &Target,
    recorder: &Arc<Recorder>,
    mut reachability: StepReport,
    said: Result<Session, Error>,
) -> Meeting {
    let transport = target.transport;
    reachability.add(
        "answers",
        Outcome::Ok,
        format!("{} answers over {transport}.", target.address()),
        None,
    );
    let mut meeting = Meeting {
        session: None,
        transport: Some(transport),
        reachability,
        protocol: StepReport::new(Step::Protocol),
        key: StepReport::new(Step::Key),
    };
    let said = match said {
        Ok(session) if !recorder.asked_for_key() => let_in(session).await,
        said => said,
    };
    let asked = recorder.asked_for_key();
    match said {
        Ok(session) => {
            meeting.protocol_is_right();
            meeting.protocol_is_bent(&session);
            meeting.key_is_right(target, asked);
            meeting.session = Some(session);
        }
        Err(Error::WrongKey { .. }) => {
            meeting.protocol_is_right();
            // Some terminals refuse a right key now and then.
            match attempt(target, recorder).await {
                Ok(session) => {
                    meeting.key.warn(
                        "key_taken_late",
                        "The terminal refused the communication key, and took the same one on the second try.",
                        "Nothing to do; it will be tried again by itself. If people change the key just now, check it.",
                    );
                    meeting.session = Some(session);
                }
                Err(_) => meeting.key.fail(
                    "wrong_key",
                    "The communication key is wrong.",
                    "The terminal's menu shows the right one under Comm. > Comm Key (on some: PC Connection). It is a \
                     number; 0 means none.",
                ),
            }
        }
        Err(Error::KeyNeeded { .. }) => {
            meeting.protocol_is_right();
            meeting.key.fail(
                "key_needed",
                "The terminal asks for a communication key, and none was given.",
                "Give it with --key. The terminal's menu shows it under Comm. > Comm Key (on some: PC Connection).",
            );
        }
        Err(error) => {
            not_a_terminal(&mut meeting.protocol, recorder, &error);
            meeting.key = StepReport::skipped(Step::Key, "There is no session.");
        }
    }
    meeting
}

/// Some terminals agree to a session and ask for the key at the first request.
async fn let_in(mut session: Session) -> Result<Session, Error> {
    match session.clock().await {
        Err(error @ Error::KeyNeeded { .. }) => {
            session.close().await;
            Err(error)
        }
        // What else is wrong is found in its own step.
        Ok(_) | Err(_) => Ok(session),
    }
}

/// Why there is no session although somebody answers.
fn not_a_terminal(report: &mut StepReport, recorder: &Recorder, error: &Error) {
    match error {
        Error::OtherProtocol { .. } => {
            let lookalike = match recorder.noise() {
                _ if recorder.was_echoed() => Lookalike::Echo,
                Some(first) => Lookalike::of(&first),
                None => Lookalike::Unknown,
            };
            report.fail(
                lookalike.code(),
                format!("This is {}.", lookalike.what()),
                lookalike.remedy(),
            );
        }
        Error::Busy {
            sign: BusySign::Closed,
            ..
        } => report.fail(
            "closes_at_once",
            "It takes the connection and closes it before it says anything.",
            "Terminals serve one program at a time: end the other one (BioTime, ZKAccess, another of our servers), wait a \
             minute and try again; else restart the terminal. Some models only close like this because they are set to \
             push: see Comm. > Cloud Server Setting.",
        ),
        Error::Busy {
            sign: BusySign::Silent(_),
            ..
        } => report.fail(
            "silent",
            "It takes the connection and says nothing.",
            "Either another program is connected to it (end that one, or wait a minute), or this firmware only pushes: its \
             menu then has Comm. > Cloud Server Setting (ADMS) and no PC Connection. If it is no terminal at all, check \
             the address.",
        ),
        Error::Refused { code, .. } if *code == STRANGERS_NOT_LET_IN => report.fail(
            "refuses_strangers",
            format!("It speaks this protocol, but refuses a session (answer {code}), whatever the key."),
            quirk("answer-6001-to-connect")
                .map(|quirk| sentence(quirk.remedy))
                .unwrap_or_default(),
        ),
        Error::Refused { code, .. } => report.fail(
            "refuses_sessions",
            format!("It speaks this protocol, but refuses a session (answer {code}{}).", meaning(*code)),
            "Look for a setting that allows connections from a PC: Comm. > PC Connection, or \"standalone communication\". \
             Models for access control have it under Access Control > Device Type (choose T&A). Some firmware only pushes: \
             Comm. > Cloud Server Setting.",
        ),
        Error::Damaged { reason, .. } => report.fail(
            "damaged",
            format!("What it answers is damaged ({reason})."),
            "Check the cable, and any VPN or relay between; then try again.",
        ),
        other => report.fail(
            "breaks_off",
            format!("The conversation broke off: {other}."),
            "Try again. If it goes on, restart the terminal.",
        ),
    }
}

fn meaning(code: u16) -> &'static str {
    match code {
        code::ACK_ERROR => ": it cannot be done",
        code::ACK_UNKNOWN => ": unknown command",
        _ => "",
    }
}

impl Meeting {
    fn nobody(reachability: StepReport) -> Self {
        Self {
            session: None,
            transport: None,
            reachability,
            protocol: StepReport::skipped(Step::Protocol, "Nobody answers."),
            key: StepReport::skipped(Step::Key, "Nobody answers."),
        }
    }

    fn protocol_is_right(&mut self) {
        self.protocol.ok(
            "speaks_it",
            "It is a terminal of the ZKTeco family and free for us.",
        );
    }

    fn protocol_is_bent(&mut self, session: &Session) {
        if session.reply_numbers_are_off()
            && let Some(quirk) = quirk("reply-numbers-off")
        {
            self.protocol.add(
                quirk.id,
                Outcome::Ok,
                format!(
                    "{} This program {}.",
                    sentence(quirk.symptom),
                    quirk.what_we_do
                ),
                Some(sentence(quirk.remedy)),
            );
        }
    }

    fn key_is_right(&mut self, target: &Target, asked: bool) {
        match (asked, target.comm_key) {
            (true, Some(_)) => self.key.ok("key_taken", "The communication key is right."),
            (true, None) => self.key.ok(
                "key_zero",
                "It asks for a communication key and takes 0, which is none.",
            ),
            (false, None) => self.key.ok(
                "no_key",
                "It asks for no communication key. Anybody in its network can read and change it.",
            ),
            (false, Some(key)) if key.get() == 0 => {
                self.key.ok("no_key", "It asks for no communication key.");
            }
            (false, Some(_)) => self.key.ok(
                "key_not_needed",
                "It asks for no communication key; the one that was given is not used. Anybody in its network can read and \
                 change it.",
            ),
        }
    }
}
