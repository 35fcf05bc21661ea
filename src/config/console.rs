//! The second listener and its console: whether that is there, and the tokens by which people log in.

use std::net::SocketAddr;

use secrecy::ExposeSecret as _;

use super::apps::secret;
use super::secret::{Digest, Environment, SecretSource};
use crate::protocol::document::{Section, TomlValue, none_of};

/// The fewest characters of a login token: nobody guesses one, however many guesses go through.
const SHORTEST: usize = 20;

/// `[admin]`
#[derive(Debug, Clone)]
pub struct AdminConfig {
    /// The address.
    pub address: SocketAddr,
    /// Its host names, in lower case, besides those that no public DNS has; `*`: any.
    pub hosts: Vec<String>,
}

/// When the console is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleOn {
    /// Where the second listener is on a loopback address.
    Loopback,
    /// Wherever the second listener is.
    Anywhere,
    /// Nowhere.
    Nowhere,
}

/// `[console]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleConfig {
    /// When it is there.
    pub on: ConsoleOn,
    /// The token of those who may look.
    pub view: Option<SecretSource>,
    /// The token of those who may also change something.
    pub operate: Option<SecretSource>,
}

/// Digests of the login tokens of the settings.
#[derive(Default)]
pub struct Logins {
    /// Of those who may look.
    pub view: Option<Digest>,
    /// Of those who may also change something.
    pub operate: Option<Digest>,
}

/// `[console]`
pub fn console(section: &Section<'_>) -> Option<ConsoleConfig> {
    let on = on(section);
    let view = secret(section, "view", false);
    let operate = secret(section, "operate", false);
    Some(ConsoleConfig { on: on?, view, operate })
}

/// A word, or a truth value, which the environment has as text.
fn on(section: &Section<'_>) -> Option<ConsoleOn> {
    let words =
        [("loopback", ConsoleOn::Loopback), ("true", ConsoleOn::Anywhere), ("false", ConsoleOn::Nowhere)];
    match &section.node("on")?.value {
        TomlValue::Boolean(true) => Some(ConsoleOn::Anywhere),
        TomlValue::Boolean(false) => Some(ConsoleOn::Nowhere),
        TomlValue::Text(_) => section.one_of("on", &words),
        other => {
            let what = none_of(other.kind(), words.iter().map(|(word, _)| *word));
            section.fault_at("on", what);
            None
        }
    }
}

/// Reports a console that is wanted where strangers may reach it, and that lacks what keeps them out.
pub fn check(top: &Section<'_>, console: &ConsoleConfig, admin: &AdminConfig) {
    if console.on == ConsoleOn::Anywhere
        && let Err(lacking) = console.is_open(admin)
    {
        top.section("console").fault_at("on", format!("is true, and {lacking}"));
    }
}

impl ConsoleConfig {
    /// Whether the console is there, on a second listener with these settings.
    ///
    /// # Errors
    /// Why it is not, with the lines to set.
    pub fn is_open(&self, admin: &AdminConfig) -> Result<(), String> {
        let is_loopback = admin.address.ip().is_loopback();
        match self.on {
            ConsoleOn::Nowhere => Err("the console is off: set console.on = \"loopback\"".to_owned()),
            _ if is_loopback => Ok(()),
            on => {
                let is_named = !admin.hosts.is_empty() && !admin.hosts.iter().any(|host| host == "*");
                let lacking = [
                    (on == ConsoleOn::Loopback).then_some("console.on = true"),
                    (self.view.is_none() && self.operate.is_none())
                        .then_some("console.operate = { file = \"…\" }, a login token"),
                    (!is_named)
                        .then_some("admin.hosts, the names under which browsers reach it, without `*`"),
                ];
                let lacking: Vec<&str> = lacking.into_iter().flatten().collect();
                if lacking.is_empty() {
                    return Ok(());
                }
                Err(format!(
                    "the second listener is not on loopback (admin.address = \"{}\"), so that the console stays off \
                     until these are set: {}",
                    admin.address,
                    lacking.join("; ")
                ))
            }
        }
    }

