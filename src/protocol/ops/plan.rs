//! Rows compiled, so that a translation is one pass over the parameters and one pass that writes JSON.

use std::collections::BTreeSet;

use super::answer::AnswerPlan;
use super::pointer::Pointer;
use super::row::{AnswerField, Destination, Need, Param, ParamKind, Part, Row, Shape};

/// How an operation's parameters become JSON. Parameters have numbers, their *slots*; a set of
/// slots is a bit mask.
#[derive(Debug)]
pub struct Plan {
    /// The parameters by slot.
    pub params: Vec<Param>,
    /// The slots without which a request is refused.
    pub required: u64,
    /// Sets of slots; a request must have at least one slot of each set.
    pub groups: Vec<u64>,
    /// The slots of parameters whose values are written where upstream's answer leaves a member out.
    pub stand_ins: u64,
    /// The slots of texts and lists.
    pub texts: u64,
    /// The slots of booleans, bits included.
    pub booleans: u64,
    /// The slots of bit fields, no more than [`MOST_FLAGS`].
    pub flags: Vec<usize>,
    /// The slots of booleans and bit fields.
    pub bits: u64,
    /// A slot, and the slot whose presence makes it void.
    pub switched_off: Vec<(usize, usize)>,
    /// A slot, and the slot without which it is void.
    pub dependent: Vec<(usize, usize)>,
    /// The slot of the parameter that names the group.
    pub group: Option<usize>,
    /// The slot of the parameter that lists members.
    pub list: Option<usize>,
    /// The slot of the parameter that says how many rows are asked for.
    pub count: Option<usize>,
    /// Where a JSON request has group, list and count: the finds [`Plan::GROUP`], [`Plan::LIST`] and [`Plan::COUNT`].
    pub json: AnswerPlan,
    /// The members of the JSON request below `op`, `token` and `id`, in the order of the table.
    pub members: Vec<PlannedMember>,
    /// Every name on a path to a parameter's place in the JSON.
    steps: BTreeSet<String>,
    /// Legacy names and their slots, indexed by the name's length, so that few names are compared.
    names: Vec<Vec<(String, usize)>>,
    properties: Vec<(String, String)>,
}

/// A member of the JSON to write.
#[derive(Debug)]
pub struct PlannedMember {
    /// The name as JSON with its colon: `"user":`.
    pub key: String,
    /// The member's value.
    pub content: MemberContent,
}

/// What a member holds.
#[derive(Debug)]
pub enum MemberContent {
    /// An object, written if one of `slots` has a value or a member inside is fixed.
    Object {
        /// Every slot beneath.
        slots: u64,
        /// Whether a fixed value is beneath.
        fixed: bool,
        /// Its members.
        members: Vec<PlannedMember>,
    },
    /// A parameter's value.
    Value(usize),
    /// Some bits of a parameter's value.
    Bits(usize, Part),
    /// JSON text that every request of the operation carries.
    Fixed(String),
}

impl PlannedMember {
    /// Whether the member is written if the parameters in `present` have values.
    #[must_use]
    pub fn is_written(&self, present: u64) -> bool {
        match &self.content {
            MemberContent::Object { slots, fixed, .. } => *fixed || slots & present != 0,
            MemberContent::Value(slot) | MemberContent::Bits(slot, _) => present & bit(*slot) != 0,
            MemberContent::Fixed(_) => true,
        }
    }
}

/// The most bit fields of an operation whose bits are remembered.
pub const MOST_FLAGS: usize = 2;

/// The mask of one slot.
#[must_use]
pub const fn bit(slot: usize) -> u64 {
    1 << slot
}

impl Plan {
    /// The find of the group in a JSON request.
    pub const GROUP: usize = 0;
    /// The find of the list of members.
    pub const LIST: usize = 1;
    /// The find of the count.
    pub const COUNT: usize = 2;

    /// Whether a name is on a path to a parameter's place in the JSON.
    #[must_use]
    pub fn has_step(&self, name: &str) -> bool {
        self.steps.contains(name)
    }

    /// Compiles a checked row.
    #[must_use]
    pub fn compile(row: &Row) -> Self {
        let mut members = Vec::new();
        for fixed in &row.fixed {
            insert(&mut members, fixed.at.steps(), MemberContent::Fixed(fixed.json.clone()));
        }
        for (slot, param) in row.params.iter().enumerate() {
            match &param.target {
                Destination::Nowhere => {}
                Destination::At(at) => insert(&mut members, at.steps(), MemberContent::Value(slot)),
                Destination::Split(parts) => {
                    for part in parts {
                        insert(&mut members, part.at.steps(), MemberContent::Bits(slot, part.clone()));
                    }
                }
            }
        }
        let group = row.group.as_ref().and_then(|name| row.slot(name));
        let list = row.params.iter().position(|param| param.kind == ParamKind::List);
        let count = row.params.iter().position(|param| param.clamp.is_some());
        let pointer = |slot: Option<usize>| match &row.params[slot?].target {
            Destination::At(at) => Some(at),
            Destination::Nowhere | Destination::Split(_) => None,
        };
        Self {
            json: AnswerPlan::finds([pointer(group), pointer(list), pointer(count)]),
            group,
            list,
            count,
            required: mask(row, |param| param.need == Need::Required),
            texts: mask(row, |param| matches!(param.kind, ParamKind::Text | ParamKind::List)),
            booleans: mask(row, |param| matches!(param.kind, ParamKind::Boolean | ParamKind::Bit)),
            flags: flags(row),
            bits: mask(row, |param| param.bits || matches!(param.kind, ParamKind::Boolean | ParamKind::Bit)),
            groups: groups(row),
            stand_ins: stand_ins(row, &row.answer),
            switched_off: linked(row, |param| param.off_with.as_ref()),
            dependent: linked(row, |param| param.only_with.as_ref()),
            members,
            steps: steps(row),
            names: names(row),
            properties: properties(row),
            params: row.params.clone(),
        }
    }

