//! Reads a table document into rows: each block and line by itself, all faults collected.

mod carried;

use std::cell::RefCell;
use std::sync::Arc;

use super::pointer::Pointer;
use super::row::{
    AnswerField, Caching, Destination, Effect, Fixed, Need, Param, ParamKind, Part, Row, Scalar, Shape,
};
use crate::protocol::document::{Fault, Node, Place, Section, TomlValue, none_of};

/// A table as it was written: not yet checked as a whole.
#[derive(Debug, Default, Clone)]
pub struct WrittenTable {
    /// The operations.
    pub rows: Vec<Row>,
    /// The questions that have several forms; the first of each is the default.
    pub profiles: Vec<Vec<String>>,
    /// Parameters that any request may carry and that go nowhere.
    pub ignored: Vec<Named>,
    /// Operations of old code that cannot be served.
    pub refused: Vec<Named>,
    /// The operation that the gateway sends upstream to find out whether a token is valid, and where the table names
    /// it.
    pub probe: Option<(String, Place)>,
}

/// A name that old code sends, and an explanation of it.
#[derive(Debug, Clone)]
pub struct Named {
    /// The legacy name, lower case.
    pub name: String,
    /// A sentence for people.
    pub doc: String,
    /// Whether this is an operation of mesibo's console, which no app's key may call.
    pub console: bool,
    /// Additional members of the refusal, as members of a JSON object; `None` for most.
    pub carries: Option<Arc<str>>,
    /// Where the line stands.
    pub place: Place,
}

/// Reads a whole table document.
pub fn read(document: &Node, faults: &RefCell<Vec<Fault>>) -> WrittenTable {
    let top = Section::new("", document, faults);
    let written = WrittenTable {
        rows: top.sections("operation").into_iter().filter_map(row).collect(),
        profiles: profiles(&top),
        ignored: top.sections("ignored").into_iter().filter_map(ignored).collect(),
        refused: top.sections("refused").into_iter().filter_map(refused).collect(),
        probe: top
            .node("probe")
            .zip(top.text("probe"))
            .map(|(node, name)| (name.to_owned(), node.place.clone())),
    };
    top.finish();
    written
}

fn profiles(top: &Section<'_>) -> Vec<Vec<String>> {
    let Some(node) = top.node("profiles") else {
        return Vec::new();
    };
    let TomlValue::List(questions) = &node.value else {
        top.fault_at("profiles", format!("expected a list of lists, found {}", node.value.kind()));
        return Vec::new();
    };
    questions.iter().filter_map(|question| forms(top, question)).collect()
}

