//! The vocabulary of the operations table: what a row can say.

use super::pointer::Pointer;
use crate::protocol::document::Place;

/// One operation of the protocol, as a block of `operations.toml` declares it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The legacy name, lower case.
    pub name: String,
    /// Other legacy names of the same operation.
    pub aliases: Vec<String>,
    /// One sentence for people.
    pub summary: String,
    /// The JSON API's `op`.
    pub sends: String,
    /// What happens if the operation is done twice: the retry rule goes by it.
    pub effect: Effect,
    /// The parameter that names the group, for limits and the cache.
    pub group: Option<String>,
    /// What the cache does with the operation.
    pub cache: Caching,
    /// Members that every request of this operation carries.
    pub fixed: Vec<Fixed>,
    /// Parameters, in the order in which they are shown and written.
    pub params: Vec<Param>,
    /// The members of upstream's answer that an old client gets.
    pub answer: Vec<AnswerField>,
    /// Where the block begins.
    pub place: Place,
}

impl Row {
    /// The slot of a parameter: its number, by its first name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == name)
    }
}

/// What happens if an operation is done twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// A repetition changes nothing more.
    Converge,
    /// Makes a new token; the token from before may end.
    Issue,
    /// Makes something new each time.
    Create,
}

impl Effect {
    /// Every word, with its meaning in the table.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("read", Self::Read),
        ("converge", Self::Converge),
        ("issue", Self::Issue),
        ("create", Self::Create),
    ];

    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Converge => "converge",
            Self::Issue => "issue",
            Self::Create => "create",
        }
    }
}

/// What the cache does with an operation's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Nothing.
    None,
    /// Answers may be cached.
    Read,
    /// A success makes the cached answers of its group stale.
    DropsGroup,
    /// A success makes the cached answers of all the app's groups stale.
    DropsApp,
}

impl Caching {
    /// Every word, with its meaning in the table.
    pub const WORDS: [(&'static str, Self); 3] =
        [("read", Self::Read), ("drops-group", Self::DropsGroup), ("drops-app", Self::DropsApp)];
}

/// A member with a constant value, such as `/user/token/remove = true` of deltoken.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The member's place.
    pub at: Pointer,
    /// The value as JSON text.
    pub json: String,
}

/// One legacy parameter of an operation.
#[derive(Debug, Clone)]
pub struct Param {
    /// The legacy name, lower case.
    pub name: String,
    /// Other legacy names of the same parameter.
    pub aliases: Vec<String>,
    /// Where it goes in the JSON.
    pub target: Destination,
    /// How its text is read and what JSON type it becomes.
    pub kind: ParamKind,
    /// Whether a request may leave it out.
    pub need: Need,
    /// The maximum: an integer's value, a text's bytes, a list's items.
    pub max: Option<u64>,
    /// A larger integer is lowered to this value, unless upstream is on-premise.
    pub clamp: Option<i64>,
    /// A value that is equivalent to leaving the parameter out (`gid=0`).
    pub absent_if: Option<Scalar>,
    /// A parameter whose presence makes this one void (delete drops the rights).
    pub off_with: Option<String>,
    /// A parameter whose absence makes this one void (rights are those of members).
    pub only_with: Option<String>,
    /// Whether a value that cannot be read is dropped instead of refused.
    pub forgiving: bool,
    /// Whether outer white space is part of the value (only messages).
    pub verbatim: bool,
    /// Whether the integer is a bit field: its bits are no secret, so that the ledger remembers which were seen.
    pub bits: bool,
    /// The alternative form of the JSON API to which this line belongs.
    pub profile: Option<String>,
    /// One line for people, with the unit.
    pub doc: String,
    /// Where the line stands.
    pub place: Place,
}

impl Param {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

/// Where a parameter goes.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Nowhere: the parameter is known and has no counterpart in the JSON API.
    Nowhere,
    /// One member.
    At(Pointer),
    /// Bits of an integer, each group of bits to a member.
    Split(Vec<Part>),
}

impl Destination {
    /// Every place that a parameter goes to.
    #[must_use]
    pub fn places(&self) -> Vec<&Pointer> {
        match self {
            Self::Nowhere => Vec::new(),
            Self::At(at) => vec![at],
            Self::Split(parts) => parts.iter().map(|part| &part.at).collect(),
        }
    }
}

/// Some bits of an integer parameter.
#[derive(Debug, Clone)]
pub struct Part {
    /// The member that gets them.
    pub at: Pointer,
    /// Which bits of the parameter.
    pub mask: u32,
    /// By how many places they move down.
    pub shift: u32,
}

impl Part {
    /// These bits of `number`.
    #[must_use]
    pub fn of(&self, number: i64) -> i64 {
        (number & i64::from(self.mask)) >> self.shift
    }
}

/// How a parameter's text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// A JSON string.
    Text,
    /// Decimal or `0x` hex, a JSON number.
    Integer,
    /// `1`, `0`, `true` or `false`, a JSON boolean.
    Boolean,
    /// Like `Boolean`, but written as the JSON number 1 or 0.
    Bit,
    /// Items joined by commas, trimmed, without empty ones; one JSON string.
    List,
}

impl ParamKind {
    /// Every word, with its meaning in the table.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("text", Self::Text),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("bit", Self::Bit),
        ("list", Self::List),
    ];

    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Bit => "bit",
            Self::List => "list",
        }
    }
}

/// Whether a request may leave a parameter out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// The parameter must be there.
    Required,
    /// The parameter may be left out.
    Optional,
    /// At least one parameter of the named group must be there.
    OneOf(String),
}

/// A constant of the table to which a parameter's value is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// For an integer parameter.
    Integer(i64),
    /// For a boolean or bit.
    Boolean(bool),
    /// For a text.
    Text(String),
}

/// One member of the answer that an old client gets.
#[derive(Debug, Clone)]
pub struct AnswerField {
    /// The member's place in the old answer.
    pub at: Pointer,
    /// Possible places in upstream's answer; the first that is there is taken.
    pub from: Vec<Pointer>,
    /// The type that the old client gets.
    pub shape: Shape,
    /// The parameter whose value is written if upstream left the member out.
    pub fill: Option<String>,
    /// Where the line stands.
    pub place: Place,
}

/// The type of an answer's member.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A JSON string.
    Text,
    /// A JSON number; upstream's may be in quotes, as until 2019.
    Integer,
    /// A JSON string or number, as upstream sent it.
    Scalar,
    /// `"1"` or `"0"`, the form in which old code reads a member's rights.
    Digit,
    /// A list of objects, each of which is reduced to these fields.
    Rows(Vec<AnswerField>),
}

impl Shape {
    /// The words of the shapes without fields.
    pub const WORDS: [(&'static str, Self); 4] =
        [("text", Self::Text), ("integer", Self::Integer), ("scalar", Self::Scalar), ("digit", Self::Digit)];

    /// The word in the table.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Scalar => "scalar",
            Self::Digit => "digit",
            Self::Rows(_) => "rows",
        }
    }
}
