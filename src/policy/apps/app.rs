//! One app: the operations that it may use, and the upstreams of its requests.

use std::collections::HashMap;

use crate::config::{AppConfig, Route, UpstreamId};
use crate::policy::fingerprint::{Fingerprint, Fingerprints};
use crate::protocol::document::closest;
use crate::protocol::ops::{Operation, Table};
use crate::protocol::reject::Reject;
use crate::protocol::translate::hide::Hidden;

/// In `operations`: every operation, also those that the table does not have.
const ALL: &str = "*";

/// One app, as requests use it.
pub struct App {
    /// Its name in the settings, which logs and metrics may show.
    pub name: String,
    /// Its number among the settings' apps.
    pub number: usize,
    /// The names of its keys in logs, in order.
    pub keys: Vec<Option<String>>,
    /// Identifies it for limits, whatever its keys and its token.
    pub fingerprint: Fingerprint,
    /// Whether its refusals have real HTTP status codes; `None` follows the general setting.
    pub http_status: Option<bool>,
    /// Members that are removed from answers to callers with a key.
    pub hide: Hidden,
    /// Whether it may use each operation of the table, by number.
    may: Vec<bool>,
    /// Whether it may use operations that the table does not have.
    may_unknown: bool,
    /// The upstreams of operations with a route of their own, by name.
    routes: HashMap<String, UpstreamId>,
    /// The upstream of all other operations.
    upstream: UpstreamId,
}

impl App {
    pub(super) fn new(
        (number, config): (usize, &AppConfig),
        table: &Table,
        fingerprints: &Fingerprints,
    ) -> Self {
        let mut routes = HashMap::new();
        for route in &config.routes {
            let names = route.operations.iter().filter_map(|name| table.find(name));
            routes.extend(names.map(|operation| (operation.row.name.clone(), route.to.id)));
        }
        Self {
            name: config.name.clone(),
            number,
            keys: config.keys.iter().map(|key| key.name.clone()).collect(),
            // The NUL keeps the fingerprint apart from any token's: no token has a NUL.
            fingerprint: fingerprints.of(&format!("\0app {}", config.name)),
            http_status: config.http_status,
            hide: config.hide.clone(),
            may: table.operations().iter().map(|operation| is_allowed(config, table, operation)).collect(),
            may_unknown: names_all(config),
            routes,
            upstream: config.upstream.as_ref().map_or(UpstreamId::OF_ALL, |own| own.id),
        }
    }

    /// Whether the app may use an operation; `written` is its name if the table does not have it.
    ///
    /// # Errors
    /// BADOP, with what the operator of the gateway can do about it.
    pub fn may(&self, table: &Table, operation: Option<&Operation>, written: &str) -> Result<(), Reject> {
        let hint = match operation {
            Some(operation) if self.may.get(operation.number).is_some_and(|may| *may) => return Ok(()),
            Some(operation) if !table.is_console(&operation.row.name) => {
                "this app may not use it; whoever runs the gateway can add it to the app's operations"
            }
            None if !is_plain(written) => {
                "a name that the gateway does not know has letters, digits, `_`, `-` and `.` only"
            }
            None if !table.is_console(written) => {
                if self.may_unknown {
                    return Ok(());
                }
                "a key is for the operations that the gateway knows; whoever runs it can set the app's operations to \"*\""
            }
            _ => "it belongs to mesibo's console, and no key opens that",
        };
        Err(Reject::BadOp { hint: hint.to_owned(), carries: None })
    }

    /// The upstream for an operation of this app.
    #[must_use]
    pub fn upstream(&self, operation: Option<&Operation>) -> UpstreamId {
        let own = operation.and_then(|operation| self.routes.get(&operation.row.name));
        own.copied().unwrap_or(self.upstream)
    }
}

