//! Drops parameters that another parameter's presence or absence makes void.

use super::{DropReason, Understood};
use crate::protocol::ops::{Plan, bit};

impl Understood<'_> {
    /// Removes every value that another parameter's presence or absence makes void.
    pub(super) fn void(&mut self, plan: &Plan) {
        for (slot, switch) in &plan.switched_off {
            if self.present & bit(*switch) != 0 {
                self.take_back(*slot, DropReason::SwitchedOff);
            }
        }
        for (slot, other) in &plan.dependent {
            if self.present & bit(*other) == 0 {
                self.take_back(*slot, DropReason::Alone);
            }
        }
    }

    fn take_back(&mut self, slot: usize, why: DropReason) {
        if self.present & bit(slot) != 0 {
            self.values[slot] = None;
            self.present &= !bit(slot);
            self.leave_out(self.name(slot), why);
        }
    }

    /// Whether a slot is void whatever its value, so that a fault of the value does not matter. A removed value has
    /// been reported already.
    pub(super) fn is_void(&mut self, plan: &Plan, slot: usize) -> bool {
        let is_there = |other: usize| self.present & bit(other) != 0;
        let off = plan.switched_off.iter().any(|(off, switch)| *off == slot && is_there(*switch));
        let alone = plan.dependent.iter().any(|(alone, other)| *alone == slot && !is_there(*other));
        let name = self.name(slot);
        if (off || alone) && !self.dropped.iter().any(|dropped| dropped.name == name && dropped.why.is_void())
        {
            self.leave_out(name, if off { DropReason::SwitchedOff } else { DropReason::Alone });
        }
        off || alone
    }
}

impl DropReason {
    fn is_void(self) -> bool {
        matches!(self, Self::SwitchedOff | Self::Alone)
    }
}
