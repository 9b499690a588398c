use serde::Serialize;
use zk_wire::capture::Capture;

/// What came of an examination.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Host and port.
    pub address: String,
    /// `tcp` or `udp`: how the terminal was talked to in the end, `None` where it was not.
    pub transport: Option<&'static str>,
    /// The worst of all outcomes.
    pub outcome: Outcome,
    /// What the terminal says of itself.
    pub device: Option<Device>,
    /// In the order of [`Step::ALL`], one each.
    pub steps: Vec<StepReport>,
    /// The conversation without the people in it, where one was asked for.
    #[serde(skip)]
    pub capture: Option<Capture>,
}

/// What a terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Device {
    /// What it is, wherever it is.
    pub serial: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Whose name is on it.
    pub vendor: Option<String>,
    /// The family of boards.
    pub platform: Option<String>,
    /// Version and date.
    pub firmware: Option<String>,
}

/// What is looked at, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Whether anybody answers at the address.
    Reachability,
    /// Whether it is a terminal that speaks this protocol, and is free.
    Protocol,
    /// Whether it takes the communication key.
    Key,
    /// What it is, and what is known of its kind.
    Model,
    /// Whether its clock is right.
    Clock,
    /// Whether its counters make sense.
    Counters,
    /// Whether its users can be read.
    Users,
    /// Whether its punches can be read.
    Log,
    /// Whether it tells punches as they happen.
    Live,
}

/// How a step went: that of the worst of its remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was not looked at.
    Skipped,
    /// All is well.
    Ok,
    /// It works, but somebody should look after it.
    Warning,
    /// It does not work.
    Failed,
}

/// What a step found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Which step.
    pub step: Step,
    /// How it went.
    pub outcome: Outcome,
    /// The first says the most.
    pub remarks: Vec<Remark>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// A stable word for programs.
    pub code: &'static str,
    /// How bad it is.
    pub outcome: Outcome,
    /// What was found.
    pub text: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Report {
    /// Whether nothing needs anybody.
    pub fn is_fine(&self) -> bool {
        matches!(self.outcome, Outcome::Ok | Outcome::Skipped)
    }

    /// What a step found.
    pub fn step(&self, step: Step) -> Option<&StepReport> {
        self.steps.iter().find(|report| report.step == step)
    }
}

impl Step {
    /// In the order in which they are looked at.
    pub const ALL: [Self; 9] = [
        Self::Reachability,
        Self::Protocol,
        Self::Key,
        Self::Model,
        Self::Clock,
        Self::Counters,
        Self::Users,
        Self::Log,
        Self::Live,
    ];

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reachability => "reachability",
            Self::Protocol => "protocol",
            Self::Key => "key",
            Self::Model => "model",
            Self::Clock => "clock",
            Self::Counters => "counters",
            Self::Users => "users",
            Self::Log => "log",
            Self::Live => "live",
        }
    }
}

impl Outcome {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl StepReport {
    pub(crate) fn new(step: Step) -> Self {
        Self {
            step,
            outcome: Outcome::Skipped,
            remarks: Vec::new(),
        }
    }

    pub(crate) fn skipped(step: Step, why: impl Into<String>) -> Self {
        let mut report = Self::new(step);
        report.add("skipped", Outcome::Skipped, why.into(), None);
        report
    }

    pub(crate) fn ok(&mut self, code: &'static str, text: impl Into<String>) {
        self.add(code, Outcome::Ok, text.into(), None);
    }

    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(code, Outcome::Warning, text.into(), Some(remedy.into()));
    }

    pub(crate) fn fail(
        &mut self,
        code: &'static str,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(code, Outcome::Failed, text.into(), Some(remedy.into()));
    }

    pub(crate) fn add(
        &mut self,
        code: &'static str,
        outcome: Outcome,
        text: String,
        remedy: Option<String>,
    ) {
        self.outcome = self.outcome.max(outcome);
        self.remarks.push(Remark {
            code,
            outcome,
            text,
            remedy,
        });
    }
}
