//! Finds places that may be calls, by the habits of real programs.

pub(super) mod address;
mod command;
mod entries;
mod helper;
mod maps;
mod puts;
mod retrofit;
mod urls;

use super::site::{Context, Site};
use super::tongue::Tongue;
use crate::protocol::ops::Table;

/// The most places that lie in one.
const MOST_IN_ONE: usize = 16;

/// Every place of a file that may be a call, in order; of two that are one, the one that says more.
pub(super) fn sites(context: &Context, table: &Table) -> Vec<Site> {
    if context.source.tongue == Tongue::Shell {
        return command::sites(context);
    }
    let mut sites = urls::sites(context);
    sites.extend(maps::sites(context));
    sites.extend(puts::sites(context));
    sites.extend(retrofit::sites(context));
    sites.extend(helper::sites(context, table));
    sites.sort_by_key(|site| (site.range.start, site.habit));
    let mut kept: Vec<Site> = Vec::new();
    for site in sites {
        let is_known =
            |other: &Site| other.range.contains(&site.range.start) && other.range.end >= site.range.end;
        let recent = kept.len().saturating_sub(MOST_IN_ONE);
        match kept[recent..].iter().position(is_known).map(|at| recent + at) {
            Some(at) if kept[at].given.len() < site.given.len() => kept[at] = site,
            Some(_) => {}
            None => kept.push(site),
        }
    }
    kept
}
