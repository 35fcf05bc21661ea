//! A group's flags: who may send, who receives, and two switches.

/// The bits of `group.flags` in which the two selectors' known values lie.
pub(crate) const SELECTOR_BITS: u64 = 0x33;
const NO_STORE: u64 = 0x40;
const LOOP_BACK: u64 = 0x80;
const KNOWN_BITS: u64 = SELECTOR_BITS | NO_STORE | LOOP_BACK;

/// Who may send to a group: `flags & 7` (contract 2, groupadd).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Senders {
    /// Every member whose `send` was not taken away.
    #[default]
    Members = 0,
    /// Only members who were given `send`.
    Selected = 1,
    /// Members and strangers alike.
    Anyone = 2,
}

impl Senders {
    /// The selector's number, if it is one.
    pub(crate) fn read(selector: u64) -> Option<Self> {
        match selector {
            0 => Some(Self::Members),
            1 => Some(Self::Selected),
            2 => Some(Self::Anyone),
            _ => None,
        }
    }
}

/// Who receives from a group: `(flags >> 4) & 7`, without bit 0x40, which is the no-store switch.
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
    /// The selector's number, if it is one.
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
    /// Only users who are logged in get the message.
    pub(crate) no_store: bool,
    /// The sender gets it too.
    pub(crate) loop_back: bool,
}

impl Flags {
    /// The bit field that stands for these flags.
    pub(crate) fn bits(self) -> u64 {
        let switch = |on: bool, bit| if on { bit } else { 0 };
        self.senders as u64
            | (self.receivers as u64) << 4
            | switch(self.no_store, NO_STORE)
            | switch(self.loop_back, LOOP_BACK)
    }
}

/// A change of flags; what is `None` stays as it is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FlagsEdit {
    pub(crate) senders: Option<Senders>,
    pub(crate) receivers: Option<Receivers>,
    no_store: Option<bool>,
    loop_back: Option<bool>,
}

impl FlagsEdit {
    /// Sets everything to what a bit field says; `None` when it has bits that mean nothing.
    pub(crate) fn all(bits: u64) -> Option<Self> {
        if bits & !KNOWN_BITS != 0 {
            return None;
        }
        Some(Self {
            senders: Some(Senders::read(bits & 7)?),
            receivers: Some(Receivers::read((bits >> 4) & 3)?),
            no_store: Some(bits & NO_STORE != 0),
            loop_back: Some(bits & LOOP_BACK != 0),
        })
    }

    /// Whether anything is named at all.
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
                for switches in [0, 0x40, 0x80, 0xc0] {
                    let bits = senders | receivers << 4 | switches;
                    let edit = FlagsEdit::all(bits).unwrap();
                    assert_eq!(edit.apply(Flags::default()).bits(), bits);
                }
            }
        }
    }

    #[test]
    fn bits_that_mean_nothing_are_not_flags() {
        for bits in [3, 4, 8, 0x30, 0x100, u64::MAX] {
            assert!(FlagsEdit::all(bits).is_none(), "{bits:#x}");
        }
    }
}
