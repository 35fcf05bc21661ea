//! Profiles: ready layers of settings for the places where a gateway runs.

use super::Layers;
use crate::protocol::document::Fault;

/// A layer between the defaults and the owner's file, chosen by `--profile` or `MESIGATE_PROFILE`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// No profile: the defaults, as on a plain host.
    #[default]
    None,
    /// Beside one app in a Kubernetes pod: loopback for the app, the pod's address for probes, a short end.
    Sidecar,
    /// Behind a Service or with published ports: reached over a network.
    Central,
}

impl Profile {
    /// The word of each profile.
    pub const WORDS: [(&str, Self); 3] =
        [("none", Self::None), ("sidecar", Self::Sidecar), ("central", Self::Central)];

    /// The name of the layer in faults and in `check --show`, and its text.
    const fn layer(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::None => None,
            Self::Sidecar => Some(("profile sidecar", include_str!("../../config/profiles/sidecar.toml"))),
            Self::Central => Some(("profile central", include_str!("../../config/profiles/central.toml"))),
        }
    }

    /// Overlays the profile.
    ///
    /// # Errors
    /// None as long as the profile's file is sound, which a test holds.
    pub fn over(self, layers: Layers) -> Result<Layers, Vec<Fault>> {
        match self.layer() {
            None => Ok(layers),
            Some((source, text)) => layers.text(source, text),
        }
    }
}

impl std::str::FromStr for Profile {
    type Err = String;

    /// Reads a profile's word; an empty text is none, as for a variable that is set to nothing.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::None);
        }
        let known = Self::WORDS.into_iter().find(|(word, _)| *word == text);
        known.map(|(_, profile)| profile).ok_or_else(|| {
            crate::protocol::document::none_of(text, Self::WORDS.iter().map(|(word, _)| *word))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Profile;
    use crate::config::{Config, Layers};

    fn settings(word: &str, own: &str) -> Config {
        let profile: Profile = word.parse().expect("a profile");
        let layers = Layers::shipped().and_then(|layers| profile.over(layers)).expect("a sound profile");
        layers.text("own.toml", own).expect("sound TOML").config().expect("sound settings")
    }

    #[test]
    fn a_sidecar_serves_its_pod_and_ends_within_a_second_and_a_half() {
        let config = settings("sidecar", "");
        assert_eq!(config.listen.address.to_string(), "127.0.0.1:18080");
        assert_eq!(config.admin.address.to_string(), "0.0.0.0:18090");
        assert_eq!(config.listen.workers, 1);
        let end = config.stop.announce + config.stop.linger + config.deadline.drain;
        assert!(end <= Duration::from_millis(1500), "{end:?}");
    }

    #[test]
    fn a_central_gateway_is_reached_over_the_network() {
        let config = settings("central", "");
        assert_eq!(config.listen.address.to_string(), "0.0.0.0:8080");
        assert_eq!(config.admin.address.to_string(), "0.0.0.0:18090");
        assert_eq!(config.deadline.drain, settings("none", "").deadline.drain);
    }

    #[test]
    fn the_owners_file_stands_above_the_profile() {
        let config = settings("sidecar", "listen.address = '127.0.0.1:1234'");
        assert_eq!(config.listen.address.to_string(), "127.0.0.1:1234");
        assert_eq!(config.listen.workers, 1);
    }

    #[test]
    fn a_word_that_is_no_profile_is_refused_with_those_that_are() {
        assert_eq!("".parse(), Ok(Profile::None));
        let told = "sidecart".parse::<Profile>().expect_err("no profile");
        assert!(told.contains("sidecar") && told.contains("central"), "{told}");
    }
}
