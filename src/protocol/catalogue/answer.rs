//! The members of upstream's answer that an old client gets, a line for each.

use crate::protocol::ops::{AnswerField, Shape};

/// A member of the old answer, and where in the JSON answer it comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct Back {
    /// The old member, with dots; `[]` stands for each row of a list.
    pub old: String,
    /// The JSON members that it may come from, in the order in which they are looked for.
    pub from: Vec<String>,
    /// The form in which the old client gets it, and what is written if upstream leaves it out.
    pub what: String,
}

/// Every member but `op`, `result`, `id` and those of a failure.
#[must_use]
pub fn comes_back(fields: &[AnswerField]) -> Vec<Back> {
    let mut lines = Vec::new();
    walk(fields, ["", ""], &mut lines);
    lines
}

fn walk(fields: &[AnswerField], [old, new]: [&str; 2], lines: &mut Vec<Back>) {
    for field in fields {
        let at = format!("{old}{}", field.at.dotted());
        let from: Vec<String> = field.from.iter().map(|from| format!("{new}{}", from.dotted())).collect();
        if let Shape::Rows(rows) = &field.shape {
            let list = from.first().map_or(at.as_str(), String::as_str);
            walk(rows, [&format!("{at}[]."), &format!("{list}[].")], lines);
            continue;
        }
        let fill =
            field.fill.as_ref().map_or_else(String::new, |name| format!(", else `{name}` as it was sent"));
        lines.push(Back { old: at, from, what: format!("{}{fill}", kind(&field.shape)) });
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Integer => "a number",
        Shape::Scalar => "a text or a number, as it is",
        Shape::Digit => "\"1\" or \"0\"",
        Shape::Rows(_) => "a list",
    }
}

#[cfg(test)]
mod tests {
    use super::{Back, comes_back};
    use crate::protocol::ops::Table;

    #[test]
    fn each_old_member_has_the_json_members_that_it_comes_from() {
        let table = Table::shipped().expect("a sound table");
        let lines = |name| comes_back(&table.find(name).expect("an operation").row.answer);
        let line = |old: &str, from: &[&str], what: &str| Back {
            old: old.to_owned(),
            from: from.iter().map(|from| (*from).to_owned()).collect(),
            what: what.to_owned(),
        };
        let gid = line("group.gid", &["group.gid"], "a number, else `gid` as it was sent");
        assert_eq!(lines("groupset"), [gid]);
        let send =
            line("members[].cansend", &["members[].cansend", "members[].permissions.send"], "\"1\" or \"0\"");
        assert_eq!(lines("groupgetmembers")[2], send);
        assert_eq!(lines("message"), []);
    }
}
