//! Settings that name a file in systemd's folder of credentials, which has another path for each unit.
//!
//! systemd gives the folder's path as `CREDENTIALS_DIRECTORY` to a unit with `LoadCredential=`, and to nobody else
//! (systemd.exec(5), "Credentials").

use super::Layers;
use crate::protocol::document::{Fault, Node, Place, TomlValue};

/// What a text begins with that names a credential.
const FOLDER: &str = "$CREDENTIALS_DIRECTORY/";

impl Layers {
    /// Writes `folder` in the place of `$CREDENTIALS_DIRECTORY` at the beginning of every text. Without a folder nothing
    /// changes, and each such text is a fault.
    #[must_use]
    pub fn credentials(mut self, folder: Option<&str>) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        each_text(
            "",
            self.document_mut(),
            &mut |key, text, place| match (text.strip_prefix(FOLDER), folder) {
                (None, _) => {}
                (Some(name), Some(folder)) => *text = format!("{}/{name}", folder.trim_end_matches('/')),
                (Some(_), None) => faults.push(lacking(key, place)),
            },
        );
        (self, faults)
    }
}

fn lacking(key: &str, place: &Place) -> Fault {
    let what = "names a credential of systemd, and CREDENTIALS_DIRECTORY is not set here: systemd sets it for a unit with \
                LoadCredential= alone, so have that unit read the settings (systemctl reload or restart)";
    Fault { place: place.clone(), key: key.to_owned(), what: what.to_owned() }
}

/// Shows every text of a document to `see`, with its dotted key and its place.
fn each_text(key: &str, node: &mut Node, see: &mut impl FnMut(&str, &mut String, &Place)) {
    match &mut node.value {
        TomlValue::Text(text) => see(key, text, &node.place),
        TomlValue::List(items) => items.iter_mut().for_each(|item| each_text(key, item, see)),
        TomlValue::Table(entries) => {
            for (name, below) in entries {
                let dotted = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                each_text(&dotted, below, see);
            }
        }
        TomlValue::Integer(_)
        | TomlValue::Fraction(_)
        | TomlValue::Boolean(_)
        | TomlValue::Date(_)
        | TomlValue::Other(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Layers;

    const OWN: &str = "[tls]\ncertificate = '$CREDENTIALS_DIRECTORY/cert'\nkey = '$CREDENTIALS_DIRECTORY/key'\n\
        [[app]]\nname = 'a'\nkeys = [{ file = '$CREDENTIALS_DIRECTORY/a.key' }]\n\
        token = { file = '$CREDENTIALS_DIRECTORY/a.token' }";

    fn layers() -> Layers {
        Layers::shipped()
            .and_then(|layers| layers.text("/etc/mesigate/mesigate.toml", OWN))
            .expect("sound TOML")
    }

    #[test]
    fn a_credential_is_found_in_the_folder_that_systemd_gives() {
        let (layers, faults) = layers().credentials(Some("/run/credentials/mesigate.service"));
        assert!(faults.is_empty());
        let config = layers.config().expect("sound settings");
        let tls = config.tls.expect("TLS");
        assert_eq!(tls.key, Path::new("/run/credentials/mesigate.service/key"));
        assert_eq!(config.apps[0].token.to_string(), "the file /run/credentials/mesigate.service/a.token");
    }

    #[test]
    fn a_credential_without_a_folder_is_a_fault_at_its_place() {
        let (_, faults) = layers().credentials(None);
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4);
        for begin in [
            "/etc/mesigate/mesigate.toml:2: `tls.certificate`: names a credential",
            "/etc/mesigate/mesigate.toml:7: `app.token.file`: names a credential",
        ] {
            assert!(told.iter().any(|told| told.starts_with(begin)), "{told:?}");
        }
    }
}
