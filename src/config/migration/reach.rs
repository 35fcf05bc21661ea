//! Whether each rule can be about a call at all: rules that never count are faults.

use super::{Migration, Selector};
use crate::config::AppConfig;
use crate::protocol::document::{Place, closest};
use crate::protocol::ops::Table;

/// A sentence for each rule that names an operation that the table does not have, or that no call can reach.
pub fn faults(migration: &Migration, apps: &[AppConfig], table: &Table) -> Vec<String> {
    let deprecations =
        migration.deprecations.iter().map(|row| ("deprecation", &row.label, &row.place, &row.selector));
    let brownouts = migration.brownouts.iter().map(|row| ("brownout", &row.name, &row.place, &row.selector));
    let mut faults = Vec::new();
    for (list, label, place, selector) in deprecations.chain(brownouts) {
        let unknown = unknown_operations(table, selector);
        let what = if unknown.is_empty() { out_of_reach(selector, apps, table) } else { unknown };
        faults.extend(what.into_iter().map(|what| format!("{place}: `{list}.{label}.operations`: {what}")));
    }
    faults.extend(hidden_deprecations(migration));
    faults.extend(hidden_clients(migration));
    faults
}

/// What is wrong with operations' names: only the table's own names count, as in limits.
fn unknown_operations(table: &Table, selector: &Selector) -> Vec<String> {
    let names = || table.operations().iter().map(|operation| operation.row.name.as_str());
    let told = |name: &String| match table.find(name) {
        Some(found) if found.row.name == *name => None,
        Some(found) => Some(format!("`{name}` is another name of `{}`: write that one", found.row.name)),
        None => {
            let near = closest(name, names()).map(|near| format!("; did you mean `{near}`?"));
            Some(format!("`{name}` is no operation's name{}", near.unwrap_or_default()))
        }
    };
    selector.operations.iter().filter_map(told).collect()
}

/// Why none of the rule's apps may use any of its operations.
fn out_of_reach(selector: &Selector, apps: &[AppConfig], table: &Table) -> Vec<String> {
    if selector.apps.is_empty() || selector.operations.is_empty() {
        return Vec::new();
    }
    let may = |app: &AppConfig| {
        let uses = |name: &String| {
            table.find(name).is_some_and(|found| selector.operations.contains(&found.row.name))
        };
        app.operations.is_empty() || app.operations.iter().any(|name| name == "*" || uses(name))
    };
    let mut of_rule = apps.iter().filter(|app| selector.apps.contains(&app.name)).peekable();
    if of_rule.peek().is_none() || of_rule.any(may) {
        return Vec::new();
    }
    vec!["no app that this names may use any of them: no call can be meant".to_owned()]
}

/// Deprecations behind one that has all their calls: the first that matches counts.
fn hidden_deprecations(migration: &Migration) -> Vec<String> {
    let rows: Vec<_> = migration.deprecations.iter().map(|row| (&row.place, &row.selector)).collect();
    hidden("deprecation", &rows)
}

fn hidden_clients(migration: &Migration) -> Vec<String> {
    let selector = |name: &Option<String>| name.iter().cloned().collect();
    let selectors: Vec<Selector> = migration
        .clients
        .iter()
        .map(|row| Selector {
            apps: selector(&row.app),
            programs: selector(&row.program),
            operations: Vec::new(),
        })
        .collect();
    let rows: Vec<_> = migration.clients.iter().map(|row| &row.place).zip(&selectors).collect();
    hidden("client", &rows)
}

fn hidden(list: &str, rows: &[(&Place, &Selector)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, (place, selector)) in rows.iter().enumerate() {
        if let Some((first, _)) = rows[..number].iter().find(|(_, before)| before.covers(selector)) {
            faults.push(format!(
                "{place}: `{list}`: it never counts, for the one at {first} is about all that it is about, and the first counts: put the narrower one first"
            ));
        }
    }
    faults
}
