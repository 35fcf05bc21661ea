//! Checks the answer's lines against each other and the envelope.

use super::Checker;
use crate::protocol::ops::pointer::Pointer;
use crate::protocol::ops::row::{AnswerField, ParamKind, Row, Shape};

/// Names of the envelope, which every answer has at its top.
const ENVELOPE: [&str; 7] = ["op", "id", "result", "error", "code", "cause", "properties"];

impl Checker {
    /// Refuses lines that read or write a member of the envelope.
    pub(super) fn answer_envelope(&mut self, row: &Row) {
        for field in &row.answer {
            let mut pointers = std::iter::once(&field.at).chain(&field.from);
            if pointers.any(|pointer| ENVELOPE.contains(&pointer.steps()[0].as_str())) {
                self.fault(
                    &field.place,
                    format!("{}.answer.{}", row.name, field.at),
                    "stands in every answer; it is no member of this one",
                );
            }
        }
    }

    pub(super) fn answer(&mut self, row: &Row, fields: &[AnswerField]) {
        for (number, field) in fields.iter().enumerate() {
            let key = format!("{}.answer.{}", row.name, field.at);
            if let Some(other) = fields[..number].iter().find(|other| other.at.clashes_with(&field.at)) {
                self.fault(&field.place, key.clone(), format!("runs into `{}`", other.at));
            }
            for from in &field.from {
                let crosses = |other: &&Pointer| other.clashes_with(from) && *other != from;
                if let Some(other) = fields[..number].iter().flat_map(|other| &other.from).find(crosses) {
                    self.fault(&field.place, key.clone(), format!("`{from}` runs into `{other}`"));
                }
            }
            if let Some(name) = &field.fill {
                self.fill(row, field, name, &key);
            }
            if let Shape::Rows(inner) = &field.shape {
                self.answer(row, inner);
            }
        }
    }

    /// The parameter that stands in for a member must have the member's type.
    fn fill(&mut self, row: &Row, field: &AnswerField, name: &str, key: &str) {
        let Some(param) = row.params.iter().find(|param| param.name == *name) else {
            let what = format!("`fill` names `{name}`, which is no parameter of this operation");
            self.fault(&field.place, key.to_owned(), what);
            return;
        };
        let fits = match field.shape {
            Shape::Text => param.kind == ParamKind::Text,
            Shape::Integer => param.kind == ParamKind::Integer,
            Shape::Scalar => matches!(param.kind, ParamKind::Text | ParamKind::Integer),
            Shape::Digit | Shape::Rows(_) => false,
        };
        if !fits {
            let what = format!(
                "`fill` names `{name}`, a {}, which cannot stand in for a {}",
                param.kind.word(),
                field.shape.word()
            );
            self.fault(&field.place, key.to_owned(), what);
        }
    }
}
