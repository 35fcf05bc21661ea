//! A row's answer fields compiled: which members to read from upstream's JSON, and which to write for the old client.

use super::pointer::Pointer;
use super::row::{AnswerField, Row, Shape};

/// How upstream's answer becomes an old client's. Every member to read has a number, its *find*.
#[derive(Debug)]
pub struct AnswerPlan {
    /// Members to read, as a tree of names.
    pub wanted: Vec<Wanted>,
    /// How many finds there are.
    pub finds: usize,
    /// Members to write, as a tree of names.
    pub shown: Vec<Shown>,
}

/// A member to read from upstream's answer.
#[derive(Debug)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The find that gets the value, if the value itself is wanted.
    pub find: Option<usize>,
    /// Members to read inside it.
    pub inside: Vec<Self>,
}

/// A member to write.
#[derive(Debug)]
pub struct Shown {
    /// The name as JSON with its colon.
    pub key: String,
    /// The member's value.
    pub content: ShownContent,
}

/// What a written member holds.
#[derive(Debug)]
pub enum ShownContent {
    /// An object of these members; left out if none of them has a value.
    Object(Vec<Shown>),
    /// The first of these finds that has a value, written in this form.
    Value {
        /// The finds, in order of preference.
        finds: Vec<usize>,
        /// The form.
        form: ValueForm,
        /// The slot of the request's parameter whose value is written if upstream left the member out.
        fill: Option<usize>,
        /// The member's place, for a sentence about a wrong type.
        at: Pointer,
    },
}

/// The form of a written value.
#[derive(Debug)]
pub enum ValueForm {
    /// A JSON string.
    Text,
    /// A JSON integer.
    Integer,
    /// A JSON string or number, copied.
    Scalar,
    /// `"1"` or `"0"`.
    Digit,
    /// A list of objects.
    Rows(AnswerPlan),
}

impl AnswerPlan {
    /// The find of `result`.
    pub const RESULT: usize = 0;
    /// The find of `error`.
    pub const ERROR: usize = 1;
    /// The find of `code`.
    pub const CODE: usize = 2;
    /// The find of `cause`.
    pub const CAUSE: usize = 3;
    /// The find of `properties`.
    pub const PROPERTIES: usize = 4;
    /// The find of `id`.
    pub const ID: usize = 5;
    /// Members that every answer may have, in the order of the finds above; docs/compatibility.md says from where they
    /// are known.
    pub const ENVELOPE: [&str; 6] = ["result", "error", "code", "cause", "properties", "id"];

    /// Compiles a checked row's answer.
    #[must_use]
    pub fn compile(row: &Row) -> Self {
        let mut plan = Self::envelope();
        plan.add(&row.answer, row);
        plan
    }

    /// A plan that reads only the envelope: the members that any operation's answer may have.
    #[must_use]
    pub fn envelope() -> Self {
        let mut plan = Self { wanted: Vec::new(), finds: 0, shown: Vec::new() };
        for name in Self::ENVELOPE {
            plan.look_for(&[name.to_owned()]);
        }
        plan
    }

    /// A plan that reads these places; the find of each is its number in the list.
    #[must_use]
    pub fn finds<const N: usize>(places: [Option<&Pointer>; N]) -> Self {
        let mut plan = Self { wanted: Vec::new(), finds: N, shown: Vec::new() };
        for (find, place) in places.into_iter().enumerate() {
            if let Some(place) = place {
                want(&mut plan.wanted, place.steps(), find);
            }
        }
        plan
    }

    fn row(fields: &[AnswerField], row: &Row) -> Self {
        let mut plan = Self { wanted: Vec::new(), finds: 0, shown: Vec::new() };
        plan.add(fields, row);
        plan
    }

    fn add(&mut self, fields: &[AnswerField], row: &Row) {
        for field in fields {
            let finds = field.from.iter().map(|from| self.look_for(from.steps())).collect();
            let content = ShownContent::Value {
                finds,
                form: form(&field.shape, row),
                fill: field.fill.as_ref().and_then(|name| row.slot(name)),
                at: field.at.clone(),
            };
            show(&mut self.shown, field.at.steps(), content);
        }
    }

    /// Adds a member to read and returns its find, which two lines may share.
    fn look_for(&mut self, steps: &[String]) -> usize {
        let find = want(&mut self.wanted, steps, self.finds);
        self.finds = self.finds.max(find + 1);
        find
    }
}

fn form(shape: &Shape, row: &Row) -> ValueForm {
    match shape {
        Shape::Text => ValueForm::Text,
        Shape::Integer => ValueForm::Integer,
        Shape::Scalar => ValueForm::Scalar,
        Shape::Digit => ValueForm::Digit,
        Shape::Rows(fields) => ValueForm::Rows(AnswerPlan::row(fields, row)),
    }
}

fn want(wanted: &mut Vec<Wanted>, steps: &[String], find: usize) -> usize {
    let Some((step, rest)) = steps.split_first() else {
        return find;
    };
    let index = wanted.iter().position(|member| member.name == *step).unwrap_or_else(|| {
        wanted.push(Wanted { name: step.clone(), find: None, inside: Vec::new() });
        wanted.len() - 1
    });
    if rest.is_empty() {
        *wanted[index].find.get_or_insert(find)
    } else {
        want(&mut wanted[index].inside, rest, find)
    }
}

fn show(shown: &mut Vec<Shown>, steps: &[String], content: ShownContent) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    let key = format!("\"{step}\":");
    if rest.is_empty() {
        shown.push(Shown { key, content });
        return;
    }
    let index = shown.iter().position(|member| member.key == key).unwrap_or_else(|| {
        shown.push(Shown { key, content: ShownContent::Object(Vec::new()) });
        shown.len() - 1
    });
    if let ShownContent::Object(inside) = &mut shown[index].content {
        show(inside, rest, content);
    }
}
