//! Reads the additional members of an operation's refusal.

use std::sync::Arc;

use crate::protocol::document::{Node, Section, TomlValue};

/// Members that the gateway writes in every refusal; a table may not replace them.
const OWN: [&str; 7] = ["op", "result", "error", "code", "cause", "properties", "id"];

/// The members as JSON text, without the braces around them; `None` where the line has none.
pub fn read(line: &Section<'_>) -> Option<Arc<str>> {
    line.node("carries")?;
    let members = line.section("carries");
    let member = |(name, node): &(String, Node)| member(line, name, node);
    let members: Vec<String> = members.entries().iter().filter_map(member).collect();
    (!members.is_empty()).then(|| members.join(",").into())
}

fn member(line: &Section<'_>, name: &str, node: &Node) -> Option<String> {
    if OWN.contains(&name) {
        line.fault_at("carries", format!("`{name}` is what the refusal itself says"));
        return None;
    }
    let json = match &node.value {
        TomlValue::Boolean(truth) => truth.to_string(),
        TomlValue::Integer(number) => number.to_string(),
        TomlValue::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        TomlValue::List(items) if items.is_empty() => "[]".to_owned(),
        other => {
            let found = other.kind();
            let what =
                format!("`{name}`: expected a text, a number, true, false or an empty list, found {found}");
            line.fault_at("carries", what);
            return None;
        }
    };
    Some(format!("{}:{json}", serde_json::Value::from(name)))
}
