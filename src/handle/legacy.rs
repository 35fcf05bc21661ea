//! The old door: parameters → JSON → upstream → what the page documents.

use super::call::{Call, recognize};
use super::client::Client;
use super::legacy_reply::legacy_reply;
use super::probe;
use crate::http::body::BodyMemory;
use crate::http::reply::Reply;
use crate::policy::cache::Derived;
use crate::protocol::ops::{Operation, Table};
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Reject;
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::reply_context::ReplyContext;
use crate::protocol::translate::request::Understood;
use crate::protocol::translate::response::{self, LegacyAnswer};
use crate::snapshot::worker::View;
use crate::telemetry::trail::Trail;
use crate::upstream::Answer;

/// Answers a form.
///
/// # Errors
/// Whatever a request of its kind may be refused with, here or upstream.
pub async fn legacy(
    view: &View,
    form: &mut Form,
    client: Client<'_>,
    room: &mut BodyMemory,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let snapshot = &view.snapshot;
    let table = &snapshot.table;
    let (op, operation) = match wanted(table, form) {
        Ok(wanted) => wanted,
        Err(reject) => {
            recognize(view, form, trail);
            return Err(reject);
        }
    };
    trail.operation = Some(operation.number);
    let token = form.single("token")?.ok_or(Reject::NoToken)?;
    let call = Call::new(view, Some(operation), [op, token], client, trail)?;
    let mut understood = Understood::new(op, token);
    if let Err(reject) = understood.take(operation, table, form) {
        return Box::pin(probe::told(snapshot, operation, &call, form, reject, trail)).await;
    }
    call.clamp(&mut understood);
    trail.dropped = understood.dropped.len();
    let facts = Facts::of_form(operation, &understood);
    call.admit(&facts, trail)?;
    let own = ReplyContext::of(operation, &understood);
    let token = call.token(token);
    let outgoing = |for_all| {
        let body = |out: &mut Vec<u8>| understood.compose(operation, token, for_all, out);
        call.outgoing(understood.room(token), body)
    };
    let (error, told) = if let Some(key) = call.key(&facts) {
        let (answer, beside) = call.shared(key, || outgoing(true), trail).await?;
        told(operation, &own, &answer, beside)?
    } else {
        let outgoing = outgoing(false);
        // What waits while upstream thinks is what its answer needs, and no more.
        drop(understood);
        form.forget();
        room.take(outgoing.bytes().len())?;
        let read = |answer: &Answer| {
            let cut = call.cut(&answer.bytes)?;
            let read = response::read(operation, &own, cut.as_ref().unwrap_or(&answer.bytes))?;
            Ok((read.verdict, read.told))
        };
        let (_, (verdict, told)) = call.alone(&facts, outgoing, read, trail).await?;
        (verdict.error, told?)
    };
    trail.answered(told.result, error);
    let body = call.scrubbed(told.body.into())?;
    Ok(legacy_reply(snapshot, trail, told.code, body, Outcome::Done))
}

/// What a form asks for.
fn wanted<'t, 'f>(table: &'t Table, form: &'f Form) -> Result<(&'f str, &'t Operation), Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    Ok((op, table.find(op).ok_or_else(|| table.bad_op(op))?))
}

/// What an answer that is shared tells one caller, and the name of its failure; what it tells everybody is made once, if it is kept.
fn told(
    operation: &Operation,
    own: &ReplyContext<'_>,
    answer: &Answer,
    beside: Option<Derived>,
) -> Result<(Option<Box<str>>, LegacyAnswer), Reject> {
    let Some(beside) = beside else {
        let read = response::read(operation, own, &answer.bytes)?;
        return Ok((read.verdict.error, read.told?));
    };
    let shown = beside.get_or_make(|| response::shown(operation, own, &answer.bytes))?;
    Ok((None, response::kept(own, &shown)))
}
