//! Parameters that mean nothing beside another, or without another.

use super::{DropReason, Understood};
use crate::protocol::ops::{Plan, bit};

impl Understood<'_> {
    /// Takes back every value that another parameter makes void, or that is nothing without one that is not there.
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

    /// Whether a slot is void whatever it holds, so that what is wrong with it does not matter. One whose value was
    /// taken back has been told already.
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
    /// Whether another parameter is the reason.
    fn is_void(self) -> bool {
        matches!(self, Self::SwitchedOff | Self::Alone)
    }
}