fn forms(top: &Section<'_>, question: &Node) -> Option<Vec<String>> {
    let text = |node: &Node| match &node.value {
        TomlValue::Text(text) => Some(text.clone()),
        _ => None,
    };
    let forms = match &question.value {
        TomlValue::List(forms) => forms.iter().map(text).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    if forms.as_ref().is_none_or(|forms| forms.len() < 2) {
        top.fault_at("profiles", "each question is a list of two names or more".to_owned());
        return None;
    }
    forms
}

fn ignored(line: Section<'_>) -> Option<Named> {
    let named = named(&line);
    line.finish();
    named
}

fn refused(line: Section<'_>) -> Option<Named> {
    let named = named(&line);
    let console = line.boolean("console").unwrap_or(false);
    let carries = carried::read(&line);
    line.finish();
    Some(Named { console, carries, ..named? })
}

fn named(line: &Section<'_>) -> Option<Named> {
    let name = line.required_text("name").map(str::to_owned);
    let doc = line.required_text("doc").map(str::to_owned);
    Some(Named { name: name?, doc: doc?, console: false, carries: None, place: line.place().clone() })
}

fn row(block: Section<'_>) -> Option<Row> {
    let name = block.required_text("name");
    let row = Row {
        name: name.unwrap_or_default().to_owned(),
        aliases: block.texts("aliases"),
        summary: block.required_text("summary").unwrap_or_default().to_owned(),
        sends: block.text("sends").or(name).unwrap_or_default().to_owned(),
        effect: effect(&block),
        group: block.text("group").map(str::to_owned),
        cache: block.one_of("cache", &Caching::WORDS).unwrap_or(Caching::None),
        fixed: fixed(&block),
        params: block.sections("params").into_iter().filter_map(param).collect(),
        answer: block.sections("answer").into_iter().filter_map(field).collect(),
        place: block.place().clone(),
    };
    block.finish();
    name.map(|_| row)
}

fn effect(block: &Section<'_>) -> Effect {
    let effect = block.required_text("effect").and_then(|_| block.one_of("effect", &Effect::WORDS));
    effect.unwrap_or(Effect::Create)
}

fn fixed(block: &Section<'_>) -> Vec<Fixed> {
    if block.node("fixed").is_none() {
        return Vec::new();
    }
    let entry = |(key, node): &(String, Node)| {
        let json = match &node.value {
            TomlValue::Boolean(truth) => truth.to_string(),
            TomlValue::Integer(number) => number.to_string(),
            TomlValue::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            other => {
                block.fault_at(
                    "fixed",
                    format!("`{key}`: expected a text, a number, true or false, found {}", other.kind()),
                );
                return None;
            }
        };
        let at = Pointer::parse(key).map_err(|what| block.fault_at("fixed", what)).ok()?;
        Some(Fixed { at, json })
    };
    block.section("fixed").entries().iter().filter_map(entry).collect()
}

fn param(line: Section<'_>) -> Option<Param> {
    let name = line.required_text("name").map(str::to_owned);
    let kind = line.required_text("type").and_then(|_| line.one_of("type", &ParamKind::WORDS));
    let param = Param {
        name: name.clone().unwrap_or_default(),
        aliases: line.texts("aliases"),
        target: target(&line),
        kind: kind.unwrap_or(ParamKind::Text),
        need: need(&line),
        max: line.integer("max"),
        clamp: line.integer("clamp").and_then(|most| i64::try_from(most).ok()),
        absent_if: absent_if(&line, kind),
        off_with: line.text("off_with").map(str::to_owned),
        only_with: line.text("only_with").map(str::to_owned),
        forgiving: line.boolean("forgiving").unwrap_or(false),
        verbatim: line.boolean("verbatim").unwrap_or(false),
        bits: line.boolean("bits").unwrap_or(false),
        profile: line.text("profile").map(str::to_owned),
        doc: line.required_text("doc").unwrap_or_default().to_owned(),
        place: line.place().clone(),
    };
    line.finish();
    name.map(|_| param)
}

fn target(line: &Section<'_>) -> Destination {
    let parts: Vec<Part> = line.sections("split").into_iter().filter_map(part).collect();
    match line.parsed("to", Pointer::parse) {
        Some(_) if !parts.is_empty() => {
            line.fault_at("split", "stands beside `to`; a parameter has one of them".to_owned());
            Destination::Split(parts)
        }
        Some(at) => Destination::At(at),
        None if parts.is_empty() => Destination::Nowhere,
        None => Destination::Split(parts),
    }
}

fn part(line: Section<'_>) -> Option<Part> {
    let at = line.parsed("to", Pointer::parse);
    let bits = |key| line.integer(key).map(u32::try_from);
    let mask = match bits("mask") {
        Some(Ok(mask)) if mask > 0 => Some(mask),
        _ => {
            line.fault_here("`mask` is missing or not a 32-bit number above 0".to_owned());
            None
        }
    };
    let shift = match bits("shift") {
        None => Some(0),
        Some(Ok(shift)) if shift < 32 => Some(shift),
        Some(_) => {
            line.fault_at("shift", "is not below 32".to_owned());
            None
        }
    };
    line.finish();
    Some(Part { at: at?, mask: mask?, shift: shift? })
}

fn need(line: &Section<'_>) -> Need {
    match line.text("need") {
        None | Some("optional") => Need::Optional,
        Some("required") => Need::Required,
        Some(text) => match text.strip_prefix("one-of ").map(str::trim) {
            Some(group) if !group.is_empty() => Need::OneOf(group.to_owned()),
            _ => {
                line.fault_at("need", none_of(text, ["required", "optional", "one-of NAME"]));
                Need::Optional
            }
        },
    }
}

fn absent_if(line: &Section<'_>, kind: Option<ParamKind>) -> Option<Scalar> {
    let node = line.node("absent_if")?;
    let scalar = match (&node.value, kind?) {
        (TomlValue::Integer(number), ParamKind::Integer) => Some(Scalar::Integer(*number)),
        (TomlValue::Boolean(truth), ParamKind::Boolean | ParamKind::Bit) => Some(Scalar::Boolean(*truth)),
        (TomlValue::Text(text), ParamKind::Text | ParamKind::List) => Some(Scalar::Text(text.clone())),
        _ => None,
    };
    if scalar.is_none() {
        line.fault_at("absent_if", format!("{} does not fit the parameter's type", node.value.kind()));
    }
    scalar
}

fn field(line: Section<'_>) -> Option<AnswerField> {
    let at = match line.required_text("at") {
        Some(_) => line.parsed("at", Pointer::parse),
        None => None,
    };
    let rows = line.node("each").map(|_| line.sections("each"));
    let shape = match (rows, line.text("type")) {
        (Some(rows), None) => Some(Shape::Rows(rows.into_iter().filter_map(field).collect())),
        (None, Some(_)) => line.one_of("type", &Shape::WORDS),
        _ => {
            line.fault_here("an answer's member has either `type` or `each`".to_owned());
            None
        }
    };
    let from = sources(&line);
    let field = AnswerField {
        from: if from.is_empty() { at.clone().into_iter().collect() } else { from },
        at: at?,
        shape: shape?,
        fill: line.text("fill").map(str::to_owned),
        place: line.place().clone(),
    };
    line.finish();
    Some(field)
}

fn sources(line: &Section<'_>) -> Vec<Pointer> {
    let read = |text: String| Pointer::parse(&text).map_err(|what| line.fault_at("from", what)).ok();
    line.texts("from").into_iter().filter_map(read).collect()
}
