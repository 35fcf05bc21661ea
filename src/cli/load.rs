//! The one loader of settings: `serve` runs and reloads what is loaded, `check` shows it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::ConfigArgs;
use super::proxies::Proxies;
use crate::config::secret::Environment;
use crate::config::{Layers, PREFIX, Profile, is_opentelemetry};
use crate::protocol::document::{Fault, Place, sentences};
use crate::snapshot::reload::SettingsSource;
use crate::snapshot::{Fresh, Snapshot};
use crate::telemetry::log::journal::Journal;

/// Where the settings come from, beside defaults and environment.
#[derive(Clone)]
pub struct Settings {
    /// The layer between the defaults and the file.
    profile: Profile,
    /// The owner's file.
    file: Option<PathBuf>,
    /// Flags, each with its key and, if it was given, its text.
    flags: Vec<Flag>,
}

/// A flag's name, the key that it sets, and its text.
pub type Flag = (&'static str, &'static [&'static str], Option<String>);

impl Settings {
    /// Settings without flags.
    pub fn of(arguments: &ConfigArgs) -> Self {
        Self { profile: arguments.profile, file: arguments.config.clone(), flags: Vec::new() }
    }

    /// These settings under flags.
    pub fn with(self, flags: Vec<Flag>) -> Self {
        Self { flags, ..self }
    }

    /// Reads settings and table as they are written now; or lists every fault of either.
    pub fn read(&self) -> Result<Fresh, Vec<String>> {
        let (layers, lacking) = self.layers()?;
        if lacking.is_empty() { Fresh::read(layers) } else { Err(sentences(&lacking)) }
    }

    /// Reads settings and table for a command that shows something of them and opens no secret: what only a unit of
    /// systemd can find is then no fault.
    pub fn read_to_show(&self) -> Result<Fresh, Vec<String>> {
        Fresh::read(self.layers()?.0)
    }

    /// The snapshot that the settings ask for; or every fault of it.
    pub fn snapshot(&self) -> Result<Snapshot, Vec<String>> {
        Snapshot::new(self.read()?, environment())
    }

    /// These settings, to be read anew at each reload.
    pub fn source(self) -> SettingsSource {
        SettingsSource { file: self.file.clone(), read: Box::new(move || self.read()) }
    }

    /// All layers, and the faults of what names a credential of systemd where there are none.
    fn layers(&self) -> Result<(Layers, Vec<Fault>), Vec<String>> {
        let below = self.profile.over(Layers::shipped().map_err(|faults| sentences(&faults))?);
        let below = below.and_then(|layers| match &self.file {
            Some(file) => layers.file(file),
            None => Ok(layers),
        });
        let own = below.and_then(with_environment).map_err(|faults| sentences(&faults))?;
        Ok(self.with_flags(own).credentials(variable("CREDENTIALS_DIRECTORY").as_deref()))
    }

    fn with_flags(&self, layers: Layers) -> Layers {
        let flags = self.flags.iter().cloned();
        flags.fold(layers, |layers, (flag, keys, text)| layers.flag(flag, keys, text))
    }

    /// Where the gateway of these settings has its second listener, as far as that can be known: faults elsewhere do not
    /// count, and a file that cannot be read is left out. The second value says so.
    pub fn admin_address(&self) -> Result<(SocketAddr, Option<String>), Vec<String>> {
        let all = |faults: Vec<Fault>| sentences(&faults);
        let mut layers = self.profile.over(Layers::shipped().map_err(all)?).map_err(all)?;
        let mut doubt = None;
        if let Some(file) = &self.file {
            match layers.clone().file(file) {
                Ok(written) => layers = written,
                Err(faults) => doubt = faults.first().map(ToString::to_string),
            }
        }
        let layers = self.with_flags(layers.environment(settings_variables().filter_map(Result::ok)));
        Ok((layers.admin_address().map_err(all)?, doubt))
    }
}

/// The layers under the environment. This file is the only place that reads it.
fn with_environment(layers: Layers) -> Result<Layers, Vec<Fault>> {
    let names: Vec<String> = variables().map(|(name, _)| name).collect();
    let (mut own, mut faults) = (Vec::new(), layers.strays(names.iter().map(String::as_str)));
    for variable in settings_variables() {
        match variable {
            Ok(variable) => own.push(variable),
            Err(name) => faults.push(not_text(&name)),
        }
    }
    match layers.opentelemetry(&own) {
        Ok(layers) if faults.is_empty() => Ok(layers.environment(own.into_iter())),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}

/// The variables that are settings; of those that are not text, the names.
fn settings_variables() -> impl Iterator<Item = Result<(String, String), String>> {
    let own = variables().filter(|(name, _)| name.starts_with(PREFIX) || is_opentelemetry(name));
    own.map(|(name, value)| match value {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(name),
    })
}

fn variable(name: &str) -> Option<String> {
    texts().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The variables of the environment whose names are text.
fn variables() -> impl Iterator<Item = (String, Result<String, OsString>)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string())))
}

fn not_text(name: &str) -> Fault {
    Fault { place: Place::named(name), key: String::new(), what: "is not UTF-8 text".to_owned() }
}

/// The variables that may hold secrets.
fn environment() -> Environment {
    Environment::new(texts())
}

/// The proxies that the environment names.
pub fn proxies() -> Proxies {
    Proxies::of(texts())
}

/// The journal, if systemd has given this process a stream to it.
pub fn journal() -> Option<Journal> {
    variable("JOURNAL_STREAM").map(Journal::at)
}

/// The variables that are text.
fn texts() -> impl Iterator<Item = (String, String)> {
    variables().filter_map(|(name, value)| Some((name, value.ok()?)))
}
