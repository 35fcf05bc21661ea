//! Writes values as people and tools do: in any style that YAML has, with comments anywhere.

use serde_json::Value;

/// Decisions, taken from bytes so that a failing case can be made smaller.
pub struct Choices {
    bytes: Vec<u8>,
    at: usize,
}

impl Choices {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number below `most`; 0, the plainest, when the bytes are used up.
    pub fn below(&mut self, most: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(byte) % most
    }

    /// Once in `times`.
    pub fn seldom(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

/// The habits of one document.
pub struct Emitter<'c> {
    pub choices: &'c mut Choices,
    pub step: usize,
    pub dash: usize,
    pub comments: bool,
    pub count: usize,
    out: String,
}

impl<'c> Emitter<'c> {
    pub fn new(choices: &'c mut Choices, count: usize) -> Self {
        let step = [2, 2, 4, 3, 1][choices.below(5)];
        let dash = if choices.seldom(2) { step } else { 0 };
        let comments = choices.seldom(2);
        Self { choices, step, dash, comments, count, out: String::new() }
    }

    pub fn document(mut self, value: &Value) -> (String, usize) {
        if self.choices.seldom(8) {
            let flow = self.flow(value);
            self.out.push_str(&flow);
            self.out.push('\n');
        } else {
            self.block(value, 0, false);
        }
        (self.out, self.count)
    }

    fn block(&mut self, value: &Value, column: usize, mut behind_dash: bool) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    if !behind_dash {
                        self.remark(column);
                        self.margin(column);
                    }
                    behind_dash = false;
                    let key = self.key(key);
                    self.out.push_str(&key);
                    self.out.push(':');
                    self.behind(value, column, self.step, self.dash);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.remark(column);
                    self.margin(column);
                    self.item(item, column);
                }
            }
            _ => unreachable!("scalars stand behind something"),
        }
    }

    fn item(&mut self, item: &Value, column: usize) {
        self.out.push('-');
        let compact =
            matches!(item, Value::Object(entries) if !entries.is_empty()) && !self.choices.seldom(6);
        if compact {
            let pad = if self.choices.seldom(7) { 3 } else { 1 };
            self.out.push_str(&" ".repeat(pad));
            self.block(item, column + 1 + pad, true);
        } else {
            self.behind(item, column, 2, 2);
        }
    }

    /// What stands behind a colon or a dash.
    fn behind(&mut self, value: &Value, column: usize, step: usize, dash: usize) {
        let filled = match value {
            Value::Object(entries) => !entries.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        if filled && !self.choices.seldom(9) {
            if self.choices.seldom(12) {
                self.count += 1;
                self.out.push_str(&format!(" &unused-{}", self.count));
            }
            self.end_of_line();
            let deeper = if value.is_array() { column + dash } else { column + step };
            return self.block(value, deeper, false);
        }
        if let Some(text) = value.as_str().filter(|text| text.contains('\n') && self.choices.below(3) > 0) {
            return self.literal(text, column + step);
        }
        let text = self.flow(value);
        if !text.is_empty() {
            self.out.push_str(if self.choices.seldom(9) { "   " } else { " " });
            self.out.push_str(&text);
        }
        self.end_of_line();
    }

    fn literal(&mut self, text: &str, column: usize) {
        let extra = text.len() - text.trim_end_matches('\n').len();
        let chomp = ["-", "", "+"][extra.min(2)];
        self.out.push_str(&format!(" |{chomp}\n"));
        for line in text.trim_end_matches('\n').split('\n') {
            let margin = if line.is_empty() { 0 } else { column };
            self.out.push_str(&format!("{}{line}\n", " ".repeat(margin)));
        }
        self.out.push_str(&"\n".repeat(extra.saturating_sub(1)));
    }

    fn key(&mut self, key: &str) -> String {
        match self.choices.below(12) {
            11 => format!("\"{key}\""),
            10 => format!("'{key}'"),
            _ => key.to_owned(),
        }
    }

    fn flow(&mut self, value: &Value) -> String {
        match value {
            Value::Null => ["", "~", "null"][self.choices.below(3)].to_owned(),
            Value::String(text) => self.string(text),
            Value::Array(items) if items.is_empty() => ["[]", "[ ]"][self.choices.below(2)].to_owned(),
            Value::Object(entries) if entries.is_empty() => ["{}", "{ }"][self.choices.below(2)].to_owned(),
            Value::Array(items) => {
                let members: Vec<String> = items.iter().map(|item| self.member(item)).collect();
                self.between("[", &members, "]")
            }
            Value::Object(entries) => {
                let members: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {}", self.member(value))).collect();
                self.between("{", &members, "}")
            }
            other => other.to_string(),
        }
    }

    /// In flow style nothing at all is too little for a null.
    fn member(&mut self, value: &Value) -> String {
        if value.is_null() { "null".to_owned() } else { self.flow(value) }
    }

    fn between(&mut self, open: &str, members: &[String], close: &str) -> String {
        let blank = ["", " "][self.choices.below(2)];
        let last = if self.choices.seldom(9) { "," } else { "" };
        format!("{open}{blank}{}{last}{blank}{close}", members.join(", "))
    }

    fn string(&mut self, text: &str) -> String {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./-".contains(&byte));
        let is_word = !["true", "false", "null", ""].contains(&text) && text.parse::<f64>().is_err();
        match self.choices.below(4) {
            3 if !text.contains('\n') => format!("'{}'", text.replace('\'', "''")),
            0 | 1 if is_plain && is_word && !text.starts_with('-') => text.to_owned(),
            _ => serde_json::to_string(text).expect("text"),
        }
    }

    fn margin(&mut self, column: usize) {
        self.out.push_str(&" ".repeat(column));
    }

    /// A comment or a blank line of its own, somewhere near its column.
    fn remark(&mut self, column: usize) {
        if self.comments && self.choices.seldom(5) {
            let column = column.saturating_sub(self.choices.below(2));
            self.margin(column);
            self.comment();
            self.out.push('\n');
        }
        if self.choices.seldom(16) {
            self.out.push('\n');
        }
    }

    fn end_of_line(&mut self) {
        if self.comments && self.choices.seldom(6) {
            self.out.push(' ');
            self.comment();
        }
        self.out.push('\n');
    }

    fn comment(&mut self) {
        self.count += 1;
        self.out.push_str(&format!("# remark {};", self.count));
    }
}
