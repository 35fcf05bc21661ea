//! A group's flags: five selectors and some switches, laid out as in the header of mesibo's SDK.

/// The bits of `group.flags` that hold the five selectors' known values.
pub(crate) const SELECTOR_BITS: u64 = 0x33333;
const NO_STORE: u64 = 0x40;
const LOOP_BACK: u64 = 0x80;
/// Switches that the sandbox stores without effect; the second one keeps members from leaving.
const OTHER_SWITCHES: u64 = 0x08 | 0x40000;
const KNOWN_BITS: u64 = SELECTOR_BITS | NO_STORE | LOOP_BACK | OTHER_SWITCHES;
/// The first bits of the selectors for group calls: who publishes, who subscribes, who may list. Stored without effect.
const CALLS: [u32; 3] = [8, 12, 16];

/// Who may send to a group: `flags & 7`, as mesibo's console packs them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Senders {
    /// Every member whose `send` was not taken away.
    #[default]
    Members = 0,
    /// Only members who were given `send`.
    Selected = 1,
    /// Members and other users.
    Anyone = 2,
}

impl Senders {
    /// The selector with this number, if there is one.
    pub(crate) fn read(selector: u64) -> Option<Self> {
        match selector {
            0 => Some(Self::Members),
            1 => Some(Self::Selected),
            2 => Some(Self::Anyone),
            _ => None,
        }
    }
}

/// Who receives from a group: `(flags >> 4) & 3`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Receivers {
    /// Every member whose `recv` was not taken away.
    #[default]
    Members = 0,
    /// Only members who were given `recv`.
    Selected = 1,
    /// One of the members who may receive, each in turn.
    OneInTurn = 2,
}

impl Receivers {
    /// The selector with this number, if there is one.
    pub(crate) fn read(selector: u64) -> Option<Self> {
        match selector {
            0 => Some(Self::Members),
            1 => Some(Self::Selected),
            2 => Some(Self::OneInTurn),
            _ => None,
        }
    }
}

/// The flags in force.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flags {
    pub(crate) senders: Senders,
    pub(crate) receivers: Receivers,
    /// Only users who are logged in get messages.
    pub(crate) no_store: bool,
    /// The sender gets its message too.
    pub(crate) loop_back: bool,
    calls: [u64; 3],
    others: u64,
}

impl Flags {
    /// These flags as a bit field.
    pub(crate) fn bits(self) -> u64 {
        let switch = |on: bool, bit| if on { bit } else { 0 };
        self.senders as u64
            | (self.receivers as u64) << 4
            | switch(self.no_store, NO_STORE)
            | switch(self.loop_back, LOOP_BACK)
            | CALLS.iter().zip(self.calls).fold(self.others, |bits, (at, selector)| bits | selector << at)
    }
}

/// A change of flags; `None` leaves a flag unchanged.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FlagsEdit {
    pub(crate) senders: Option<Senders>,
    pub(crate) receivers: Option<Receivers>,
    /// In the order of `pub`, `sub` and `list`.
    pub(crate) calls: [Option<u64>; 3],
    no_store: Option<bool>,
    loop_back: Option<bool>,
    others: Option<u64>,
}

impl FlagsEdit {
    /// A change that sets all flags from a bit field; `None` if it has unknown bits.
    pub(crate) fn all(bits: u64) -> Option<Self> {
        if bits & !KNOWN_BITS != 0 {
            return None;
        }
        Some(Self {
            senders: Some(Senders::read(bits & 7)?),
            receivers: Some(Receivers::read((bits >> 4) & 3)?),
            no_store: Some(bits & NO_STORE != 0),
            loop_back: Some(bits & LOOP_BACK != 0),
            calls: CALLS.map(|at| Some((bits >> at) & 3)),
            others: Some(bits & OTHER_SWITCHES),
        })
    }

    /// Whether the change names any flag.
    pub(crate) fn changes(self) -> bool {
        self != Self::default()
    }

    /// The flags after this change.
    pub(crate) fn apply(self, before: Flags) -> Flags {
        Flags {
            senders: self.senders.unwrap_or(before.senders),
            receivers: self.receivers.unwrap_or(before.receivers),
            no_store: self.no_store.unwrap_or(before.no_store),
            loop_back: self.loop_back.unwrap_or(before.loop_back),
            calls: std::array::from_fn(|call| self.calls[call].unwrap_or(before.calls[call])),
            others: self.others.unwrap_or(before.others),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, FlagsEdit};

    #[test]
    fn every_documented_combination_survives() {
        for senders in 0..=2 {
            for receivers in 0..=2 {
                for switches in [0, 0x40, 0x80, 0xc0, 0x22100, 0x400c8] {
                    let bits = senders | receivers << 4 | switches;
                    let edit = FlagsEdit::all(bits).unwrap();
                    assert_eq!(edit.apply(Flags::default()).bits(), bits);
                }
            }
        }
    }

    #[test]
    fn bits_that_mean_nothing_are_not_flags() {
        for bits in [3, 4, 0x30, 0x400, 0x80000, u64::MAX] {
            assert!(FlagsEdit::all(bits).is_none(), "{bits:#x}");
        }
    }
}
