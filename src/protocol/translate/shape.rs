//! The shape of a call: which parameters or members it has, and habits, but no value. Of booleans and bit fields alone
//! the value too, since bits say nothing of a person.

use super::envelope::Envelope;
use super::form::{Form, trim};
use super::request::{DropReason, Understood};
use super::scan::{ScanFault, Scanner};
use super::value::ParamValue;
use crate::protocol::habits::{Habit, Habits};
use crate::protocol::ops::{JsonCall, MOST_FLAGS, Operation, ParamKind, bit};

/// How deep members of a request are looked at.
const DEEPEST: usize = 32;

/// The shape of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallShape {
    /// The slots of a form's parameters that have a value; for JSON, the members by their numbers in the table.
    pub present: u64,
    /// Members of another type than the table says.
    pub mistyped: u64,
    /// Those of `present` that are true.
    pub trues: u64,
    /// The values of bit fields, in the order of the table.
    pub flags: [u64; MOST_FLAGS],
    /// Habits.
    pub habits: Habits,
}

impl CallShape {
    /// The shape of a form that has been understood.
    #[must_use]
    pub fn of_form(operation: &Operation, understood: &Understood<'_>, form: &Form) -> Self {
        let plan = &operation.plan;
        let present = understood.present;
        let mut shape = Self { present, ..Self::default() };
        for slot in slots(present & plan.booleans) {
            if let Some(ParamValue::Boolean(true) | ParamValue::Bit(true)) = understood.values[slot] {
                shape.trues |= bit(slot);
            }
        }
        for (value, slot) in shape.flags.iter_mut().zip(&plan.flags) {
            if let Some(ParamValue::Integer(number)) = understood.values[*slot] {
                *value = number.cast_unsigned();
            }
        }
        let is_hex = |slot| matches!(trim(understood.sent(slot)).as_bytes(), [b'0', b'x' | b'X', ..]);
        if slots(present & plan.integers).any(is_hex) {
            shape.habits = shape.habits.with(Habit::Hex);
        }
        if form.has_signs() {
            shape.signs(present & plan.texts, understood);
        }
        for dropped in &understood.dropped {
            shape.habits = shape.habits.with(match dropped.why {
                DropReason::Unknown | DropReason::Nowhere | DropReason::Forgiven => Habit::Undocumented,
                DropReason::Replaced => Habit::Duplicate,
                DropReason::Absent => Habit::Empty,
                DropReason::SwitchedOff | DropReason::Alone => continue,
            });
        }
        shape
    }

    /// Notes texts that are JSON, or that were encoded twice.
    #[cold]
    fn signs(&mut self, texts: u64, understood: &Understood<'_>) {
        let is_json = |slot| matches!(understood.sent(slot).as_bytes().first(), Some(b'{' | b'['));
        if slots(texts).any(is_json) {
            self.habits = self.habits.with(Habit::Json);
        }
        if slots(texts).any(|slot| is_encoded(understood.sent(slot))) {
            self.habits = self.habits.with(Habit::DoublyEncoded);
        }
    }

    /// The shape of a JSON request for an operation of the JSON API.
    #[must_use]
    pub fn of_json(call: &JsonCall, envelope: &Envelope<'_>) -> Self {
        let mut shape = Self::default();
        let text = str::from_utf8(&envelope.payload).unwrap_or_default();
        let mut scanner = Scanner::new(text, DEEPEST);
        if shape.members(&mut scanner, call, 0, call.all()).is_err() {
            shape.habits = shape.habits.with(Habit::Unread);
        }
        shape
    }

    /// Looks at an object's members. `above` are the members of `call` whose places begin with the object's, which is
    /// `depth` deep.
    fn members(
        &mut self,
        scanner: &mut Scanner<'_>,
        call: &JsonCall,
        depth: usize,
        above: u64,
    ) -> Result<(), ScanFault> {
        scanner.object(|scanner, name| {
            let name = name.plain().unwrap_or_default();
            if depth == 0 && matches!(name, "op" | "token" | "id") {
                return scanner.value().map(drop);
            }
            let is_here = |number: &usize| {
                let step = call.members[*number].at.steps().get(depth);
                step.is_some_and(|step| step.len() == name.len() && step == name)
            };
            let below = slots(above).filter(is_here).fold(0, |mask, number| mask | bit(number));
            if below == 0 {
                self.habits = self.habits.with(Habit::UnlistedMember);
                return scanner.value().map(drop);
            }
            let leaf = slots(below).find(|number| call.members[*number].at.steps().len() == depth + 1);
            match (leaf, scanner.peek()?) {
                (None, b'{') => self.members(scanner, call, depth + 1, below),
                (None, b'n') => scanner.value().map(drop),
                (None, _) => {
                    self.habits = self.habits.with(Habit::OtherType);
                    scanner.value().map(drop)
                }
                (Some(number), _) => {
                    let value = scanner.value()?;
                    self.member(call, number, value);
                    Ok(())
                }
            }
        })
    }

