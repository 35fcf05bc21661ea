//! What a language needs to be known for, so that a value can be written in it; and the writing.

use super::call::Node;
use crate::protocol::ops::ParamKind;

/// How a language writes values.
#[derive(Clone, Copy)]
pub(super) struct Grammar {
    /// How objects are laid out.
    pub object: Layout,
    /// How objects are laid out whose first member is named 0, if otherwise.
    pub numbered: Option<Layout>,
    /// How lists are laid out.
    pub list: Layout,
    /// One step of indentation.
    pub step: &'static str,
    /// Whether values of neighbouring lines begin in one column, as gofmt has it.
    pub is_aligned: bool,
    /// What stands before and after a whole value.
    pub around: [&'static str; 2],
    /// A text.
    pub text: fn(&str) -> String,
    /// The name of an object's member, as it stands in [`Layout::item`].
    pub key: fn(&str) -> String,
    /// A whole number.
    pub integer: fn(i64) -> String,
    /// Another number, given as JSON text.
    pub number: fn(&str) -> String,
    /// True, false and null.
    pub words: [&'static str; 3],
    /// The token, from the environment.
    pub token: &'static str,
    /// A variable of this name.
    pub variable: fn(&str) -> String,
    /// Whether variables are known to hold texts, as a program's own declarations make them.
    pub has_texts: bool,
    /// An expression that gives a text already.
    pub written: fn(&str) -> String,
    /// An expression that gives what old code sent as text, as a value of a kind.
    pub convert: fn(&str, ParamKind) -> String,
    /// Some bits of a whole number that an expression gives: mask, and places to move down.
    pub bits: fn(&str, u32, u32) -> String,
}

/// How a language writes what has members.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// Without members.
    pub empty: &'static str,
    /// Before the first member.
    pub open: &'static str,
    /// A member: `$k` stands for the key, `$v` for the value.
    pub item: [&'static str; 3],
    /// Between two members.
    pub between: &'static str,
    /// After the last one, where it is written as the others are.
    pub last: &'static str,
    /// After all, on a line of its own; nothing if empty.
    pub close: &'static str,
}

impl Layout {
    /// Members between braces, each with its name and a colon, a comma behind each.
    pub const BRACES: Self =
        Self { empty: "{}", open: "{", item: ["", ": ", ""], between: ",", last: ",", close: "}" };
    /// Items between brackets, a comma behind each.
    pub const BRACKETS: Self =
        Self { empty: "[]", open: "[", item: ["", "", ""], between: ",", last: ",", close: "]" };
}

impl Grammar {
    /// Writes a value; lines after the first begin with `margin`.
    pub fn write(&self, node: &Node, margin: &str) -> String {
        let [before, after] = self.around;
        format!("{before}{}{after}", self.value(node, margin))
    }

    fn value(&self, node: &Node, margin: &str) -> String {
        match node {
            Node::Object(members) => {
                let members = members.iter().map(|(name, node)| ((self.key)(name), node));
                self.lay_out(self.layout(node), members.collect(), margin)
            }
            Node::List(items) => {
                self.lay_out(&self.list, items.iter().map(|node| (String::new(), node)).collect(), margin)
            }
            Node::Text(text) => (self.text)(text),
            Node::Integer(number) => (self.integer)(*number),
            Node::Number(digits) => (self.number)(digits),
            Node::Boolean(true) => self.words[0].to_owned(),
            Node::Boolean(false) => self.words[1].to_owned(),
            Node::Null => self.words[2].to_owned(),
            Node::Token => self.token.to_owned(),
            Node::Variable(name, ParamKind::Text) if self.has_texts => (self.variable)(name),
            Node::Variable(name, kind) => (self.convert)(&(self.variable)(name), *kind),
            Node::Expression(text, kind) => (self.convert)(text, *kind),
            Node::Written(text) => (self.written)(text),
            Node::Bits { of, mask, shift } => (self.bits)(&self.value(of, margin), *mask, *shift),
        }
    }

    /// Writes a value in one line, with `pad` inside of the brackets of objects.
    pub fn line(&self, node: &Node, pad: &str) -> String {
        let [before, after] = self.around;
        format!("{before}{}{after}", self.in_line(node, pad))
    }

    fn in_line(&self, node: &Node, all: &str) -> String {
        let (layout, items, pad): (_, Vec<(String, &Node)>, _) = match node {
            Node::Object(members) => {
                let members = members.iter().map(|(name, node)| ((self.key)(name), node));
                (self.layout(node), members.collect(), all)
            }
            Node::List(items) => (&self.list, items.iter().map(|node| (String::new(), node)).collect(), ""),
            _ => return self.value(node, ""),
        };
        if items.is_empty() {
            return layout.empty.to_owned();
        }
        let [before, middle, after] = layout.item;
        let item = |(key, node): &(String, &Node)| {
            format!("{before}{key}{middle}{}{after}", self.in_line(node, all))
        };
        let between = if layout.between.is_empty() || self.step.is_empty() { layout.between } else { ", " };
        let items = items.iter().map(item).collect::<Vec<_>>().join(between);
        format!("{}{pad}{items}{pad}{}", layout.open, layout.close)
    }

    /// How an object is laid out.
    fn layout(&self, node: &Node) -> &Layout {
        let is_numbered = node.names().next() == Some("0");
        self.numbered.as_ref().filter(|_| is_numbered).unwrap_or(&self.object)
    }

    fn lay_out(&self, layout: &Layout, items: Vec<(String, &Node)>, margin: &str) -> String {
        if items.is_empty() {
            return layout.empty.to_owned();
        }
        let inside = format!("{margin}{}", self.step);
        let mut items: Vec<(String, String)> =
            items.into_iter().map(|(key, node)| (key, self.value(node, &inside))).collect();
        if self.is_aligned {
            align(&mut items, layout.item[1]);
        }
        let [before, middle, after] = layout.item;
        let lines: Vec<String> = items
            .iter()
            .map(|(key, value)| format!("\n{inside}{before}{key}{middle}{value}{after}"))
            .collect();
        let close =
            if layout.close.is_empty() { String::new() } else { format!("\n{margin}{}", layout.close) };
        format!("{}{}{}{close}", layout.open, lines.join(layout.between), layout.last)
    }
}

/// Moves values of neighbouring lines to one column; a value of several lines stands by itself.
fn align(items: &mut [(String, String)], middle: &str) {
    if middle.is_empty() {
        return;
    }
    for run in items.chunk_by_mut(|(_, one), (_, next)| !one.contains('\n') && !next.contains('\n')) {
        let widest = run.iter().map(|(key, _)| key.chars().count()).max().unwrap_or_default();
        for (key, value) in run {
            value.insert_str(0, &" ".repeat(widest - key.chars().count()));
        }
    }
}

/// Some bits of a number, as nearly all languages write it.
pub(super) fn bits(number: &str, mask: &str, shift: &str, places: u32) -> String {
    if places == 0 { format!("{number} & {mask}") } else { format!("({number} & {mask}) {shift} {places}") }
}

/// An expression that something can be put before or after: in parentheses, unless it is one name or call.
pub(super) fn atom(expression: &str) -> String {
    let is_mark = |character: char| character.is_alphanumeric() || "_$.>:[]()'\"!".contains(character);
    let arrows = expression.replace("->", ">");
    if arrows.chars().all(is_mark) { expression.to_owned() } else { format!("({expression})") }
}

/// Whether an expression is one call of one of these functions, or one of these casts before a name: it gives a number
/// already.
pub(super) fn is_number_already(expression: &str, functions: &[&str]) -> bool {
    functions.iter().any(|function| {
        let Some(rest) = expression.strip_prefix(function) else { return false };
        if function.ends_with(')') {
            return atom(rest.trim_start()) == rest.trim_start();
        }
        closes_last(rest)
    })
}

/// Whether the parenthesis that is open at the start is closed by the last character.
fn closes_last(rest: &str) -> bool {
    let mut depth = 1_usize;
    for (at, character) in rest.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' | '\'' | '`' => return false,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == rest.len();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{atom, is_number_already};

    #[test]
    fn an_expression_of_several_parts_is_put_in_parentheses() {
        for (expression, expected) in [
            ("$this->user['id']", "$this->user['id']"),
            ("user.getId()", "user.getId()"),
            ("$a . $b", "($a . $b)"),
            ("a-b", "(a-b)"),
            ("a+b", "(a+b)"),
        ] {
            assert_eq!(atom(expression), expected);
        }
    }

    #[test]
    fn a_number_already_is_known_by_its_one_call() {
        let functions = ["(int)", "intval("];
        for yes in ["(int) $x", "(int)$x", "intval($x)", "intval(f($x), 16)"] {
            assert!(is_number_already(yes, &functions), "{yes}");
        }
        for no in ["$x", "(int) $x . $y", "intval($x) . intval($y)", "intval(\")\") . $x"] {
            assert!(!is_number_already(no, &functions), "{no}");
        }
    }
}
