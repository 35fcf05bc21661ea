//! The old door: parameters → JSON → upstream → what mesibo's page documents.

use super::brownout;
use super::call::{Call, recognize};
use super::client::Client;
use super::fetch::{Fetched, Question};
use super::legacy_reply::legacy_reply;
use super::passage;
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
use crate::protocol::translate::shape::CallShape;
use crate::snapshot::worker::View;
use crate::telemetry::trail::{Door, Trail};
use crate::upstream::Answer;

/// Answers a form.
///
/// # Errors
/// Every reject that a form may end in, here or upstream.
pub async fn legacy(
    view: &View,
    form: &mut Form,
    client: Client<'_>,
    memory: &mut BodyMemory,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    trail.door = Door::Legacy;
    let snapshot = &view.snapshot;
    let table = &snapshot.table;
    let (op, operation) = asked_for(table, form).inspect_err(|_| recognize(view, form, trail))?;
    trail.operation = Some(operation.number);
    let token = form.single("token")?.ok_or(Reject::NoToken)?;
    let call = Call::new(view, Some(operation), [op, token], client, trail)?;
    let mut understood = Understood::new(op, token);
    if let Err(reject) = understood.take(operation, table, form) {
        // Nor is the token asked about in a window: nothing goes to upstream.
        brownout::check(snapshot, operation, &client, trail)?;
        return Box::pin(probe::told(snapshot, operation, &call, form, reject, trail)).await;
    }
    call.clamp(&mut understood);
    trail.dropped = understood.dropped.len();
    if snapshot.ledger.is_some() {
        trail.is_shaped(CallShape::of_form(operation, &understood, form));
    }
    let facts = Facts::of_form(operation, &understood);
    call.admit(&facts, trail)?;
    brownout::check(snapshot, operation, &client, trail)?;
    passage::check(view, operation, &client, trail)?;
    let context = ReplyContext::of(operation, &understood);
    let token = call.token(token);
    let outgoing = |understood: &Understood<'_>, for_all| {
        call.outgoing(understood.room(token), |out| understood.compose(operation, token, for_all, out))
    };
    let question = if let Some(key) = call.key(&facts) {
        Question::Shared(key, || outgoing(&understood, true))
    } else {
        let outgoing = outgoing(&understood, false);
        // While upstream works, memory holds only what its answer needs.
        drop(understood);
        form.forget();
        memory.take(outgoing.bytes().len())?;
        Question::Own(outgoing)
    };
    let read = |answer: &Answer| {
        let cut = call.cut(&answer.bytes)?;
        let read = response::read(operation, &context, cut.as_ref().unwrap_or(&answer.bytes))?;
        Ok((read.verdict, read.told))
    };
    let (error, answer) = match call.fetch(&facts, question, read, trail).await? {
        Fetched::Shared(answer, derived) => shared(operation, &context, &answer, derived)?,
        Fetched::Own(_, verdict, answer) => (verdict.error, answer?),
    };
    trail.answered(answer.result, error);
    let body = call.scrubbed(answer.body.into())?;
    Ok(legacy_reply(snapshot, trail, answer.code, body, Outcome::Done))
}

/// The `op` of a form, and the operation that it names.
fn asked_for<'t, 'f>(table: &'t Table, form: &'f Form) -> Result<(&'f str, &'t Operation), Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    Ok((op, table.find(op).ok_or_else(|| table.bad_op(op))?))
}

/// One caller's answer, made of a shared one, and the name of its failure. The part that all callers have in common is
/// derived once, if the shared answer is cached.
fn shared(
    operation: &Operation,
    context: &ReplyContext<'_>,
    answer: &Answer,
    derived: Option<Derived>,
) -> Result<(Option<Box<str>>, LegacyAnswer), Reject> {
    let Some(derived) = derived else {
        let read = response::read(operation, context, &answer.bytes)?;
        return Ok((read.verdict.error, read.told?));
    };
    let shown = derived.get_or_make(|| response::shown(operation, context, &answer.bytes))?;
    Ok((None, response::kept(context, &shown)))
}
