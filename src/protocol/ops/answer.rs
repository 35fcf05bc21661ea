//! The answer's fields compiled: what to look for in upstream's JSON, and what to write.

use super::pointer::Pointer;
use super::row::{AnswerField, Row, Shape};

/// How upstream's answer becomes an old client's. Every place to look at has a number, its *find*.
#[derive(Debug)]
pub struct AnswerPlan {
    /// What to look for, as a tree of member names.
    pub wanted: Vec<Wanted>,
    /// How many finds there are.
    pub finds: usize,
    /// What to write, as a tree of member names.
    pub shown: Vec<Shown>,
}

/// A member to look for in upstream's answer.
#[derive(Debug)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The find to which its value goes, if the value itself is wanted.
    pub find: Option<usize>,
    /// What to look for inside it.
    pub inside: Vec<Self>,
}

/// A member to write.
#[derive(Debug)]
pub struct Shown {
    /// The name as JSON with its colon.
    pub key: String,
    /// What to write.
    pub content: ShownContent,
}

/// What a written member holds.
#[derive(Debug)]
pub enum ShownContent {
    /// An object of these members; left out when none of them has a value.
    Object(Vec<Shown>),
    /// The first of these finds that holds something, in this form.
    Value {
        /// Where it may have been found, in order of preference.
        finds: Vec<usize>,
        /// The form.
        form: ValueForm,
        /// The slot of the request's parameter that stands in.
        fill: Option<usize>,
        /// The place for a sentence about a wrong type.
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
    /// A JSON string or number as it is.
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
    /// What every answer may have, in the order of the finds above; docs/compatibility.md says from where it is known.
    pub const ENVELOPE: [&str; 6] = ["result", "error", "code", "cause", "properties", "id"];

    /// Compiles a checked row's answer.
    #[must_use]
    pub fn compile(row: &Row) -> Self {
        let mut plan = Self::envelope();
        plan.add(&row.answer, row);
        plan
    }

    /// What is looked for in any answer, whatever the operation.
    #[must_use]
    pub fn envelope() -> Self {
        let mut plan = Self { wanted: Vec::new(), finds: 0, shown: Vec::new() };
        for name in Self::ENVELOPE {
            plan.look_for(&[name.to_owned()]);
        }
        plan
    }

    /// What is looked for at these places, each with its number in the list as its find.
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

    /// Adds a member to look for; gives its find, which two lines may share.
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
