//! A node of a manifest: what it says, and where in the text it stands.

use std::rc::Rc;

use super::scalar::Scalar;

/// A node, as it was read or as it is to be. Two nodes are equal when they say the same, wherever they stand and in
/// whatever style and order of keys they are written.
#[derive(Clone)]
pub struct Node {
    pub content: Content,
    /// The number of its anchor in its document, if it has one; whether a tag stands before it.
    pub anchor: Option<usize>,
    pub tagged: bool,
    pub place: Place,
    /// How it is to be written, where what stood there once is to stand there again.
    pub written: Option<Written>,
}

/// What stood somewhere: the text behind its colon.
#[derive(Clone)]
pub struct Written {
    /// As it is remembered.
    pub raw: String,
    /// As it can stand here.
    pub text: String,
}

#[derive(Clone)]
pub enum Content {
    Scalar(Scalar),
    Map(Vec<(Node, Node)>),
    Seq(Vec<Node>),
    Alias { number: usize, name: String, target: Option<Rc<Node>> },
}

/// Where a node stands, in bytes of the text; an anchor or a tag is the beginning of its node.
#[derive(Clone, Copy, Default)]
pub struct Place {
    pub start: usize,
    pub end: usize,
    /// Within brackets or braces, or between them.
    pub flow: bool,
    /// A scalar below a `|` or `>`.
    pub literal: bool,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Content::Scalar(one), Content::Scalar(other)) => one == other,
            (Content::Seq(one), Content::Seq(other)) => one == other,
            (Content::Map(one), Content::Map(other)) => same_entries(one, other),
            (Content::Alias { number: one, .. }, Content::Alias { number: other, .. }) => one == other,
            _ => false,
        }
    }
}

fn same_entries(ones: &[(Node, Node)], others: &[(Node, Node)]) -> bool {
    ones.len() == others.len()
        && ones.iter().enumerate().all(|(index, (key, value))| {
            let beside = others.get(index).filter(|(other, _)| other == key);
            let entry = beside.or_else(|| others.iter().find(|(other, _)| other == key));
            entry.is_some_and(|(_, other)| other == value)
        })
}

impl Node {
    #[must_use]
    pub fn new(content: Content) -> Self {
        Self { content, anchor: None, tagged: false, place: Place::default(), written: None }
    }

    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::new(Content::Scalar(Scalar::string(text)))
    }

    #[must_use]
    pub fn map(entries: Vec<(&str, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (Self::string(key), value));
        Self::new(Content::Map(entries.collect()))
    }

    #[must_use]
    pub fn seq(items: Vec<Self>) -> Self {
        Self::new(Content::Seq(items))
    }

    /// The node that an alias stands for, or this one.
    #[must_use]
    pub fn real(&self) -> &Self {
        match &self.content {
            Content::Alias { target: Some(target), .. } => target.real(),
            _ => self,
        }
    }

    /// The value of a key as a reader of the manifest sees it: through aliases and merge keys.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.real().own(key).map(Self::real).or_else(|| {
            let merged = self.real().own("<<")?.real();
            match &merged.content {
                Content::Seq(maps) => maps.iter().find_map(|map| map.get(key)),
                _ => merged.get(key),
            }
        })
    }

    /// The same for a way through several maps.
    #[must_use]
    pub fn find(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value of a key that stands in this map itself.
    #[must_use]
    pub fn own(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(own, _)| own.is_key(key)).map(|(_, value)| value)
    }

    pub fn own_mut(&mut self, key: &str) -> Option<&mut Self> {
        let entries = self.entries_mut()?;
        entries.iter_mut().find(|(own, _)| own.is_key(key)).map(|(_, value)| value)
    }

    fn is_key(&self, key: &str) -> bool {
        matches!(&self.content, Content::Scalar(scalar) if scalar.text == key)
    }

    #[must_use]
    pub fn entries(&self) -> &[(Self, Self)] {
        if let Content::Map(entries) = &self.content { entries } else { &[] }
    }

    pub fn entries_mut(&mut self) -> Option<&mut Vec<(Self, Self)>> {
        if let Content::Map(entries) = &mut self.content { Some(entries) } else { None }
    }

    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Content::Seq(items) = &self.real().content { items } else { &[] }
    }

    pub fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Content::Seq(items) = &mut self.content { Some(items) } else { None }
    }

    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        if let Content::Scalar(scalar) = &self.real().content { Some(scalar) } else { None }
    }

    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// Shows the place of each scalar, in the order of the text.
    pub fn scalars(&self, show: &mut impl FnMut(Place)) {
        match &self.content {
            Content::Map(entries) => entries.iter().for_each(|(key, value)| {
                key.scalars(show);
                value.scalars(show);
            }),
            Content::Seq(items) => items.iter().for_each(|item| item.scalars(show)),
            _ => show(self.place),
        }
    }

    /// What the key `name` of a list's item says.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.get("name")?.text()
    }

    /// Whether there is nothing in it: null, `{}` or `[]`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.content {
            Content::Scalar(scalar) => scalar.is_null(),
            Content::Map(entries) => entries.is_empty(),
            Content::Seq(items) => items.is_empty(),
            Content::Alias { .. } => false,
        }
    }

    /// Whether something stands below it in block style.
    #[must_use]
    pub fn is_block(&self) -> bool {
        !self.place.flow && matches!(self.content, Content::Map(_) | Content::Seq(_)) && !self.is_empty()
    }
}
