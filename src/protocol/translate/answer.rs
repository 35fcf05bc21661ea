//! Reads upstream's answer: checks that it is a JSON object, and finds the members that a plan wants.

use smallvec::{SmallVec, smallvec};

use super::scan::{ScanFault, Scanner, Text};
use crate::protocol::ops::{AnswerPlan, Wanted};
use crate::protocol::reject::Reject;

/// How deep an answer may be nested; the API's own answers have up to 4 levels.
pub const MOST_DEPTH: usize = 32;

/// Slices of upstream's text, by the number of their find.
pub type Finds<'a> = SmallVec<[Option<&'a str>; 16]>;

/// Checks that `bytes` are UTF-8 and begin as a JSON object.
///
/// # Errors
/// BADANSWER; the error holds none of the text.
pub fn sound(bytes: &[u8]) -> Result<&str, Reject> {
    let text = str::from_utf8(bytes).map_err(|_| Reject::BadAnswer("upstream's answer is not UTF-8"))?;
    // JSON's white space only; ASCII has more (RFC 8259, section 2).
    let text = text.trim_matches(|character| matches!(character, ' ' | '\t' | '\n' | '\r'));
    if !text.starts_with('{') {
        return Err(Reject::BadAnswer("upstream's answer is not a JSON object"));
    }
    Ok(text)
}

/// Reads an object and keeps the members that the plan wants.
///
/// # Errors
/// BADANSWER if the text is no JSON object, is nested too deeply, or has an object instead of a plain value or the
/// reverse.
pub fn read<'a>(text: &'a str, plan: &AnswerPlan) -> Result<Finds<'a>, Reject> {
    let mut look = ObjectFinds::new(plan);
    look.scan(text, plan)?;
    look.sound()?;
    Ok(look.finds)
}

/// Reads a list of objects, each with the plan; `row` is called for each of the first `most`.
///
/// # Errors
/// The error of `row`; BADANSWER if the text is no such list.
pub fn rows<'a>(
    text: &'a str,
    plan: &AnswerPlan,
    most: usize,
    mut row: impl FnMut(&Finds<'a>) -> Result<(), Reject>,
) -> Result<(), Reject> {
    let mut refused = None;
    let mut left = most;
    let mut scanner = Scanner::new(text, MOST_DEPTH);
    if scanner.peek() != Ok(b'[') {
        return Err(Reject::BadAnswer("a member of upstream's answer is not the list that it should be"));
    }
    let walked = scanner.list(|scanner| {
        if left == 0 || refused.is_some() {
            return scanner.value().map(drop);
        }
        left -= 1;
        if scanner.peek()? != b'{' {
            let why = "a row of upstream's answer is not the object that it should be";
            refused = Some(Reject::BadAnswer(why));
            return scanner.value().map(drop);
        }
        let mut look = ObjectFinds::new(plan);
        look.inside(scanner, &plan.wanted)?;
        refused = look.sound().and_then(|()| row(&look.finds)).err();
        Ok(())
    });
    match refused {
        Some(reject) => Err(reject),
        None => walked.map_err(told),
    }
}

fn told(fault: ScanFault) -> Reject {
    Reject::BadAnswer(match fault {
        ScanFault::End => "upstream's answer ends too early",
        ScanFault::Syntax => "upstream's answer is not JSON",
        ScanFault::Depth => "upstream's answer is nested too deeply",
    })
}

/// Upstream's `result`.
///
/// # Errors
/// BADANSWER if it is missing or not a boolean.
pub fn result(finds: &Finds<'_>) -> Result<bool, Reject> {
    match finds[AnswerPlan::RESULT] {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(Reject::BadAnswer("upstream's `result` is not true or false")),
        None => Err(Reject::BadAnswer("upstream's answer has no `result`")),
    }
}

/// The members found in an object.
pub struct ObjectFinds<'a> {
    /// The wanted members that are there.
    pub finds: Finds<'a>,
    /// Whether another type stands where the plan has an object.
    is_mistyped: bool,
}

impl<'a> ObjectFinds<'a> {
    /// Empty finds. The caller keeps the value in place: it is large to move.
    #[must_use]
    pub fn new(plan: &AnswerPlan) -> Self {
        Self { finds: smallvec![None; plan.finds], is_mistyped: false }
    }

    /// Reads an object. Values of a wrong type do not hide the other members.
    ///
    /// # Errors
    /// BADANSWER if the text is no JSON object or is nested too deeply.
    pub fn scan(&mut self, text: &'a str, plan: &AnswerPlan) -> Result<(), Reject> {
        let mut scanner = Scanner::new(text, MOST_DEPTH);
        self.inside(&mut scanner, &plan.wanted).and_then(|()| scanner.end()).map_err(told)
    }

    /// Checks that an object stands everywhere the plan has one.
    ///
    /// # Errors
    /// BADANSWER if something else does.
    pub fn sound(&self) -> Result<(), Reject> {
        if self.is_mistyped { Err(MISTYPED) } else { Ok(()) }
    }

    /// Reads a value where the plan has an object. Of two members of one name, the last counts.
    fn inside(&mut self, scanner: &mut Scanner<'a>, wanted: &[Wanted]) -> Result<(), ScanFault> {
        if scanner.peek()? == b'{' {
            return scanner.object(|scanner, name| self.member(scanner, name, wanted));
        }
        // `null` is an absent object, and PHP writes an empty object as an empty list.
        let text = scanner.value()?;
        let is_empty_list = || text.starts_with('[') && text[1..text.len() - 1].trim_ascii().is_empty();
        self.is_mistyped |= text != "null" && !is_empty_list();
        Ok(())
    }

    fn member(
        &mut self,
        scanner: &mut Scanner<'a>,
        name: Text<'a>,
        wanted: &[Wanted],
    ) -> Result<(), ScanFault> {
        match wanted.iter().find(|wanted| name.is(&wanted.name)) {
            None => scanner.value().map(drop),
            Some(Wanted { find: Some(find), .. }) => {
                let text = scanner.value()?;
                self.finds[*find] = (text != "null").then_some(text);
                Ok(())
            }
            Some(Wanted { inside, .. }) => {
                forget(inside, &mut self.finds);
                self.inside(scanner, inside)
            }
        }
    }
}

/// The reject of an answer with other types than the API's.
pub const MISTYPED: Reject =
    Reject::BadAnswer("a member of upstream's answer has another type than the API's");

/// Clears what an earlier member of the same name held.
fn forget(wanted: &[Wanted], finds: &mut Finds<'_>) {
    for member in wanted {
        if let Some(find) = member.find {
            finds[find] = None;
        }
        forget(&member.inside, finds);
    }
}
