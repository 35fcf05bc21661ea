//! What one parameter's line says, held against itself and the other lines of its operation.

use super::{Checker, key};
use crate::protocol::ops::row::{Kind, Need, Param, Part, Row, Target};

impl Checker {
    pub(super) fn param(&mut self, row: &Row, param: &Param) {
        self.contradictions(row, param);
        if let Some(switch) = &param.off_with
            && !row.params.iter().any(|other| other.name == *switch && other.name != param.name)
        {
            self.fault(
                &param.place,
                key(row, param),
                format!("`off_with` names `{switch}`, which is no other parameter of this operation"),
            );
        }
        if matches!(param.target, Target::Split(_)) && param.kind != Kind::Integer {
            self.fault(&param.place, key(row, param), "`split` needs the type integer");
        }
        if let Target::Split(parts) = &param.target {
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
        if param.verbatim && param.kind != Kind::Text {
            self.fault(&param.place, key(row, param), "`verbatim` needs the type text");
        }
        if param.max.is_some() && matches!(param.kind, Kind::Boolean | Kind::Bit) {
            self.fault(&param.place, key(row, param), "`max` has no meaning for true and false");
        }
    }

    /// Lines whose words cannot both come true.
    fn contradictions(&mut self, row: &Row, param: &Param) {
        let nowhere = matches!(param.target, Target::Nowhere);
        if nowhere && param.need != Need::Optional {
            self.fault(
                &param.place,
                key(row, param),
                "is needed and has no place in the JSON: say `to`, or leave `need` out",
            );
        }
        let Some(switch) = &param.off_with else {
            return;
        };
        if param.need == Need::Required {
            self.fault(
                &param.place,
                key(row, param),
                "is required, and void when another is there: it cannot be both",
            );
        }
        let switch = row.params.iter().find(|other| other.name == *switch);
        if switch.is_some_and(|switch| matches!(switch.target, Target::Nowhere)) {
            self.fault(
                &param.place,
                key(row, param),
                "`off_with` names a parameter that goes nowhere and so is never there",
            );
        }
    }
}

/// Whether a part's shift moves bits of its own out.
fn loses_bits(part: &Part) -> bool {
    part.mask & ((1 << part.shift) - 1) != 0
}
