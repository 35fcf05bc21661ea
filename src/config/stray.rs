//! Refuses environment variables that look like settings and are none: they would silently have no effect.

use crate::protocol::document::{Fault, Node, Place, TomlValue};

/// The prefix of the gateway's variables.
const OURS: &str = "MESIGATE_";
/// Such variables that are no settings: they name the settings file and the profile.
const BEFORE_SETTINGS: [&str; 2] = ["MESIGATE_CONFIG", "MESIGATE_PROFILE"];

/// A fault for each name that is neither a setting nor a secret that `document` names.
pub fn faults<'n>(document: &Node, names: impl Iterator<Item = &'n str>) -> Vec<Fault> {
    let mut settings = Vec::new();
    let mut secrets = Vec::new();
    walk(String::new(), document, &mut settings, &mut secrets);
    let strays = names.filter(|name| {
        name.starts_with(OURS)
            && !name.starts_with(super::PREFIX)
            && !BEFORE_SETTINGS.contains(name)
            && !is_kubernetes(name)
            && !secrets.contains(name)
    });
    let fault = |name: &str| Fault {
        place: Place::named(name),
        key: String::new(),
        what: format!(
            "is no setting, and nobody reads it: there are two underscores before and between a setting's parts, as in {}",
            understood(name, &settings).unwrap_or_else(|| "MESIGATE__UPSTREAM__URL".to_owned())
        ),
    };
    strays.map(fault).collect()
}

/// Kubernetes sets such variables in every container if a Service is called mesigate.
fn is_kubernetes(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || name.contains("_PORT_")
}

fn understood(name: &str, settings: &[String]) -> Option<String> {
    let letters =
        |text: &str| text.chars().filter(|letter| *letter != '_').collect::<String>().to_ascii_uppercase();
    settings.iter().find(|setting| letters(setting) == letters(name)).cloned()
}

fn walk<'d>(name: String, node: &'d Node, settings: &mut Vec<String>, secrets: &mut Vec<&'d str>) {
    match &node.value {
        TomlValue::Table(entries) => {
            for (key, below) in entries {
                if let (TomlValue::Text(variable), "env") = (&below.value, key.as_str()) {
                    secrets.push(variable);
                }
                let begin = if name.is_empty() { "MESIGATE" } else { name.as_str() };
                walk(format!("{begin}__{}", key.to_ascii_uppercase()), below, settings, secrets);
            }
        }
        TomlValue::List(items) => {
            settings.push(name);
            for item in items {
                walk(String::new(), item, &mut Vec::new(), secrets);
            }
        }
        _ => settings.push(name),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Layers;

    fn told(names: &[&str]) -> Vec<String> {
        let app =
            "[[app]]\nname = 'a'\nkeys = [{ env = 'MESIGATE_KEY' }]\ntoken = { env = 'MESIGATE_TOKEN' }";
        let layers = Layers::shipped().and_then(|layers| layers.text("test", app)).expect("sound TOML");
        layers.strays(names.iter().copied()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_setting_with_one_underscore_is_told_with_two() {
        let told = told(&["MESIGATE_UPSTREAM_URL", "MESIGATE_DEADLINE_UPSTREAM_FIRST_BYTE", "MESIGATE_WORD"]);
        assert_eq!(told.len(), 3);
        for (told, name) in told.iter().zip([
            "MESIGATE__UPSTREAM__URL",
            "MESIGATE__DEADLINE__UPSTREAM_FIRST_BYTE",
            "MESIGATE__UPSTREAM__URL",
        ]) {
            assert!(told.ends_with(&format!("as in {name}")), "{told}");
        }
    }

    #[test]
    fn what_others_set_is_no_fault() {
        let names = [
            "PATH",
            "MESIGATE",
            "MESIGATE_CONFIG",
            "MESIGATE_PROFILE",
            "MESIGATE__UPSTREAM__URL",
            "MESIGATE_KEY",
            "MESIGATE_TOKEN",
            "MESIGATE_SERVICE_HOST",
            "MESIGATE_SERVICE_PORT",
            "MESIGATE_SERVICE_PORT_HTTP",
            "MESIGATE_PORT",
            "MESIGATE_PORT_8080_TCP_ADDR",
            "MESIGATE_ADMIN_SERVICE_HOST",
        ];
        assert!(told(&names).is_empty());
    }
}
