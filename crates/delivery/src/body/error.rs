use crate::template::{Fault, TemplateError};

/// Why there is nothing to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RenderError {
    /// The destination as it is set up: no record can be sent.
    Setup(TemplateError),
    /// These records, by their place in the batch; the others can go without them.
    Records(Vec<(usize, TemplateError)>),
    /// All together; fewer of them may go.
    Divide(TemplateError),
}

impl RenderError {
    /// What an error means that so many records gave; the error again where each must be asked.
    pub(super) fn of(error: TemplateError, records: usize) -> Result<Self, TemplateError> {
        match (error.fault, records) {
            (Fault::Template, _) | (_, 0) => Ok(Self::Setup(error)),
            (Fault::Record | Fault::Size, 1) => Ok(Self::Records(vec![(0, error)])),
            (Fault::Size, _) => Ok(Self::Divide(error)),
            (Fault::Record, _) => Err(error),
        }
    }

    /// What a person should look at first.
    pub(crate) fn into_first(self) -> Option<TemplateError> {
        match self {
            Self::Setup(error) | Self::Divide(error) => Some(error),
            Self::Records(bad) => bad.into_iter().next().map(|(_, error)| error),
        }
    }
}
