//! The variables by which OpenTelemetry's own programs are configured, as a layer of settings: above the settings file,
//! below `MESIGATE__TRACE__…`. An empty one counts as not set, and none counts where there are no traces.
//!
//! Names and meaning: OpenTelemetry specification 1.55, "Environment Variable Specification" and "OTLP Exporter".

use std::cell::RefCell;

use super::trace::WHOLE_URL;
use super::trace::attributes::{self, SERVICE};
use super::{Layers, PREFIX};
use crate::protocol::document::{Fault, Node, Place, Section, TomlValue, none_of};

const DISABLED: &str = "OTEL_SDK_DISABLED";
const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
const NAME: &str = "OTEL_SERVICE_NAME";
const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";

/// What a collector is spoken to with, and by which variables: that of traces alone counts before that of all signals.
const ENDPOINT: [&str; 2] = [WHOLE_URL, "OTEL_EXPORTER_OTLP_ENDPOINT"];
const PROTOCOL: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const CA_FILE: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"];

/// What collectors that know their clients ask for, which the gateway has not.
const NOT_SENT: [&str; 6] = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
];

/// The samplers: whether a caller's flag decides, and the ratio, unless `OTEL_TRACES_SAMPLER_ARG` has it.
const SAMPLERS: [(&str, (bool, Option<f64>)); 6] = [
    ("always_on", (false, Some(1.0))),
    ("always_off", (false, Some(0.0))),
    ("traceidratio", (false, None)),
    ("parentbased_always_on", (true, Some(1.0))),
    ("parentbased_always_off", (true, Some(0.0))),
    ("parentbased_traceidratio", (true, None)),
];

/// Whether a variable is OpenTelemetry's.
#[must_use]
pub fn is_opentelemetry(name: &str) -> bool {
    name.starts_with("OTEL_")
}

impl Layers {
    /// Overlays what OpenTelemetry's variables say of traces. `variables` have the gateway's own too, since their endpoint
    /// counts before OpenTelemetry's.
    ///
    /// # Errors
    /// A fault for each variable that says what cannot be done.
    pub fn opentelemetry(mut self, variables: &[(String, String)]) -> Result<Self, Vec<Fault>> {
        let variables = Variables(variables);
        if let Some(name) = variables.off() {
            self.set(name, "endpoint", TomlValue::Text(String::new()));
        } else if let Some((name, url)) = variables.first(ENDPOINT) {
            self.set(name, "endpoint", TomlValue::Text(url.to_owned()));
        }
        let own = variables.own_endpoint();
        if !own.map_or_else(|| self.has_endpoint(), |own| !own.is_empty()) {
            return Ok(self);
        }
        let mut faults = if own.is_none() { variables.faults_of_endpoint() } else { Vec::new() };
        if let Some((name, file)) = variables.first(CA_FILE) {
            self.set(name, "ca_file", TomlValue::Text(file.to_owned()));
        }
        faults.extend(self.sampler(&variables).err());
        faults.extend(self.resource(&variables).err());
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    fn sampler(&mut self, variables: &Variables<'_>) -> Result<(), Fault> {
        let Some(word) = variables.get(SAMPLER) else {
            return Ok(());
        };
        let known = SAMPLERS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        let Some((_, (follow, ratio))) = known else {
            return Err(fault(SAMPLER, none_of(word, SAMPLERS.iter().map(|(name, _)| *name))));
        };
        self.set(SAMPLER, "follow", TomlValue::Boolean(*follow));
        match (ratio, variables.get(SAMPLER_ARG)) {
            (None, Some(ratio)) => self.set(SAMPLER_ARG, "ratio", TomlValue::Text(ratio.to_owned())),
            (ratio, _) => self.set(SAMPLER, "ratio", TomlValue::Fraction(ratio.unwrap_or(1.0))),
        }
        Ok(())
    }

    fn resource(&mut self, variables: &Variables<'_>) -> Result<(), Fault> {
        let attributes = attributes::parse(variables.get(ATTRIBUTES).unwrap_or_default());
        for (name, value) in attributes.map_err(|what| fault(ATTRIBUTES, what))? {
            let place = Place::named(ATTRIBUTES);
            let keys =
                if name == SERVICE { vec!["trace", "service"] } else { vec!["trace", "resource", &name] };
            self.document_mut().overlay(Node::single(&keys, TomlValue::Text(value), &place));
        }
        if let Some(name) = variables.get(NAME) {
            self.set(NAME, "service", TomlValue::Text(name.to_owned()));
        }
        Ok(())
    }

    fn set(&mut self, variable: &str, key: &str, value: TomlValue) {
        self.document_mut().overlay(Node::single(&["trace", key], value, &Place::named(variable)));
    }

    fn has_endpoint(&self) -> bool {
        let faults = RefCell::default();
        Section::new("", self.document(), &faults).section("trace").is_filled("endpoint")
    }
}

/// The environment's variables.
struct Variables<'v>(&'v [(String, String)]);

impl<'v> Variables<'v> {
    fn get(&self, name: &str) -> Option<&'v str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    fn first(&self, names: [&'static str; 2]) -> Option<(&'static str, &'v str)> {
        names.into_iter().find_map(|name| Some((name, self.get(name)?)))
    }

    /// The endpoint that the gateway's own variable has, which may be empty.
    fn own_endpoint(&self) -> Option<&'v str> {
        let own = |name: &str| {
            name.strip_prefix(PREFIX).is_some_and(|key| key.eq_ignore_ascii_case("trace__endpoint"))
        };
        self.0.iter().find(|(name, _)| own(name)).map(|(_, value)| value.as_str())
    }

    /// The variable that switches traces off.
    fn off(&self) -> Option<&'static str> {
        let says = |name, word| self.get(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
        let words = [(DISABLED, "true"), (EXPORTER, "none")];
        words.into_iter().find(|(name, word)| says(name, word)).map(|(name, _)| name)
    }

    /// The faults of what is said of the endpoint, unless that is the gateway's own variable's.
    fn faults_of_endpoint(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(word) = self.get(EXPORTER).filter(|word| !word.eq_ignore_ascii_case("otlp")) {
            faults.push(fault(EXPORTER, none_of(word, ["otlp", "none"])));
        }
        if let Some((name, word)) = self.first(PROTOCOL).filter(|(_, word)| *word != "http/protobuf") {
            let what = format!(
                "`{word}` is not spoken: spans are posted as http/protobuf, which collectors take on port 4318; say so, \
                 or give the gateway an endpoint of its own as MESIGATE__TRACE__ENDPOINT"
            );
            faults.push(fault(name, what));
        }
        for name in NOT_SENT.into_iter().filter(|name| self.get(name).is_some()) {
            let what = "is not sent by the gateway, so that a collector that asks for it would take no span: name a \
                        collector that asks for nothing, and adds it itself, as MESIGATE__TRACE__ENDPOINT";
            faults.push(fault(name, what.to_owned()));
        }
        faults
    }
}

fn fault(variable: &str, what: String) -> Fault {
    Fault { place: Place::named(variable), key: String::new(), what }
}