    fn member(&mut self, call: &JsonCall, number: usize, value: &str) {
        let first = value.as_bytes().first().copied().unwrap_or_default();
        // A member that is null says what a member says that is left out.
        if first == b'n' {
            return;
        }
        self.present |= bit(number);
        let integer = value.parse::<i64>().ok();
        let fits = match call.members[number].kind {
            None => true,
            Some(ParamKind::Text | ParamKind::List) => first == b'"',
            Some(ParamKind::Integer) => integer.is_some(),
            Some(ParamKind::Boolean) => matches!(first, b't' | b'f'),
            Some(ParamKind::Bit) => matches!(integer, Some(0 | 1)),
        };
        if !fits {
            self.mistyped |= bit(number);
            self.habits = self.habits.with(Habit::OtherType);
        }
        if first == b't' || (call.booleans & bit(number) != 0 && integer == Some(1)) {
            self.trues |= bit(number);
        }
        if let (Some(place), Some(integer)) = (call.flags.iter().position(|flag| *flag == number), integer) {
            self.flags[place] = integer.cast_unsigned();
        }
    }
}

/// The numbers of the bits that are set.
pub fn slots(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let slot = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (slot < 64).then_some(slot)
    })
}

/// Whether a text still has a percent sequence after it was decoded.
fn is_encoded(text: &str) -> bool {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).any(|at| is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)))
}

#[cfg(test)]
mod tests {
    use super::CallShape;
    use crate::protocol::ops::Table;
    use crate::protocol::translate::envelope::{Json, read};
    use crate::protocol::translate::form::Form;
    use crate::protocol::translate::request::Understood;

    fn of_form(op: &str, query: &str) -> (Vec<String>, String, CallShape) {
        let table = Table::shipped().expect("a table");
        let form = Form::read(format!("op={op}&token=T&{query}").as_bytes(), b"", 64).expect("a form");
        let operation = table.find(op).expect("an operation");
        let Ok(understood) = Understood::understand(operation, &table, &form) else {
            panic!("no sound request: {query}");
        };
        let shape = CallShape::of_form(operation, &understood, &form);
        let names = super::slots(shape.present).map(|slot| operation.plan.params[slot].name.clone());
        (names.collect(), shape.habits.to_string(), shape)
    }

    fn of_json(op: &str, payload: &str) -> (Vec<String>, String, CallShape) {
        let table = Table::shipped().expect("a table");
        let body = format!(r#"{{"op":"{op}","token":"T",{payload}}}"#);
        let Ok(Json::Envelope(envelope)) = read(body.as_bytes(), &Form::default()) else {
            panic!("no request: {body}");
        };
        let call = table.json.get(table.json.find(op).expect("an operation")).expect("it");
        let shape = CallShape::of_json(call, &envelope);
        let names = super::slots(shape.present).map(|number| {
            let mark = if shape.mistyped >> number & 1 == 1 { "!" } else { "" };
            format!("{}{mark}", call.members[number].at)
        });
        (names.collect(), shape.habits.to_string(), shape)
    }

    #[test]
    fn a_form_has_the_parameters_with_a_value_and_its_habits() {
        for (op, query, params, habits) in [
            ("userdel", "uid=5", "uid", ""),
            ("userdel", "uid=5&uid=6", "uid", "duplicate"),
            ("groupadd", "name=a&flag=0x20", "name flag", "hex"),
            ("groupadd", "name=a&sig=none&m=", "name", "undocumented empty"),
            ("groupadd", "name=a%2520b", "name", "doubly-encoded"),
            ("groupadd", "name=100%25", "name", ""),
            ("message", "from=a&to=b&msg=%7B%7D", "from to msg", "json-in-parameter"),
            ("groupeditmembers", "gid=5&m=a&delete=1&cs=1", "gid m delete", ""),
        ] {
            let (names, told, _) = of_form(op, query);
            assert_eq!((names.join(" ").as_str(), told.as_str()), (params, habits), "{query}");
        }
    }

    #[test]
    fn of_values_there_are_the_bits_of_flags_and_booleans_alone() {
        let (_, _, shape) = of_form("userset", "uid=5&flag=6&active=1");
        assert_eq!((shape.flags[0], shape.trues), (6, 0b1000));
        let (_, _, shape) = of_form("userset", "uid=5&active=0");
        assert_eq!((shape.flags[0], shape.trues, shape.present), (0, 0, 0b1001));
        let (_, _, shape) = of_json("userset", r#""user":{"uid":5,"flags":6,"active":true}"#);
        assert_eq!((shape.flags[0], shape.trues), (6, 0b1000));
    }

    #[test]
    fn json_has_the_members_of_the_table_with_a_mark_where_the_type_is_another() {
        for (op, payload, members, habits) in [
            ("userdel", r#""user":{"uid":5}"#, "/user/uid", ""),
            ("userdel", r#""user":{"uid":"5"}"#, "/user/uid!", "other-type"),
            ("userdel", r#""user":{"uid":5,"name":"a"},"x":[1]"#, "/user/uid", "unlisted-member"),
            ("userdel", r#""user":7"#, "", "other-type"),
            ("userdel", r#""user":null,"id":7"#, "", ""),
            (
                "userset",
                r#""user":{"token":{"remove":true},"uid":1,"flags":null}"#,
                "/user/uid /user/token/remove",
                "",
            ),
            ("groupgetmembers", r#""count":20,"group":{"gid":1}"#, "/count /group/gid", ""),
        ] {
            let (names, told, _) = of_json(op, payload);
            assert_eq!((names.join(" ").as_str(), told.as_str()), (members, habits), "{payload}");
        }
    }
}
