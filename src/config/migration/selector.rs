//! Which calls of the old door a rule is about.

use std::collections::HashSet;

use crate::config::AppConfig;
use crate::ledger::program;
use crate::protocol::document::{Section, closest};

/// Which calls a rule is about: those that each list has; an empty list has all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// The apps, by name; with any here, calls that are no app's are none of the rule's.
    pub apps: Vec<String>,
    /// The operations, by their first names.
    pub operations: Vec<String>,
    /// The programs, as [`crate::ledger::program`] names them; compared without case.
    pub programs: Vec<String>,
}

impl Selector {
    /// Whether the rule is about a call: of an app, if the caller is one; of an operation, if the table has it; of a
    /// program.
    #[must_use]
    pub fn matches(&self, app: Option<&str>, operation: Option<&str>, program: &str) -> bool {
        let has = |list: &[String], name: Option<&str>| {
            list.is_empty() || name.is_some_and(|name| list.iter().any(|known| known == name))
        };
        has(&self.apps, app)
            && has(&self.operations, operation)
            && (self.programs.is_empty()
                || self.programs.iter().any(|known| known.eq_ignore_ascii_case(program)))
    }

    /// Whether every call that `other` is about is this rule's too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let covers = |mine: &[String], theirs: &[String]| {
            let has = |name: &String| mine.iter().any(|known| known.eq_ignore_ascii_case(name));
            mine.is_empty() || (!theirs.is_empty() && theirs.iter().all(has))
        };
        covers(&self.apps, &other.apps)
            && covers(&self.operations, &other.operations)
            && covers(&self.programs, &other.programs)
    }
}

/// Reads `apps`, `operations` and `programs` of a rule. The operations are held against the table later.
pub fn read(line: &Section<'_>, apps: &[AppConfig]) -> Selector {
    let selector = Selector {
        apps: line.texts("apps"),
        operations: line.texts("operations"),
        programs: line.texts("programs"),
    };
    for name in &selector.apps {
        check_app(line, "apps", name, apps);
    }
    for name in &selector.programs {
        check_program(line, "programs", name);
    }
    selector
}

/// Makes a fault of an app that the settings do not have.
pub fn check_app(line: &Section<'_>, key: &'static str, name: &str, apps: &[AppConfig]) {
    let names: HashSet<&str> = apps.iter().map(|app| app.name.as_str()).collect();
    if names.contains(name) {
        return;
    }
    let hint = match closest(name, names.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if names.is_empty() => ": the settings have no [[app]]".to_owned(),
        None => ": it must be the name of an [[app]]".to_owned(),
    };
    line.fault_at(key, format!("`{name}` is no app's name{hint}"));
}

/// Makes a fault of a program's name that no User-Agent has.
pub fn check_program(line: &Section<'_>, key: &'static str, name: &str) {
    let known = program(Some(name.as_bytes()));
    if known != name {
        let right = match known {
            "none" | "other" => {
                "give the first word of the User-Agent, such as okhttp, or `none` or `other`".to_owned()
            }
            known => format!("the program is `{known}`, whatever its version"),
        };
        line.fault_at(key, format!("`{name}` is no program's name: {right}"));
    }
}

#[cfg(test)]
mod tests {
    use super::Selector;

    fn selector(apps: &[&str], operations: &[&str], programs: &[&str]) -> Selector {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Selector { apps: own(apps), operations: own(operations), programs: own(programs) }
    }

    #[test]
    fn a_rule_is_about_what_each_of_its_lists_has() {
        let rule = selector(&["shop", "chat"], &["useradd"], &["okhttp"]);
        assert!(rule.matches(Some("chat"), Some("useradd"), "OkHttp"));
        for (app, operation, program) in [
            (Some("other"), Some("useradd"), "okhttp"),
            (None, Some("useradd"), "okhttp"),
            (Some("shop"), Some("userdel"), "okhttp"),
            (Some("shop"), None, "okhttp"),
            (Some("shop"), Some("useradd"), "none"),
        ] {
            assert!(!rule.matches(app, operation, program), "{app:?} {operation:?} {program}");
        }
        assert!(Selector::default().matches(None, None, "none"));
    }

    #[test]
    fn a_rule_covers_another_whose_calls_are_all_its_own() {
        let all = Selector::default();
        let shop = selector(&["shop", "chat"], &[], &[]);
        let narrow = selector(&["shop"], &["useradd"], &["okhttp"]);
        for (wide, narrow, covers) in [
            (&all, &shop, true),
            (&shop, &narrow, true),
            (&shop, &all, false),
            (&narrow, &shop, false),
            (&shop, &shop, true),
        ] {
            assert_eq!(wide.covers(narrow), covers, "{wide:?} {narrow:?}");
        }
    }
}
