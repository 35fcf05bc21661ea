//! The shape of a call: which parameters or members it has, and habits, but no value. Of booleans and bit fields alone
//! the value too, since bits say nothing of a person.

use super::envelope::Envelope;
use super::form::Form;
use super::request::Understood;
use super::scan::{ScanFault, Scanner};
use super::value::ParamValue;
use crate::protocol::habits::{Habit, Habits};
use crate::protocol::ops::{JsonCall, JsonNode, MOST_FLAGS, Operation, ParamKind, Plan, bit};

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
    #[expect(clippy::inline_always, reason = "it is written where it stays")]
    #[inline(always)]
    pub fn of_form(operation: &Operation, understood: &Understood<'_>, form: &Form) -> Self {
        let plan = &operation.plan;
        let present = understood.present;
        let mut shape = Self { present, habits: understood.habits, ..Self::default() };
        if present & plan.bits != 0 {
            shape.take_bits(plan, understood);
        }
        if form.has_percent() {
            shape.encoded_twice(present & plan.texts, understood);
        }
        shape
    }

    /// Notes the values of booleans and bit fields.
    fn take_bits(&mut self, plan: &Plan, understood: &Understood<'_>) {
        for slot in slots(self.present & plan.booleans) {
            if let Some(ParamValue::Boolean(true) | ParamValue::Bit(true)) = understood.values[slot] {
                self.trues |= bit(slot);
            }
        }
        for (value, slot) in self.flags.iter_mut().zip(&plan.flags) {
            if let Some(ParamValue::Integer(number)) = understood.values[*slot] {
                *value = number.cast_unsigned();
            }
        }
    }

    /// Notes texts that were encoded twice.
    #[cold]
    fn encoded_twice(&mut self, texts: u64, understood: &Understood<'_>) {
        let is_twice = |slot: usize| match understood.values[slot] {
            Some(ParamValue::Text(text)) => is_encoded(text),
            Some(ParamValue::List(list)) => is_encoded(list.text()),
            _ => false,
        };
        if slots(texts).any(is_twice) {
            self.habits = self.habits.with(Habit::DoublyEncoded);
        }
    }

    /// The shape of a JSON request for an operation of the JSON API.
    #[must_use]
    pub fn of_json(call: &JsonCall, envelope: &Envelope<'_>) -> Self {
        let mut shape = Self::default();
        // No operation has so many: those that the envelope does not lend are in no table.
        if envelope.others.has_more() {
            shape.habits = shape.habits.with(Habit::UnlistedMember);
        }
        let mut next = 0;
        for (name, value) in envelope.others.lent() {
            let mut scanner = Scanner::new(value, DEEPEST);
            if shape.named(&mut scanner, call, JsonNode::find(&call.tree, name, &mut next)).is_err() {
                shape.habits = shape.habits.with(Habit::Unread);
            }
        }
        shape
    }

    /// Looks at an object's members, which the table has as `nodes`.
    fn members(
        &mut self,
        scanner: &mut Scanner<'_>,
        call: &JsonCall,
        nodes: &[JsonNode],
    ) -> Result<(), ScanFault> {
        let mut next = 0;
        scanner.object(|scanner, name| {
            let node = name.plain().and_then(|name| JsonNode::find(nodes, name, &mut next));
            self.named(scanner, call, node)
        })
    }

    /// Looks at the value of a name, which the table has as `node`.
    fn named(
        &mut self,
        scanner: &mut Scanner<'_>,
        call: &JsonCall,
        node: Option<&JsonNode>,
    ) -> Result<(), ScanFault> {
        let Some(node) = node else {
            self.habits = self.habits.with(Habit::UnlistedMember);
            return scanner.skip().map(drop);
        };
        match (node.leaf, scanner.peek()?) {
            (Some(number), _) => {
                let value = scanner.skip()?;
                self.member(call, number, value);
                Ok(())
            }
            (None, b'{') => self.members(scanner, call, &node.below),
            (None, b'n') => scanner.value().map(drop),
            (None, _) => {
                self.habits = self.habits.with(Habit::OtherType);
                scanner.skip().map(drop)
            }
        }
    }

    fn member(&mut self, call: &JsonCall, number: usize, value: &str) {
        let first = value.as_bytes().first().copied().unwrap_or_default();
        // A member that is null says what a member says that is left out.
        if first == b'n' {
            return;
        }
        self.present |= bit(number);
        let integer = if first == b'"' { None } else { value.parse::<i64>().ok() };
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
            ("groupadd", "name=a&m=b%252Cc", "name m", "doubly-encoded"),
            ("groupadd", "name=a&m=[%22b%22]", "name m", "json-in-parameter"),
            ("groupadd", "name=a&flag=+0X20+", "name flag", "hex"),
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
            ("userdel", r#""x":{"a\"]}":["}",[{}]]},"user":{"uid":5}"#, "/user/uid", "unlisted-member"),
            ("userdel", r#""user":{"uid":[5,"]"]}"#, "/user/uid!", "other-type"),
        ] {
            let (names, told, _) = of_json(op, payload);
            assert_eq!((names.join(" ").as_str(), told.as_str()), (members, habits), "{payload}");
        }
    }
}