    /// The slot of a legacy name (lower case), aliases included.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<usize> {
        let found = self.names.get(name.len())?.iter().find(|(known, _)| known == name);
        found.map(|(_, slot)| *slot)
    }

    /// The legacy name of what upstream calls `property`, or the property itself.
    #[must_use]
    pub fn legacy_name<'a>(&'a self, property: &'a str) -> &'a str {
        let property = property.strip_prefix('/').unwrap_or(property);
        let same = |known: &str| {
            known.len() == property.len()
                && known.bytes().zip(property.bytes()).all(|(a, b)| a == b || (a == b'.' && b == b'/'))
        };
        let found = self.properties.iter().find(|(known, _)| same(known));
        found.map_or(property, |(_, legacy)| legacy)
    }
}

fn insert(members: &mut Vec<PlannedMember>, steps: &[String], content: MemberContent) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    let key = format!("\"{step}\":");
    if rest.is_empty() {
        members.push(PlannedMember { key, content });
        return;
    }
    let index = members.iter().position(|member| member.key == key).unwrap_or_else(|| {
        let empty = MemberContent::Object { slots: 0, fixed: false, members: Vec::new() };
        members.push(PlannedMember { key, content: empty });
        members.len() - 1
    });
    if let MemberContent::Object { slots, fixed, members } = &mut members[index].content {
        match &content {
            MemberContent::Value(slot) | MemberContent::Bits(slot, _) => *slots |= bit(*slot),
            MemberContent::Fixed(_) | MemberContent::Object { .. } => *fixed = true,
        }
        insert(members, rest, content);
    }
}

fn mask(row: &Row, wanted: impl Fn(&Param) -> bool) -> u64 {
    let params = row.params.iter().enumerate();
    params.filter(|(_, param)| wanted(param)).fold(0, |mask, (slot, _)| mask | bit(slot))
}

fn flags(row: &Row) -> Vec<usize> {
    let params = row.params.iter().enumerate();
    params.filter(|(_, param)| param.bits).map(|(slot, _)| slot).take(MOST_FLAGS).collect()
}

fn groups(row: &Row) -> Vec<u64> {
    let mut names: Vec<&Need> = Vec::new();
    for param in &row.params {
        if matches!(param.need, Need::OneOf(_)) && !names.contains(&&param.need) {
            names.push(&param.need);
        }
    }
    names.into_iter().map(|group| mask(row, |param| param.need == *group)).collect()
}

fn stand_ins(row: &Row, fields: &[AnswerField]) -> u64 {
    let of = |field: &AnswerField| {
        let slot = field.fill.as_ref().and_then(|name| row.slot(name));
        let inside = if let Shape::Rows(fields) = &field.shape { stand_ins(row, fields) } else { 0 };
        slot.map_or(0, bit) | inside
    };
    fields.iter().fold(0, |mask, field| mask | of(field))
}

/// The slots that name another parameter, each with the other's slot.
fn linked(row: &Row, other: impl Fn(&Param) -> Option<&String>) -> Vec<(usize, usize)> {
    let params = row.params.iter().enumerate();
    params.filter_map(|(slot, param)| Some((slot, row.slot(other(param)?)?))).collect()
}

fn steps(row: &Row) -> BTreeSet<String> {
    let places = row.params.iter().flat_map(|param| param.target.places());
    places.flat_map(Pointer::steps).cloned().collect()
}

fn names(row: &Row) -> Vec<Vec<(String, usize)>> {
    let mut names = Vec::new();
    for (slot, param) in row.params.iter().enumerate() {
        for name in param.names() {
            if names.len() <= name.len() {
                names.resize_with(name.len() + 1, Vec::new);
            }
            names[name.len()].push((name.to_owned(), slot));
        }
    }
    names
}

/// The names that upstream may use for a property at fault (the whole path, or the last name if only one parameter has
/// it), each with the legacy name.
fn properties(row: &Row) -> Vec<(String, String)> {
    let all: Vec<(&Pointer, &Param)> = row
        .params
        .iter()
        .flat_map(|param| param.target.places().into_iter().map(move |at| (at, param)))
        .collect();
    let paths = all.iter().map(|(at, param)| (at.dotted(), param.name.clone()));
    let leaves = all.iter().filter_map(|(at, param)| {
        let others = all.iter().filter(|(other, _)| other.leaf() == at.leaf()).count();
        (others == 1).then(|| (at.leaf().to_owned(), param.name.clone()))
    });
    paths.chain(leaves).collect()
}
