//! Holds the names of operations in the settings against the table.

use crate::config::{Config, Limit};
use crate::protocol::document::closest;
use crate::protocol::ops::Table;

/// A sentence for each operation in a limit or a rule of the migration that is none by its name.
pub fn unknown_operations(config: &Config, table: &Table) -> Vec<String> {
    let all = config.limits.iter().map(|limit| ("limit".to_owned(), limit));
    let own = config
        .apps
        .iter()
        .flat_map(|app| app.limits.iter().map(|limit| (format!("app.{}.limits", app.name), limit)));
    let mut faults = Vec::new();
    for (list, Limit { place, rule }) in all.chain(own) {
        for name in &rule.operations {
            if let Some(what) = unlike_names(table, name) {
                faults.push(format!("{place}: `{list}.{}.operations`: `{name}` {what}", rule.name));
            }
        }
    }
    faults.extend(config.migration.faults(&config.apps, table));
    faults
}

/// What is wrong with an operation's name in a limit: only the table's own name counts, not an alias.
fn unlike_names(table: &Table, name: &str) -> Option<String> {
    let names = || table.operations().iter().map(|operation| operation.row.name.as_str());
    match table.find(name) {
        Some(found) if found.row.name == name => None,
        Some(found) => Some(format!("is another name of `{}`: limits count by that one", found.row.name)),
        None => {
            let near = closest(name, names()).map(|near| format!("; did you mean `{near}`?"));
            Some(format!("is no operation's name{}", near.unwrap_or_default()))
        }
    }
}
