//! `mesigate check --show`: the settings in force, and where each was written.

use crate::config::shown;
use crate::protocol::document::Node;

/// A line for each value.
#[must_use]
pub fn settings(document: &Node) -> String {
    let line =
        |setting: shown::ShownSetting| format!("{} = {}  # {}\n", setting.key, setting.value, setting.place);
    shown::settings(document).into_iter().map(line).collect()
}
