//! What is asked of an injection.

use std::str::FromStr;

/// What is asked; the flags of `mesigate inject`.
#[derive(Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub struct Options {
    /// Take the sidecar out again.
    pub uninject: bool,
    /// Also where nothing asks for it.
    pub all: bool,
    /// It is no fault if no pod asks for it.
    pub quiet: bool,
    /// An ordinary container, for clusters before 1.29.
    pub classic: bool,
    /// What the cluster runs, if it is known.
    pub kubernetes: Option<Version>,
    /// The sidecar's image, in place of the definition's.
    pub image: Option<String>,
    /// With its settings.
    pub config_map: Option<ObjectName>,
    /// To be mounted as folders.
    pub secrets: Vec<ObjectName>,
    /// Variables of containers.
    pub settings: Vec<Setting>,
}

/// A minor version of Kubernetes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

/// The first version in which init containers may go on running.
pub const NATIVE: Version = Version(1, 29);

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut part = || parts.next()?.trim_end_matches('+').parse().ok();
        match (part(), part()) {
            (Some(major), Some(minor)) => Ok(Self(major, minor)),
            _ => Err("it has to be a version of Kubernetes, such as 1.30".to_owned()),
        }
    }
}

/// The name of a `ConfigMap` or Secret.
#[derive(Clone)]
pub struct ObjectName(pub String);

impl FromStr for ObjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let edge =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = text.as_bytes();
        let is_name = bytes.iter().copied().all(inner) && edge(bytes.first()) && edge(bytes.last());
        if is_name && text.len() <= 253 {
            Ok(Self(text.to_owned()))
        } else {
            Err("a name in Kubernetes has small letters, digits, `-` and `.`".to_owned())
        }
    }
}

/// A variable of a container's environment: `app.env.MESIBO_API=http://127.0.0.1:18080`.
#[derive(Clone)]
pub struct Setting {
    /// The container's name, or `*`.
    pub container: String,
    /// The variable's name.
    pub name: String,
    /// Its value, as it is.
    pub value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "it has to be CONTAINER.env.NAME=VALUE".to_owned();
        let (place, value) = text.split_once('=').ok_or_else(form)?;
        let (container, name) = place.split_once(".env.").ok_or_else(form)?;
        let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_container = container == "*" || (!container.is_empty() && container.bytes().all(is_label));
        let is_variable = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let begins = name.starts_with(|first: char| !first.is_ascii_digit());
        if is_container && begins && name.bytes().all(is_variable) {
            Ok(Self { container: container.to_owned(), name: name.to_owned(), value: value.to_owned() })
        } else {
            Err(form())
        }
    }
}
