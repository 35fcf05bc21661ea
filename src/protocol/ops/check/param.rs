//! Checks one parameter's line by itself and against the other lines of its operation.

use super::{Checker, key};
use crate::protocol::ops::row::{Destination, Need, Param, ParamKind, Part, Row};

impl Checker {
    pub(super) fn param(&mut self, row: &Row, param: &Param) {
        self.contradictions(row, param);
        for (word, other) in [("off_with", &param.off_with), ("only_with", &param.only_with)] {
            self.links(row, param, word, other.as_deref());
        }
        if param.forgiving && matches!(param.kind, ParamKind::Text | ParamKind::List) {
            self.fault(&param.place, key(row, param), "`forgiving` has no meaning for text, which is any");
        }
        if matches!(param.target, Destination::Split(_)) && param.kind != ParamKind::Integer {
            self.fault(&param.place, key(row, param), "`split` needs the type integer");
        }
        if let Destination::Split(parts) = &param.target {
            let overlap =
                parts.iter().try_fold(0, |seen, part| (seen & part.mask == 0).then_some(seen | part.mask));
            if overlap.is_none() {
                self.fault(&param.place, key(row, param), "`split` gives a bit to two members");
            }
            if parts.iter().any(loses_bits) {
                self.fault(
                    &param.place,
                    key(row, param),
                    "`split` has a `shift` that moves bits of its `mask` out",
                );
            }
        }
        if param.bits && param.kind != ParamKind::Integer {
            self.fault(&param.place, key(row, param), "`bits` needs the type integer");
        }
        if param.verbatim && param.kind != ParamKind::Text {
            self.fault(&param.place, key(row, param), "`verbatim` needs the type text");
        }
        if param.max.is_some() && matches!(param.kind, ParamKind::Boolean | ParamKind::Bit) {
            self.fault(&param.place, key(row, param), "`max` has no meaning for true and false");
        }
    }

    /// Checks a line's reference to another parameter: it must exist, and requests must be able to send it.
    fn links(&mut self, row: &Row, param: &Param, word: &str, named: Option<&str>) {
        let Some(named) = named else {
            return;
        };
        let other = row.params.iter().find(|other| other.name == *named && other.name != param.name);
        let what = match other {
            None => format!("`{word}` names `{named}`, which is no other parameter of this operation"),
            Some(other) if matches!(other.target, Destination::Nowhere) => {
                format!("`{word}` names a parameter that goes nowhere and so is never there")
            }
            Some(_) => return,
        };
        self.fault(&param.place, key(row, param), what);
    }

    /// Refuses lines whose words contradict each other.
    fn contradictions(&mut self, row: &Row, param: &Param) {
        let nowhere = matches!(param.target, Destination::Nowhere);
        if nowhere && param.need != Need::Optional {
            self.fault(
                &param.place,
                key(row, param),
                "is needed and has no place in the JSON: say `to`, or leave `need` out",
            );
        }
        let when = match (&param.off_with, &param.only_with) {
            (Some(_), _) => "void when another is there",
            (None, Some(_)) => "void when another is not there",
            (None, None) if param.forgiving => "dropped when it cannot be read",
            (None, None) => return,
        };
        if param.need == Need::Required {
            self.fault(&param.place, key(row, param), format!("is required, and {when}: it cannot be both"));
        }
    }
}

/// Whether a part's shift drops bits of its mask.
fn loses_bits(part: &Part) -> bool {
    part.mask & ((1 << part.shift) - 1) != 0
}
