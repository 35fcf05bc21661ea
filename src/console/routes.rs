//! The console's paths as one table: requests are matched by it, and a test holds that docs/running.md has its rows.

use hyper::Method;

use super::files::{Asset, PAGE, PROGRAM};
use super::said::{Refused, Why};
use super::{Call, brownouts, clients, counts, explain, history, operations, settings, state};
use crate::http::request::Request;
use serde_json::Value;

/// A method and a path of the console.
#[derive(Clone, Copy)]
pub struct ConsoleRoute {
    /// The method; with GET also HEAD.
    pub method: &'static str,
    /// The path, without a query.
    pub path: &'static str,
    /// Who may ask.
    pub who: Who,
    /// What it does, for people, as Markdown.
    pub doc: &'static str,
    pub(super) action: Action,
}

/// Who may ask for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever reaches the listener: it is no secret.
    Anybody,
    /// Whoever is logged in.
    Viewer,
    /// Whoever is logged in with the token of `console.operate`.
    Operator,
}

impl Who {
    /// The word of the docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::Viewer => "view",
            Self::Operator => "operate",
        }
    }
}

/// What a route does.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// Leads to the page.
    Home,
    /// Gives a file.
    File(&'static Asset),
    /// Shows requests as they come, for as long as somebody looks on.
    Watch,
    /// Shows data.
    Show(fn(&Call<'_>) -> Value),
    /// Shows data that may not be there.
    Look(fn(&Call<'_>) -> Result<Value, Refused>),
    /// Begins a session.
    Enter,
    /// Ends a session.
    Leave,
    /// Answers a question that is too long for a query.
    Ask(fn(&Call<'_>, &[u8]) -> Result<Value, Refused>),
    /// Changes something.
    Tell(fn(&Call<'_>, &[u8]) -> Result<(), Refused>),
    /// Sends a call.
    Send,
}

const fn page(path: &'static str, doc: &'static str) -> ConsoleRoute {
    ConsoleRoute { method: "GET", path, who: Who::Anybody, doc, action: Action::File(&PAGE) }
}

const fn show(path: &'static str, doc: &'static str, show: fn(&Call<'_>) -> Value) -> ConsoleRoute {
    ConsoleRoute { method: "GET", path, who: Who::Viewer, doc, action: Action::Show(show) }
}

const fn look(
    path: &'static str,
    doc: &'static str,
    look: fn(&Call<'_>) -> Result<Value, Refused>,
) -> ConsoleRoute {
    ConsoleRoute { method: "GET", path, who: Who::Viewer, doc, action: Action::Look(look) }
}

const fn tell(
    path: &'static str,
    doc: &'static str,
    tell: fn(&Call<'_>, &[u8]) -> Result<(), Refused>,
) -> ConsoleRoute {
    ConsoleRoute { method: "POST", path, who: Who::Operator, doc, action: Action::Tell(tell) }
}

/// All of them.
pub const ROUTES: [ConsoleRoute; 26] = [
    ConsoleRoute {
        method: "GET",
        path: "/console",
        who: Who::Anybody,
        doc: "leads to `/console/`",
        action: Action::Home,
    },
    page("/console/", "the page"),
    page("/console/now", "the page, at what goes through now"),
    page("/console/traffic", "the page, at the traffic, line by line"),
    page("/console/migration", "the page, at who has to move"),
    page("/console/playground", "the page, at the place to try calls"),
    page("/console/reference", "the page, at settings and operations"),
    ConsoleRoute {
        method: "GET",
        path: "/console/app.js",
        who: Who::Anybody,
        doc: "its program",
        action: Action::File(&PROGRAM),
    },
    ConsoleRoute {
        method: "POST",
        path: "/console/login",
        who: Who::Anybody,
        doc: "`{ token }`: begins a session, in a cookie",
        action: Action::Enter,
    },
    ConsoleRoute {
        method: "POST",
        path: "/console/logout",
        who: Who::Anybody,
        doc: "ends the session",
        action: Action::Leave,
    },
    show("/console/api/state", "how the gateway is, and what needs attention", state::state),
    show(
        "/console/api/operations",
        "the operations of the table, each with an example",
        operations::operations,
    ),
    look(
        "/console/api/history",
        "the last quarter of an hour by the second, or the last day by the minute (`?of=minutes`)",
        history::history,
    ),
    show(
        "/console/api/counts",
        "what has come since the start: by operation, from the cache, past limits",
        counts::counts,
    ),
    ConsoleRoute {
        method: "GET",
        path: "/console/api/traffic",
        who: Who::Viewer,
        doc: "requests as they come, a line for each: server-sent events",
        action: Action::Watch,
    },
    show("/console/api/languages", "the languages in which code is written", super::languages),
    look("/console/api/clients", "who calls by the old door: what `mesigate report` shows", clients::clients),
    look(
        "/console/api/client",
        "one of them (`?name=`), with the code that replaces its calls (`&as=`)",
        clients::client,
    ),
    show("/console/api/brownouts", "the planned pauses of the old door", brownouts::brownouts),
    show(
        "/console/api/settings",
        "the settings in force, each with its layer; never a secret",
        settings::settings,
    ),
    ConsoleRoute {
        method: "POST",
        path: "/console/api/explain",
        who: Who::Viewer,
        doc: "`{ text, as }`: what a call becomes, field by field, with nothing sent",
        action: Action::Ask(explain::explain),
    },
    ConsoleRoute {
        method: "POST",
        path: "/console/api/send",
        who: Who::Viewer,
        doc: "`{ text, to, token, sure }`: sends a call to the sandbox; to upstream only as `operate`, behind the switch",
        action: Action::Send,
    },
    tell(
        "/console/api/switch",
        "`{ upstream }`: whether calls may be sent to upstream, until the next start",
        super::switch,
    ),
    tell(
        "/console/api/decide",
        "`{ client, what, reason }`: notes what is decided about a client",
        clients::decide,
    ),
    tell(
        "/console/api/brownouts",
        "`{ pause }`: stops planned pauses, or lets them happen again",
        brownouts::pause,
    ),
    tell(
        "/console/api/breaches/clear",
        "`{ app }`: passes requests on again, of an app or, with null, of all who are held back",
        clients::clear,
    ),
];

/// The route of a request.
///
/// # Errors
/// [`Why::Unknown`], or [`Why::Method`] where the path takes another method.
pub(super) fn find(asked: &Request<'_, '_>) -> Result<&'static ConsoleRoute, Refused> {
    static ALL: [ConsoleRoute; ROUTES.len()] = ROUTES;
    let method = if asked.method == Method::HEAD { "GET" } else { asked.method.as_str() };
    let mut here = ALL.iter().filter(|route| route.path.as_bytes() == asked.path);
    let mut is_path = false;
    let found = here.find(|route| {
        is_path = true;
        route.method == method
    });
    found.ok_or_else(|| {
        if is_path {
            Refused::new(Why::Method, "this path takes another method")
        } else {
            Refused::new(Why::Unknown, "there is no such page: the console begins at /console/")
        }
    })
}
