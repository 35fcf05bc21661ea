//! Decides of a place whether it is a call of the old door, what is sure of it, and what takes its place.

use super::account::{self, Account};
use super::find::address;
use super::finding::{Asked, Finding};
use super::names;
use super::pieces;
use super::query;
use super::rewrite;
use super::site::{Context, Habit, Site};
use super::token::{Piece, known};
use crate::protocol::ops::Table;

/// What a file's calls are judged by.
pub(super) struct Judge<'j> {
    pub(super) context: &'j Context<'j>,
    pub(super) table: &'j Table,
    /// The whole JSON endpoint.
    pub(super) url: &'j str,
}

/// How a place says whose API it calls.
#[derive(PartialEq, Eq)]
enum Door {
    /// It names mesibo, or the old door's path; with what is uncertain about that.
    Ours(Vec<String>),
    /// It does not say.
    Silent(Vec<String>),
    /// It names somebody else's.
    Theirs,
}

impl Judge<'_> {
    /// The finding that a place is; `None` if it is no call of the old door.
    pub(super) fn finding(&self, mut site: Site) -> Option<Finding> {
        let mut doubts = std::mem::take(&mut site.doubts);
        for given in &mut site.given {
            given.value = given.value.drain(..).map(undressed).collect();
        }
        let asked = self.asked(&site, &mut doubts)?;
        let is_stranger = matches!(asked, Asked::Stranger(..));
        match self.door(&site, is_stranger) {
            Door::Theirs => return None,
            Door::Silent(_) if !matches!(asked, Asked::Operation(_)) => return None,
            Door::Ours(why) | Door::Silent(why) => doubts.extend(why),
        }
        doubts.extend(site.given.iter().filter_map(crowded));
        for loose in &site.loose {
            doubts.push(format!("more parameters may come from `{loose}`"));
        }
        let operation = asked
            .name()
            .filter(|_| matches!(asked, Asked::Operation(_)))
            .and_then(|name| self.table.find(name));
        let account = operation.map(|operation| {
            account::account(operation, self.table, &site.given, self.context.source.tongue)
        });
        Some(self.told(site, asked, doubts, account))
    }

    /// The findings that addresses alone are, beside those that were found already.
    pub(super) fn addresses(&self, found: &[Finding]) -> Vec<Finding> {
        let spans: Vec<_> = found.iter().map(|finding| finding.span.clone()).collect();
        let told = |mut site: Site| {
            let asked = Asked::Unknown(self.context.source.slice(&site.range).to_owned());
            let doubts = std::mem::take(&mut site.doubts);
            self.told(site, asked, doubts, None)
        };
        address::sites(self.context, &spans).into_iter().map(told).collect()
    }

    fn told(
        &self,
        site: Site,
        operation: Asked,
        mut doubts: Vec<String>,
        account: Option<Account>,
    ) -> Finding {
        let source = self.context.source;
        let span = source.span(&site.range);
        let (line, column) = source.place(span.start);
        let has_plain_token = self.has_plain_token(&site);
        doubts.extend(account.iter().flat_map(|account| account.doubts.iter().cloned()));
        dedup(&mut doubts);
        let (replacement, rewrite) = match &account {
            None => (None, Err("there is no JSON for it".to_owned())),
            Some(account) => {
                let call = account.call(self.url);
                (Some(rewrite::shown(source, &site, &call)), self.rewrite(&site, &doubts, account))
            }
        };
        let parameters = account.map(|account| account.parameters).unwrap_or_default();
        let given = site.given.into_iter().map(|given| (given.name, known(&given.value))).collect();
        Finding {
            span,
            line,
            column,
            habit: site.habit,
            operation,
            parameters,
            given,
            doubts,
            has_plain_token,
            replacement,
            rewrite,
        }
    }

    fn rewrite(
        &self,
        site: &Site,
        doubts: &[String],
        account: &Account,
    ) -> Result<Vec<super::finding::Edit>, String> {
        if !doubts.is_empty() {
            return Err("it is a guess".to_owned());
        }
        rewrite::edits(self.context, site, &account.call(self.url))
    }

    /// What a place asks for; `None` if `op` is none of the old door's.
    fn asked(&self, site: &Site, doubts: &mut Vec<String>) -> Option<Asked> {
        let pieces = query::value(&site.given, "op")?;
        let name = if let Some(name) = known(pieces) {
            name
        } else {
            let hole = super::replacement::joined(self.context.source.tongue, pieces);
            match self.constant(&hole, site) {
                Some(name) => name,
                None => return at_run_time(site, hole, doubts),
            }
        };
        let name = name.trim();
        if let Some(operation) = self.table.find(name) {
            return Some(Asked::Operation(operation.row.name.clone()));
        }
        let why = self.table.bad_op(name).cause();
        doubts.push(format!("`{name}` is no operation that is known here"));
        (!name.is_empty()).then(|| Asked::Stranger(name.to_owned(), why))
    }

    /// The operation that a constant of this file names.
    fn constant(&self, hole: &str, site: &Site) -> Option<String> {
        let constant = self.context.names.find(self.context.source, hole, site.range.start)?;
        known(&constant.pieces).filter(|name| self.table.find(name).is_some())
    }

    fn door(&self, site: &Site, is_stranger: bool) -> Door {
        let has_token = query::value(&site.given, "token").is_some();
        let own = match site.habit {
            // Other services of mesibo have operations of their own, and no token of an application.
            Habit::Map | Habit::Puts | Habit::Form | Habit::Helper if is_stranger && !has_token => {
                return Door::Theirs;
            }
            Habit::Map | Habit::Puts | Habit::Form | Habit::Helper => {
                return self.unaddressed(site, has_token);
            }
            Habit::Annotations | Habit::Url | Habit::Command | Habit::Address => {
                self.context.names.resolved(self.context.source, &site.base, site.range.start)
            }
        };
        let mut why = Vec::new();
        let base = self.elsewhere(&own, &mut why);
        let text: String = base.iter().map(text_of).collect();
        let lower = text.to_ascii_lowercase();
        let path = lower.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let is_path = path == "api.php" || lower.trim_end_matches('/').ends_with("/backend");
        if lower.contains("mesibo") {
            return if is_stranger && is_of_another_service(&lower) { Door::Theirs } else { Door::Ours(why) };
        }
        if is_path && self.context.mentions {
            return Door::Ours(why);
        }
        if is_path && has_token && !is_stranger {
            why.push("that this address is a door of mesibo's is a guess".to_owned());
            return Door::Ours(why);
        }
        let is_open = base.iter().any(|piece| matches!(piece, Piece::Hole(_))) || base.is_empty();
        let names_host = known(&base).is_some() || lower.trim_start_matches('\0').contains(".php");
        if !is_open || (names_host && !base.is_empty()) || !(has_token || self.context.mentions) {
            return Door::Theirs;
        }
        why.push("the base URL is not known here".to_owned());
        Door::Silent(why)
    }

    /// A base whose name another file gives a URL.
    fn elsewhere(&self, base: &[Piece], why: &mut Vec<String>) -> Vec<Piece> {
        let one = |piece: &Piece| match piece {
            Piece::Hole(hole) => {
                let is_own = |name: &&str| self.context.names.named(name).next().is_some();
                let name = names::simple(hole).filter(|name| !is_own(name));
                match name.and_then(|name| self.context.elsewhere.get(name)) {
                    Some((file, text)) => {
                        why.push(format!("the base URL is defined in another file, {file}"));
                        Piece::Known(text.clone())
                    }
                    None => piece.clone(),
                }
            }
            Piece::Known(_) => piece.clone(),
        };
        base.iter().map(one).collect()
    }

    /// Parameters without a URL: the file says whose they are, or the call around them.
    fn unaddressed(&self, site: &Site, has_token: bool) -> Door {
        if self.context.mentions || site.base.iter().any(|piece| text_of(piece).contains("api.php")) {
            return Door::Ours(Vec::new());
        }
        let operation = query::known_value(&site.given, "op").and_then(|name| self.table.find(&name));
        let own = operation.is_some_and(|operation| {
            let is_own = |name: &str| {
                operation
                    .row
                    .params
                    .iter()
                    .any(|param| param.names().any(|own| own.eq_ignore_ascii_case(name)))
            };
            site.given.iter().any(|given| is_own(&given.name))
        });
        if has_token && own {
            Door::Silent(vec!["nothing in this file says that it goes to mesibo".to_owned()])
        } else {
            Door::Theirs
        }
    }

    fn has_plain_token(&self, site: &Site) -> bool {
        let Some(pieces) = query::value(&site.given, "token") else { return false };
        let own = known(pieces).is_some_and(|text| !text.is_empty());
        let constant = match pieces {
            [Piece::Hole(hole)] => self.context.names.find(self.context.source, hole, site.range.start),
            _ => None,
        };
        own || constant.is_some_and(|constant| known(&constant.pieces).is_some_and(|text| !text.is_empty()))
    }
}

