use super::{Assets, Tone};
use crate::{
    AppState, Auth,
    ui::session::{Visit, Visitor},
};

/// A page of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Terminals,
    Users,
    People,
    Punches,
    Destinations,
    /// The destination of the seed's settings; reached from the destinations.
    Export,
    Activity,
}

/// The frame around a page.
pub(crate) struct Shell {
    pub(crate) title: String,
    pub(crate) nav: Vec<NavEntry>,
    pub(crate) holder: Option<Holder>,
    pub(crate) token: String,
    pub(crate) flash: Option<Flash>,
    pub(crate) assets: &'static Assets,
    pub(crate) version: &'static str,
}

pub(crate) struct NavEntry {
    pub(crate) href: &'static str,
    pub(crate) word: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) current: bool,
}

/// Whose key the visitor showed.
pub(crate) struct Holder {
    pub(crate) name: String,
    pub(crate) role: &'static str,
}

/// What the last form came to, shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

impl Place {
    const ALL: [Self; 8] = [
        Self::Overview,
        Self::Terminals,
        Self::Users,
        Self::People,
        Self::Punches,
        Self::Destinations,
        Self::Export,
        Self::Activity,
    ];

    pub(crate) fn href(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Terminals => "/terminals",
            Self::Users => "/users",
            Self::People => "/people",
            Self::Punches => "/punches",
            Self::Destinations => "/destinations",
            Self::Export => "/export",
            Self::Activity => "/sync-status",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Terminals => "Terminals",
            Self::Users => "Users",
            Self::People => "People",
            Self::Punches => "Punches",
            Self::Destinations => "Destinations",
            Self::Export => "Export",
            Self::Activity => "Sync status",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Terminals => "terminals",
            Self::Users => "people",
            Self::People => "person",
            Self::Punches => "punches",
            Self::Destinations | Self::Export => "export",
            Self::Activity => "activity",
        }
    }

    /// The page that a path leads to; nothing else is ever redirected to.
    pub(crate) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.href() == path)
    }
}

impl Shell {
    pub(crate) fn new(state: &AppState, visit: Visit, place: Place) -> Self {
        let Visit { visitor, flash } = visit;
        Self {
            title: place.word().to_owned(),
            nav: Place::ALL
                .into_iter()
                .filter(|entry| *entry != Place::Export)
                .map(|entry| NavEntry {
                    href: entry.href(),
                    word: entry.word(),
                    icon: entry.icon(),
                    current: entry == place
                        || (entry == Place::Destinations && place == Place::Export),
                })
                .collect(),
            holder: holder(state.settings.auth, &visitor),
            token: visitor.token(state),
            flash,
            assets: Assets::get(),
            version: state.settings.version,
        }
    }

    /// The same frame around a page of the place that is not its first one.
    pub(crate) fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

fn holder(auth: Auth, visitor: &Visitor) -> Option<Holder> {
    match auth {
        Auth::Keys => Some(Holder {
            name: visitor.caller().name.clone(),
            role: visitor.caller().role.as_str(),
        }),
        Auth::Open => None,
    }
}
