//! One request, as the ledger sees it, and the number of its row.

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::RandomState;
use hyper::Method;

use super::calendar::HOUR;
use super::facts::Ending;
use super::row::Door;
use crate::protocol::translate::shape::CallShape;

/// One request, as the ledger sees it; what is in here costs nothing to bring.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'s> {
    /// What the numbers below belong to: settings and table change with a reload.
    pub era: u64,
    /// The caller: a number of an app, or a fingerprint.
    pub caller: u64,
    /// The User-Agent's part that tells the program.
    pub agent: &'s [u8],
    /// The door.
    pub door: Door,
    /// The operation's number in the table, for JSON among those of the JSON API.
    pub operation: Option<usize>,
    /// The call's shape, if the request was read so far.
    pub shape: Option<&'s CallShape>,
    /// The method, the path, and where the parameters were.
    pub style: (&'s Method, &'s [u8], u8),
    /// When it was answered, in seconds since 1970.
    pub at: u64,
    /// How it ended.
    pub ending: Ending,
}

impl Sight<'_> {
    /// A hash of all in which rows differ. Versions of one program count apart until the next sum.
    #[must_use]
    #[inline]
    pub fn key(&self, state: &RandomState) -> u64 {
        let (method, path, carried) = self.style;
        let (number, name) = match *method {
            Method::GET => (0, ""),
            Method::POST => (1, ""),
            _ => (2, method.as_str()),
        };
        let operation = self.operation.map_or(0, |number| number as u64 + 1);
        let kind = (operation << 16 | u64::from(carried) << 8 | number << 2 | self.door as u64) << 16;
        let mut hasher = state.build_hasher();
        hasher.write_u64(self.era ^ (self.at / HOUR).rotate_left(32));
        hasher.write_u64(self.caller);
        match self.shape {
            Some(shape) => {
                hasher.write_u64(kind | u64::from(shape.habits.0));
                hasher.write_u64(shape.present);
                if shape.mistyped != 0 {
                    hasher.write_u64(shape.mistyped);
                }
            }
            None => hasher.write_u64(!kind),
        }
        hasher.write(self.agent);
        hasher.write(path);
        if !name.is_empty() {
            hasher.write(name.as_bytes());
        }
        hasher.finish()
    }
}
