//! The second listener's routes as one table: requests are matched by it, commands ask by it, replies 404 and 405 list
//! its paths and methods, and a test holds that docs/running.md has its rows.

use hyper::Method;

use super::{Admin, decide, show, tell};
use crate::http::reply::{Reply, TEXT, plain};
use crate::http::request::Request;

/// A method and a path that the second listener takes.
#[derive(Clone, Copy)]
pub struct AdminRoute {
    /// The path, without a query.
    pub path: &'static str,
    /// What the route does, for people, as Markdown.
    pub doc: &'static str,
    action: Action,
}

/// What a route does with a request.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// Shows something and changes nothing: GET.
    Show(fn(&Admin, &Request<'_, '_>) -> Reply),
    /// Changes something, as the query says: POST.
    Tell(fn(&Admin, &str) -> Reply),
}

/// The route of `mesigate health`.
pub const LIVE: AdminRoute = AdminRoute {
    path: "/livez",
    doc: "200 while it runs, whatever else is wrong",
    action: Action::Show(show::alive),
};

/// The route of `mesigate health --ready`.
pub const READY: AdminRoute = AdminRoute {
    path: "/readyz",
    doc: "200 while it serves, 503 once its end is announced",
    action: Action::Show(show::ready),
};

/// The route of `mesigate status`.
pub const STATUS: AdminRoute = AdminRoute {
    path: "/status",
    doc: "how it is, and what is wrong: what `mesigate status --json` prints",
    action: Action::Show(show::status),
};

/// The route of `mesigate breaches`.
pub const BREACHES: AdminRoute = AdminRoute {
    path: "/breaches",
    doc: "who is held back because mesibo has disabled the token, and for how many seconds still",
    action: Action::Show(show::breaches),
};

/// The route of `mesigate drain`.
pub const DRAIN: AdminRoute = AdminRoute {
    path: "/drain",
    doc: "announces the end, as SIGTERM does first: 202",
    action: Action::Tell(tell::drain),
};

/// The route of `mesigate reload`.
pub const RELOAD: AdminRoute = AdminRoute {
    path: "/reload",
    doc: "reads the settings again: 200 if they are in use, 409 if they need a start, 422 if something is wrong",
    action: Action::Tell(tell::reload),
};

/// The route of `mesigate breaches --clear`; a query about one app begins with [`super::OF_APP`].
pub const CLEAR: AdminRoute = AdminRoute {
    path: "/breaches/clear",
    doc: "passes requests on again: of all who are held back, or with `?app=NAME` of that app",
    action: Action::Tell(tell::clear),
};

/// The route of `mesigate report`.
pub const LEDGER: AdminRoute = AdminRoute {
    path: "/ledger",
    doc: "who calls by which door, and how; never a value of a request; `X-Mesigate-Ledger` says whether that is in a `file` or in `memory`",
    action: Action::Show(show::ledger),
};

/// The route of `mesigate brownout`.
pub const BROWNOUTS: AdminRoute = AdminRoute {
    path: "/brownouts",
    doc: "the planned pauses of the old door: when, upcoming, in force, paused or over, and how many calls they met",
    action: Action::Show(show::brownouts),
};

/// The route of `mesigate brownout --pause`.
pub const PAUSE: AdminRoute = AdminRoute {
    path: "/brownouts/pause",
    doc: "stops all planned pauses at once, until `/brownouts/resume` or the next start",
    action: Action::Tell(tell::pause),
};

/// The route of `mesigate brownout --resume`.
pub const RESUME: AdminRoute = AdminRoute {
    path: "/brownouts/resume",
    doc: "lets planned pauses happen again, also the one that is in force",
    action: Action::Tell(tell::resume),
};

/// The route of `mesigate done` and `mesigate retire`.
pub const DECIDE: AdminRoute = AdminRoute {
    path: "/clients",
    doc: "notes what somebody has decided: `?client=CALLER/PROGRAM&what=done&reason=TEXT`, or `retired`, or `open`, which takes either back",
    action: Action::Tell(decide::decide),
};

/// All routes.
pub const ROUTES: [AdminRoute; 16] = [
    LIVE,
    READY,
    AdminRoute {
        path: "/startupz",
        doc: "200 once it serves: what `/readyz` says",
        action: Action::Show(show::ready),
    },
    AdminRoute {
        path: "/metrics",
        doc: "what is counted, for Prometheus",
        action: Action::Show(show::metrics),
    },
    AdminRoute {
        path: "/openapi.json",
        doc: "both doors as OpenAPI 3.1: what `mesigate ops --openapi` prints",
        action: Action::Show(show::openapi),
    },
    STATUS,
    BREACHES,
    LEDGER,
    BROWNOUTS,
    AdminRoute {
        path: DRAIN.path,
        doc: "how far the end has come: `serving`, `announced` or `ending`",
        action: Action::Show(show::stage),
    },
    DRAIN,
    RELOAD,
    CLEAR,
    PAUSE,
    RESUME,
    DECIDE,
];

impl AdminRoute {
    /// The method that docs and commands name.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.action {
            Action::Show(_) => "GET",
            Action::Tell(_) => "POST",
        }
    }

    /// All methods that the route takes: with GET also HEAD.
    const fn methods(&self) -> &'static [&'static str] {
        match self.action {
            Action::Show(_) => &["GET", "HEAD"],
            Action::Tell(_) => &["POST"],
        }
    }
}

/// The action for a method and a path.
///
/// # Errors
/// The reply to a request that has no route: 404 or 405.
pub(super) fn find(method: &Method, path: &str) -> Result<Action, Reply> {
    let here = || ROUTES.iter().filter(|route| route.path == path);
    let found = here().find(|route| route.methods().contains(&method.as_str()));
    found.map(|route| route.action).ok_or_else(|| {
        let methods: Vec<&str> = here().flat_map(AdminRoute::methods).copied().collect();
        if methods.is_empty() { nowhere() } else { other_method(&methods.join(", ")) }
    })
}

/// Replies 404, with all paths: no route has this one.
fn nowhere() -> Reply {
    let paths = |method| {
        let routes = ROUTES.iter().filter(|route| route.method() == method);
        routes.map(|route| route.path).collect::<Vec<_>>().join(", ")
    };
    plain(404, format!("here are GET {}\nand POST {}\n", paths("GET"), paths("POST")).into(), TEXT)
}

/// Replies 405: the path has routes, for these methods alone.
fn other_method(methods: &str) -> Reply {
    let mut reply = plain(405, format!("this path takes another method: {methods}\n").into(), TEXT);
    reply.say("Allow", methods.to_owned());
    reply
}