    /// Reads the login tokens; none where the console is not there.
    ///
    /// # Errors
    /// A sentence for each token that cannot be read or is too easy; it holds nothing of the token.
    pub fn logins(&self, admin: &AdminConfig, environment: &Environment) -> Result<Logins, Vec<String>> {
        if self.is_open(admin).is_err() {
            return Ok(Logins::default());
        }
        let mut faults = Vec::new();
        let mut read = |key: &str, source: &Option<SecretSource>| {
            let source = source.as_ref()?;
            match login(source, environment) {
                Ok(digest) => Some(digest),
                Err(what) => {
                    faults.push(format!("{key}: {what}"));
                    None
                }
            }
        };
        let logins = Logins {
            view: read("console.view", &self.view),
            operate: read("console.operate", &self.operate),
        };
        if logins.view.is_some() && logins.view == logins.operate {
            faults.push("console.view: is the token of console.operate: each role needs its own".to_owned());
        }
        if faults.is_empty() { Ok(logins) } else { Err(faults) }
    }
}

fn login(source: &SecretSource, environment: &Environment) -> Result<Digest, String> {
    let secret = source.read(environment)?;
    if secret.expose_secret().chars().count() < SHORTEST {
        return Err(format!(
            "{source} has fewer than {SHORTEST} characters: make one with `openssl rand -base64 32`"
        ));
    }
    Ok(Digest::of(secret.expose_secret()))
}

#[cfg(test)]
mod tests {
    use crate::config::Layers;
    use crate::config::secret::Environment;

    fn layers(toml: &str) -> Layers {
        Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML")
    }

    fn faults(toml: &str) -> Vec<String> {
        layers(toml).config().err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    const WIDE: &str = "admin.address = '0.0.0.0:18090'\n";
    const LOGIN: &str = "console.operate.env = 'LOGIN'\n";

    #[test]
    fn it_is_there_on_loopback_alone_unless_told_otherwise() {
        for (toml, is_open) in [
            (String::new(), true),
            ("admin.address = '[::1]:1'".to_owned(), true),
            ("console.on = false".to_owned(), false),
            ("console.on = 'false'".to_owned(), false),
            (WIDE.to_owned(), false),
            (format!("{WIDE}{LOGIN}admin.hosts = ['gw.example']"), false),
            (format!("{WIDE}{LOGIN}admin.hosts = ['gw.example']\nconsole.on = true"), true),
        ] {
            let config = layers(&toml).config().expect("sound settings");
            assert_eq!(config.console.is_open(&config.admin).is_ok(), is_open, "{toml}");
        }
    }

    #[test]
    fn beyond_loopback_the_lines_that_lack_are_named() {
        let on = "console.on = true\n";
        for (more, named) in [
            ("", ["console.operate", "admin.hosts"]),
            ("admin.hosts = ['*']\nconsole.view.env = 'V'\n", ["admin.hosts", "without `*`"]),
        ] {
            let faults = faults(&format!("{on}{WIDE}{more}"));
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].starts_with("test:1: `console.on`: is true, and "), "{faults:?}");
            assert!(named.iter().all(|line| faults[0].contains(line)), "{faults:?}");
        }
        assert!(faults("console.on = 'perhaps'")[0].contains("none of loopback, true, false"));
        assert!(faults("console.on = 3")[0].contains("none of loopback, true, false"));
    }

    #[test]
    fn a_login_token_is_long_and_of_one_role() {
        let config =
            layers("console = { operate.env = 'O', view.env = 'V' }").config().expect("sound settings");
        let told = |operate: &str, view: &str| {
            let variables = [("O".to_owned(), operate.to_owned()), ("V".to_owned(), view.to_owned())];
            let environment = Environment::new(variables.into_iter());
            config.console.logins(&config.admin, &environment).err().unwrap_or_default()
        };
        let (one, other) = ("a".repeat(20), "b".repeat(20));
        assert!(told(&one, &other).is_empty());
        assert!(told(&one, &one)[0].contains("each role needs its own"));
        let short = told("short-and-secret", &other);
        assert!(short[0].starts_with("console.operate: the variable O has fewer than 20"), "{short:?}");
        assert!(!short[0].contains("short-and-secret"));
    }
}
