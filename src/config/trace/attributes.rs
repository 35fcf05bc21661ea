//! Attributes of the resource: a table, or a text as `OTEL_RESOURCE_ATTRIBUTES` has it.

use crate::config::proxy::decoded;
use crate::protocol::document::{Section, TomlValue};

/// The attribute that has a setting of its own.
pub const SERVICE: &str = "service.name";

/// `trace.resource`
pub fn read(section: &Section<'_>) -> Vec<(String, String)> {
    let attributes = match section.node("resource").map(|node| &node.value) {
        None => return Vec::new(),
        Some(TomlValue::Text(text)) => parse(text).unwrap_or_else(|what| {
            section.fault_at("resource", what);
            Vec::new()
        }),
        Some(_) => return table(&section.section("resource")),
    };
    if attributes.iter().any(|(name, _)| name == SERVICE) {
        section.fault_at("resource", format!("has `{SERVICE}`, which is what trace.service is for"));
    }
    attributes
}

fn table(resource: &Section<'_>) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    for (name, node) in resource.entries() {
        match &node.value {
            _ if name.is_empty() => resource.fault_here("has an attribute without a name".to_owned()),
            _ if name == SERVICE => resource.fault_at(name, "is what trace.service is for".to_owned()),
            TomlValue::Text(text) => attributes.push((name.clone(), text.clone())),
            TomlValue::Table(_) => {
                let what = "is a table: a name with dots stands in quotes, as in \"deployment.environment.name\" = \"…\"";
                resource.fault_at(name, what.to_owned());
            }
            other => resource.fault_at(name, format!("expected a text in quotes, found {}", other.kind())),
        }
    }
    attributes
}

/// Reads `name=value,name=value`, both percent-encoded; of a name that is there twice the last value counts.
///
/// # Errors
/// A sentence that holds no value.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let sound = pair.split_once('=').and_then(|(name, value)| {
            let name = decoded(name.trim()).filter(|name| !name.is_empty())?;
            Some((name, decoded(value.trim())?))
        });
        let Some((name, value)) = sound else {
            return Err(
                "has an attribute that is not name=value: give them as in deployment.environment.name=production,\
                 service.namespace=shop, with `,`, `=` and `%` in them percent-encoded"
                    .to_owned(),
            );
        };
        attributes.retain(|(known, _)| *known != name);
        attributes.push((name, value));
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn names_and_values_are_percent_decoded() {
        let pairs = |text: &str| parse(text).expect("sound attributes");
        let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("a=b"), own(&[("a", "b")]));
        assert_eq!(pairs(" a = b , c=d=e ,"), own(&[("a", "b"), ("c", "d=e")]));
        assert_eq!(pairs("a%2Cb=c%3dd%25,e=%C3%A9"), own(&[("a,b", "c=d%"), ("e", "é")]));
        assert_eq!(pairs("a=1,b=2,a=3"), own(&[("b", "2"), ("a", "3")]));
        assert_eq!(pairs("a="), own(&[("a", "")]));
    }

    #[test]
    fn an_attribute_that_is_none_makes_all_of_them_wrong_and_is_not_shown() {
        for text in ["MARK", "a=b,MARK", "=MARK", "a=MARK%4", "a=MARK%zz", "a=MARK%ff", "%=MARK"] {
            let told = parse(text).expect_err(text);
            assert!(told.starts_with("has an attribute that is not name=value") && !told.contains("MARK"));
        }
    }
}
