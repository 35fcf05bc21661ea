//! Numbers the upstreams of the settings. Numbers are given only here; all state of an upstream is found by its number.

use std::ops::Index;

use super::AppUpstream;

/// Identifies one of the settings' upstreams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UpstreamId(usize);

impl UpstreamId {
    /// The upstream of callers without one of their own.
    pub const OF_ALL: Self = Self(0);

    /// The number, as a part of keys.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0 as u64
    }
}

/// An upstream that only one app uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnUpstream {
    /// Its number.
    pub id: UpstreamId,
    /// Its address and TLS settings.
    pub target: AppUpstream,
}

/// Numbers upstreams in the order in which they are read.
#[derive(Default)]
pub(super) struct Numbering(usize);

impl Numbering {
    /// Gives an upstream the next number.
    pub fn give(&mut self, target: AppUpstream) -> OwnUpstream {
        self.0 += 1;
        OwnUpstream { id: UpstreamId(self.0), target }
    }
}

/// One value for each upstream, indexed by [`UpstreamId`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerUpstream<T>(Vec<T>);

impl PerUpstream<AppUpstream> {
    /// All upstreams: the general one, then those of apps.
    pub(super) fn of<'a>(all: &AppUpstream, own: impl Iterator<Item = &'a OwnUpstream>) -> Self {
        let mut own: Vec<&OwnUpstream> = own.collect();
        own.sort_unstable_by_key(|own| own.id);
        Self(std::iter::once(all).chain(own.into_iter().map(|own| &own.target)).cloned().collect())
    }
}

impl<T> PerUpstream<T> {
    /// Maps each value with `make`.
    ///
    /// # Errors
    /// The first error of `make`.
    pub fn try_map<U, E>(&self, make: impl FnMut(&T) -> Result<U, E>) -> Result<PerUpstream<U>, E> {
        self.0.iter().map(make).collect::<Result<_, E>>().map(PerUpstream)
    }

    /// The values, in the order of their numbers.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// How many upstreams there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl<T> IntoIterator for PerUpstream<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a PerUpstream<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> Index<UpstreamId> for PerUpstream<T> {
    type Output = T;

    fn index(&self, id: UpstreamId) -> &T {
        &self.0[id.0]
    }
}
