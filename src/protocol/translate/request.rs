//! Understands a form by the operation's row, as a request that can be written as JSON for upstream.

mod compose;
mod id;
mod void;

use smallvec::SmallVec;

use super::form::{Form, Parameter, trim};
use super::value::{ParamValue, ValueReading, read};
use crate::protocol::habits::{Habit, Habits};
use crate::protocol::ops::{Destination, Operation, Plan, Table, bit};
use crate::protocol::reject::{ParamFault, Reject};
pub use id::id_if_sound;

/// The most parameters of an operation of the shipped table: so many need no allocation.
const MOST_USUAL: usize = 16;

/// A legacy request understood: the value of each parameter of the operation, and the parameters that were dropped.
///
/// No `Debug`: the values hold tokens and messages.
pub struct Understood<'f> {
    /// `op` as the caller wrote it.
    pub op: &'f str,
    /// The caller's token.
    pub token: &'f str,
    /// The caller's request number.
    pub id: Option<i64>,
    /// The value in each slot of the plan.
    pub values: SmallVec<[Option<ParamValue<'f>>; MOST_USUAL]>,
    /// Which slots have a value.
    pub present: u64,
    /// Parameters that are not in the JSON.
    pub dropped: SmallVec<[DroppedParam<'f>; 4]>,
    /// Habits that reading has shown.
    pub habits: Habits,
    /// The form's parameter of each slot.
    came: SmallVec<[Option<Parameter<'f>>; MOST_USUAL]>,
}

/// A parameter that is not in the JSON, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DroppedParam<'f> {
    /// Its name.
    pub name: &'f str,
    /// Why.
    pub why: DropReason,
}

/// Why a parameter is not in the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// The operation has no such parameter.
    Unknown,
    /// The table says that the parameter goes nowhere.
    Nowhere,
    /// The value is empty, or equivalent to leaving the parameter out.
    Absent,
    /// The parameter came again, later or in the body.
    Replaced,
    /// Another parameter makes it void.
    SwitchedOff,
    /// The parameter is void without another, which is missing.
    Alone,
    /// The value cannot be read, and the table says to drop the parameter then.
    Forgiven,
}

impl DropReason {
    /// The habit that it shows, if any.
    fn habit(self) -> Option<Habit> {
        match self {
            Self::Unknown | Self::Nowhere | Self::Forgiven => Some(Habit::Undocumented),
            Self::Replaced => Some(Habit::Duplicate),
            Self::Absent => Some(Habit::Empty),
            Self::SwitchedOff | Self::Alone => None,
        }
    }
}

impl<'f> Understood<'f> {
    /// Understands a form as a request for `operation`.
    ///
    /// # Errors
    /// AUTHFAIL without a token; BADPARAM and MISSINGPARAM, with every parameter at fault at once;
    /// AMBIGUOUS for two spellings of one parameter with different values.
    pub fn understand(operation: &Operation, table: &Table, form: &'f Form) -> Result<Self, Reject> {
        let op = form.single("op")?.ok_or(Reject::NoOp)?;
        let token = form.single("token")?.ok_or(Reject::NoToken)?;
        let mut understood = Self::new(op, token);
        understood.take(operation, table, form)?;
        Ok(understood)
    }

    /// A request of which only `op` and `token` are understood yet.
    #[must_use]
    pub fn new(op: &'f str, token: &'f str) -> Self {
        Self {
            op,
            token,
            id: None,
            values: SmallVec::new(),
            present: 0,
            dropped: SmallVec::new(),
            habits: Habits::default(),
            came: SmallVec::new(),
        }
    }

    /// Understands the rest of the form to which `op` and `token` belong, once, as a request for `operation`. In place,
    /// because so many values cost more to move than to make.
    ///
    /// # Errors
    /// BADPARAM, MISSINGPARAM and AMBIGUOUS, as [`Understood::understand`].
    pub fn take(&mut self, operation: &Operation, table: &Table, form: &'f Form) -> Result<(), Reject> {
        let plan = &operation.plan;
        self.values.resize(plan.params.len(), None);
        self.came.resize(plan.params.len(), None);
        self.sort(plan, table, form)?;
        let mut faults = Vec::new();
        self.id = id::read(form, &mut faults);
        let bad = self.read_values(plan);
        self.void(plan);
        faults.extend(bad.into_iter().filter(|(slot, _)| !self.is_void(plan, *slot)).map(|(_, fault)| fault));
        self.require(plan, &mut faults);
        if faults.is_empty() { Ok(()) } else { Err(Reject::Params(faults)) }
    }

    /// Lowers values to the maximum of mesibo's cloud.
    pub fn clamp(&mut self, plan: &Plan) {
        for (param, value) in plan.params.iter().zip(&mut self.values) {
            if let (Some(most), Some(ParamValue::Integer(number))) = (param.clamp, value) {
                *number = most.min(*number);
            }
        }
    }

    /// Assigns each parameter to its slot. The last one of a name wins; the body comes after the query.
    fn sort(&mut self, plan: &Plan, table: &Table, form: &'f Form) -> Result<(), Reject> {
        // The slots whose parameter is known to be filled: a long value is checked once, not for each later duplicate.
        let mut full = 0;
        // Members of the envelope are no parameters of an operation (`ops::check`).
        for parameter in form.iter().filter(|parameter| !parameter.is_of_envelope()) {
            let name = parameter.name();
            match plan.slot(name) {
                Some(slot) => {
                    let is_last = match self.came[slot] {
                        Some(first) => self.is_replaced(first, parameter, bit(slot), &mut full)?,
                        None => true,
                    };
                    if is_last {
                        self.came[slot] = Some(parameter);
                        full &= !bit(slot);
                    }
                }
                None if name.is_empty() => {}
                None => {
                    let known = table.ignored.iter().any(|ignored| ignored.name == name);
                    self.leave_out(name, if known { DropReason::Nowhere } else { DropReason::Unknown });
                }
            }
        }
        Ok(())
    }