/// A call whose operation is not known; parameters without a token are not taken for one.
fn at_run_time(site: &Site, hole: String, doubts: &mut Vec<String>) -> Option<Asked> {
    let is_bare = matches!(site.habit, Habit::Map | Habit::Puts);
    if is_bare && query::value(&site.given, "token").is_none() {
        return None;
    }
    doubts.push(format!("`op` is known at run time only: `{hole}`"));
    Some(Asked::Unknown(hole))
}

/// Two expressions side by side, of which the second may hold more parameters.
fn crowded(given: &query::Given) -> Option<String> {
    let pair = given.value.windows(2).find_map(|pair| match pair {
        [Piece::Hole(_), Piece::Hole(second)] => Some(second),
        _ => None,
    });
    pair.map(|second| format!("more parameters may come from `{second}`"))
}

/// Whether an address is of a host of mesibo's that is not the API's: of its messenger, of its files.
fn is_of_another_service(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', '?', ':']).next().unwrap_or_default();
    host.ends_with(".mesibo.com") && !matches!(host, "api.mesibo.com" | "www.mesibo.com")
}

/// An expression without the function that encodes it for a URL.
fn undressed(piece: Piece) -> Piece {
    match piece {
        Piece::Hole(hole) => Piece::Hole(pieces::undressed(&hole).to_owned()),
        known @ Piece::Known(_) => known,
    }
}

fn text_of(piece: &Piece) -> String {
    match piece {
        Piece::Known(text) => text.clone(),
        Piece::Hole(hole) => {
            format!("\0{}", if hole.to_ascii_lowercase().contains("mesibo") { "mesibo" } else { "" })
        }
    }
}

fn dedup(sentences: &mut Vec<String>) {
    let mut seen = Vec::new();
    sentences.retain(|sentence| {
        let is_new = !seen.contains(sentence);
        seen.push(sentence.clone());
        is_new
    });
}
