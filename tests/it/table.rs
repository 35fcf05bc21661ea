//! The operations table as a whole: what must hold for every row, whatever form of the JSON side is chosen; what an
//! operator's own table may change; and every way for a table to be wrong.

mod forms; // forms of the JSON side
mod own; // an operator's table, and each property of a parameter
mod rows; // what must hold for every row
mod wrong; // every way for a table to be wrong

use mesigate::protocol::ops::{Operation, Table};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::request::Understood;
use serde_json::Value;

fn shipped() -> Table {
    Table::shipped().expect("the shipped table is sound")
}

fn operation<'t>(table: &'t Table, form: &Form) -> Result<&'t Operation, Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    table.find(op).ok_or_else(|| table.bad_op(op))
}

/// What upstream gets for a query, without the token.
fn sends(table: &Table, query: &str) -> Result<Value, Reject> {
    let form = Form::read(format!("token=T&{query}").as_bytes(), b"", 128)?;
    let operation = operation(table, &form)?;
    let meant = Understood::understand(operation, table, &form)?;
    let mut json: Value = serde_json::from_slice(&meant.write(operation, "T")).expect("we write JSON");
    assert_eq!(json.as_object_mut().and_then(|members| members.remove("token")), Some("T".into()));
    Ok(json)
}

/// The refusal's sentence.
#[track_caller]
fn cause(refused: Result<Value, Reject>) -> String {
    refused.expect_err("it is refused").cause()
}