    /// The name with which a slot's parameter was sent; empty if it was not.
    #[must_use]
    pub fn name(&self, slot: usize) -> &'f str {
        self.came[slot].map_or("", Parameter::name)
    }

    /// Whether the second of two parameters of one slot replaces the first.
    fn is_replaced(
        &mut self,
        first: Parameter<'f>,
        second: Parameter<'f>,
        slot: u64,
        full: &mut u64,
    ) -> Result<bool, Reject> {
        if first.name() == second.name() {
            self.leave_out(first.name(), DropReason::Replaced);
            return Ok(true);
        }
        let other = trim(second.value());
        if other.is_empty() && *full & slot != 0 {
            self.leave_out(second.name(), DropReason::Absent);
            return Ok(false);
        }
        let one = trim(first.value());
        if one.is_empty() || one == other {
            self.leave_out(
                first.name(),
                if one.is_empty() { DropReason::Absent } else { DropReason::Replaced },
            );
            Ok(true)
        } else if other.is_empty() {
            *full |= slot;
            self.leave_out(second.name(), DropReason::Absent);
            Ok(false)
        } else {
            Err(Reject::Ambiguous {
                name: second.name().to_owned(),
                between: format!("one of them under its other name `{}`", first.name()).into(),
            })
        }
    }

    fn read_values(&mut self, plan: &Plan) -> Vec<(usize, ParamFault)> {
        let mut bad = Vec::new();
        for (slot, param) in plan.params.iter().enumerate() {
            let Some(parameter) = self.came[slot] else {
                continue;
            };
            if matches!(param.target, Destination::Nowhere) {
                self.leave_out(parameter.name(), DropReason::Nowhere);
                continue;
            }
            match read(param, parameter.value(), &mut self.habits) {
                ValueReading::Absent => self.leave_out(parameter.name(), DropReason::Absent),
                ValueReading::Forgiven => self.leave_out(parameter.name(), DropReason::Forgiven),
                ValueReading::Is(value) => {
                    self.values[slot] = Some(value);
                    self.present |= bit(slot);
                    if let Some(why) = homeless_bits(&param.target, value) {
                        bad.push((slot, fault(parameter.name(), why)));
                    }
                }
                ValueReading::Bad(why) => bad.push((slot, fault(parameter.name(), why))),
            }
        }
        bad
    }

    fn require(&self, plan: &Plan, faults: &mut Vec<ParamFault>) {
        let name = |slot: usize| plan.params[slot].name.clone();
        let is_bad = |slot: usize, faults: &[ParamFault]| {
            faults
                .iter()
                .any(|fault| matches!(fault, ParamFault::Bad { name, .. } if name == self.name(slot)))
        };
        let slots = || 0..plan.params.len();
        for slot in slots().filter(|slot| plan.required & !self.present & bit(*slot) != 0) {
            if !is_bad(slot, faults) {
                faults.push(ParamFault::Missing(vec![name(slot)]));
            }
        }
        for group in plan.groups.iter().filter(|group| **group & self.present == 0) {
            let members = || slots().filter(|slot| group & bit(*slot) != 0);
            if !members().any(|slot| is_bad(slot, faults)) {
                faults.push(ParamFault::Missing(members().map(name).collect()));
            }
        }
    }

    fn leave_out(&mut self, name: &'f str, why: DropReason) {
        if let Some(habit) = why.habit() {
            self.habits = self.habits.with(habit);
        }
        self.dropped.push(DroppedParam { name, why });
    }
}

fn fault(name: &str, why: String) -> ParamFault {
    ParamFault::Bad { name: name.to_owned(), why }
}

/// Refuses bits for which the table has no member: they would be lost.
fn homeless_bits(target: &Destination, value: ParamValue<'_>) -> Option<String> {
    let (Destination::Split(parts), ParamValue::Integer(number)) = (target, value) else {
        return None;
    };
    let housed = parts.iter().fold(0, |mask, part| mask | i64::from(part.mask));
    (number & !housed != 0)
        .then(|| format!("has bits beyond {housed:#x}, for which the JSON API has no place"))
}

#[cfg(test)]
mod tests {
    use super::{Form, ParamValue, Understood};
    use crate::protocol::ops::Table;

    #[test]
    fn the_one_of_two_names_that_holds_something_counts_however_many_empty_ones_there_are() {
        let table = Table::shipped().expect("a table");
        let operation = table.find("userset").expect("an operation");
        for (query, counts) in [
            ("addr=a&address=&address=&address=", Some("a")),
            ("addr=+a+&address=+&address=&address=a&addr=+", Some("a")),
            ("addr=&address=a&addr=&addr=&address=a", Some("a")),
            ("addr=a&address=&addr=b&address=", Some("b")),
            ("address=&addr=&address=&addr=b", Some("b")),
            ("addr=a&address=&address=&address=b", None),
        ] {
            let form = Form::read(format!("op=userset&token=T&{query}").as_bytes(), b"", 64).expect("a form");
            let address = Understood::understand(operation, &table, &form)
                .ok()
                .and_then(|understood| understood.values[1]);
            assert!(address == counts.map(ParamValue::Text), "{query}");
        }
    }
}
