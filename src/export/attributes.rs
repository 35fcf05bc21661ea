//! Attributes as OTLP has them: a name with a value that has a type.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

/// The attributes of something, as they are added.
#[derive(Default)]
pub struct Attributes(pub Vec<KeyValue>);

impl Attributes {
    /// Adds a text, unless it is empty.
    pub fn text(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.add(name, Value::StringValue(text));
        }
    }

    /// Adds a number.
    pub fn number(&mut self, name: &str, number: impl Into<i64>) {
        self.add(name, Value::IntValue(number.into()));
    }

    /// Adds whether something is so.
    pub fn truth(&mut self, name: &str, truth: bool) {
        self.add(name, Value::BoolValue(truth));
    }

    fn add(&mut self, name: &str, value: Value) {
        let value = Some(AnyValue { value: Some(value) });
        self.0.push(KeyValue { key: name.to_owned(), value, ..KeyValue::default() });
    }
}