/// Faults of an app's list of operations and of its routes.
pub(super) fn faults(config: &AppConfig, table: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    let own = config.operations.iter().filter(|name| *name != ALL);
    let mut named: Vec<_> = own.map(|name| (&config.places.operations, name)).collect();
    for Route { place, operations, .. } in &config.routes {
        named.extend(operations.iter().map(|name| (place, name)));
    }
    for (place, name) in named {
        if table.find(name).is_some_and(|operation| table.is_console(&operation.row.name))
            || table.is_console(name)
        {
            faults.push(format!(
                "{place}: `app.{}`: `{name}` belongs to mesibo's console, and no key opens that",
                config.name
            ));
        } else if table.find(name).is_none() {
            let near = closest(name, table.operations().iter().map(|operation| operation.row.name.as_str()));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            faults.push(format!("{place}: `app.{}`: `{name}` is no operation{near}", config.name));
        }
    }
    if names_all(config) && config.operations.len() > 1 {
        let place = &config.places.operations;
        faults
            .push(format!("{place}: `app.{}.operations`: `*` is all of them, and stands alone", config.name));
    }
    faults
}

fn names_all(config: &AppConfig) -> bool {
    config.operations.iter().any(|name| name == ALL)
}

fn is_allowed(config: &AppConfig, table: &Table, operation: &Operation) -> bool {
    let is_named = || {
        config
            .operations
            .iter()
            .filter_map(|name| table.find(name))
            .any(|named| named.number == operation.number)
    };
    let names = std::iter::once(&operation.row.name).chain(&operation.row.aliases);
    let is_console = names.into_iter().any(|name| table.is_console(name));
    !is_console && (config.operations.is_empty() || names_all(config) || is_named())
}

/// Whether every reader reads a name alike: upstream must not trim, cut or fold it into another.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::super::Apps;
    use crate::config::Layers;
    use crate::config::secret::Environment;
    use crate::policy::fingerprint::Fingerprints;
    use crate::protocol::ops::Table;

    fn apps(operations: &str) -> Result<Apps, Vec<String>> {
        let toml = format!(
            "[[app]]\nname = 'shop'\nkeys = [{{ env = 'K' }}]\ntoken = {{ env = 'T' }}\noperations = {operations}"
        );
        let layers = Layers::shipped().and_then(|layers| layers.text("test", &toml)).expect("sound TOML");
        let variables =
            [("K", "key"), ("T", "real")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment::new(variables.into_iter());
        Apps::load(
            &layers.config().expect("settings").apps,
            false,
            environment,
            &table(),
            Fingerprints::default(),
        )
    }

    fn table() -> Table {
        Table::shipped().expect("a table")
    }

    fn may(operations: &str, op: &str) -> bool {
        let app = apps(operations).expect("apps").caller("key").expect("a caller").app.expect("an app");
        app.may(&table(), table().find(op), op).is_ok()
    }

    #[test]
    fn a_key_may_what_the_table_has_and_the_rest_only_where_all_is_said() {
        for (operations, message, userdel, unknown) in
            [("[]", true, true, false), ("['message']", true, false, false), ("['*']", true, true, true)]
        {
            let found = ["message", "userdel", "uacset"].map(|op| may(operations, op));
            assert_eq!(found, [message, userdel, unknown], "{operations}");
        }
    }

    #[test]
    fn no_key_opens_the_console_however_its_name_is_written() {
        let console = ["login", "appstats", "appadd", "appdel", "appset", "apptoken", "appflags"];
        let others =
            ["APPTOKEN", "apptoken ", "\u{a0}apptoken", "apptoken\0x", "app\u{200b}token", "ａpptoken", ""];
        for op in console.into_iter().chain(others) {
            assert!(["[]", "['message']", "['*']"].iter().all(|operations| !may(operations, op)), "{op:?}");
        }
    }

    #[test]
    fn an_app_that_names_the_console_or_nothing_that_is_does_not_start() {
        let first = |operations| apps(operations).err().and_then(|faults| faults.into_iter().next());
        for (operations, sentence) in [
            (
                "['apptoken']",
                "test:5: `app.shop`: `apptoken` belongs to mesibo's console, and no key opens that",
            ),
            ("['mesage']", "test:5: `app.shop`: `mesage` is no operation; did you mean `message`?"),
            ("['*', 'message']", "test:5: `app.shop.operations`: `*` is all of them, and stands alone"),
        ] {
            assert_eq!(first(operations).as_deref(), Some(sentence));
        }
    }
}
