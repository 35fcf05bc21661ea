//! All that there is on the second listener, as one table: requests are matched by it, commands ask by it, what is
//! not there is told from it, and a test holds that docs/running.md has its rows.

use hyper::Method;

use super::{Admin, show, tell};
use crate::http::reply::{Reply, TEXT, plain};
use crate::http::request::Request;

/// A method and a path that the second listener takes.
#[derive(Clone, Copy)]
pub struct AdminRoute {
    /// The path, without a query.
    pub path: &'static str,
    /// What comes of it, for people, as Markdown.
    pub doc: &'static str,
    action: Action,
}

/// What a request leads to.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// It is shown something, and changes nothing: GET.
    Show(fn(&Admin, &Request<'_, '_>) -> Reply),
    /// It changes something, and its query is told: POST.
    Tell(fn(&Admin, &str) -> Reply),
}

/// What `mesigate breaches` asks for.
pub const BREACHES: AdminRoute = AdminRoute {
    path: "/breaches",
    doc: "who is held back because mesibo has disabled the token, and for how many seconds still",
    action: Action::Show(show::breaches),
};

/// What `mesigate drain` asks for.
pub const DRAIN: AdminRoute = AdminRoute {
    path: "/drain",
    doc: "announces the end, as SIGTERM does first: 202",
    action: Action::Tell(tell::drain),
};

/// What `mesigate reload` asks for.
pub const RELOAD: AdminRoute = AdminRoute {
    path: "/reload",
    doc: "reads the settings again: 200 if they are in use, 409 if they need a start, 422 if something is wrong",
    action: Action::Tell(tell::reload),
};

/// What `mesigate breaches --clear` asks for, with [`super::OF_APP`] as its query if it is about one app.
pub const CLEAR: AdminRoute = AdminRoute {
    path: "/breaches/clear",
    doc: "passes requests on again: of all who are held back, or with `?app=NAME` of that app",
    action: Action::Tell(tell::clear),
};

/// The table.
pub const ROUTES: [AdminRoute; 9] = [
    AdminRoute {
        path: "/livez",
        doc: "200 while it runs, whatever else is wrong",
        action: Action::Show(show::alive),
    },
    AdminRoute {
        path: "/readyz",
        doc: "200 while it serves, 503 once its end is announced",
        action: Action::Show(show::ready),
    },
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
    BREACHES,
    AdminRoute {
        path: DRAIN.path,
        doc: "how far the end has come: `serving`, `announced` or `ending`",
        action: Action::Show(show::stage),
    },
    DRAIN,
    RELOAD,
    CLEAR,
];

impl AdminRoute {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.action {
            Action::Show(_) => "GET",
            Action::Tell(_) => "POST",
        }
    }

    /// The methods that lead to the same: whoever may GET may ask for the head alone.
    const fn methods(&self) -> &'static [&'static str] {
        match self.action {
            Action::Show(_) => &["GET", "HEAD"],
            Action::Tell(_) => &["POST"],
        }
    }
}

/// What a request leads to.
///
/// # Errors
/// The reply to one that leads nowhere.
pub(super) fn find(method: &Method, path: &str) -> Result<Action, Reply> {
    let here = || ROUTES.iter().filter(|route| route.path == path);
    let found = here().find(|route| route.methods().contains(&method.as_str()));
    found.map(|route| route.action).ok_or_else(|| {
        let methods: Vec<&str> = here().flat_map(AdminRoute::methods).copied().collect();
        if methods.is_empty() { nowhere() } else { other_method(&methods.join(", ")) }
    })
}

/// There is nothing under this path.
fn nowhere() -> Reply {
    let paths = |method| {
        let routes = ROUTES.iter().filter(|route| route.method() == method);
        routes.map(|route| route.path).collect::<Vec<_>>().join(", ")
    };
    plain(404, format!("here are GET {}\nand POST {}\n", paths("GET"), paths("POST")).into(), TEXT)
}

/// There is something under this path, for these methods.
fn other_method(methods: &str) -> Reply {
    let mut reply = plain(405, format!("this path takes another method: {methods}\n").into(), TEXT);
    reply.say("Allow", methods.to_owned());
    reply
}
