//! The new door: the payload as it came, the answer as it came.

use bytes::Bytes;

use super::call::Call;
use super::client::Client;
use super::fetch::{Fetched, Question};
use crate::http::body::BodyMemory;
use crate::http::reply::{self, JSON, Reply};
use crate::protocol::ops::{Operation, Table};
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Reject;
use crate::protocol::translate::envelope::Envelope;
use crate::protocol::translate::facts::{self, Facts};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;
use crate::protocol::translate::shape::CallShape;
use crate::protocol::translate::status::handed_out;
use crate::protocol::translate::{kept, response};
use crate::snapshot::worker::View;
use crate::telemetry::trail::{Door, Trail};
use crate::upstream::{Answer, OutgoingRequest};

/// Answers a JSON request.
///
/// # Errors
/// Every reject that a JSON request may end in, here or upstream.
pub async fn json(
    view: &View,
    envelope: &Envelope<'_>,
    client: Client<'_>,
    memory: &mut BodyMemory,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    trail.door = Door::Json;
    let snapshot = &view.snapshot;
    let operation = snapshot.table.find(&envelope.op);
    trail.operation = operation.map(|operation| operation.number);
    if snapshot.ledger.is_some() {
        trail.json = snapshot.table.json.find(&envelope.op);
        if let Some(call) = trail.json.and_then(|number| snapshot.table.json.get(number)) {
            trail.is_shaped(CallShape::of_json(call, envelope));
        }
    }
    if operation.is_none() {
        trail.echo(&envelope.op, None);
    }
    let sent = envelope.token.as_deref().unwrap_or_default();
    let call = Call::new(view, operation, [&envelope.op, sent], client, trail)?;
    let form = operation.and_then(|operation| facts::form_of_json(operation, envelope));
    let known = Known::of(&snapshot.table, operation, form.as_ref(), &call);
    let facts = known.facts(envelope)?;
    call.admit(&facts, trail)?;
    let question = if let (Known::Read(operation, understood), Some(key)) = (&known, call.key(&facts)) {
        Question::Shared(key, || {
            let token = call.token(sent);
            call.outgoing(envelope.payload.len(), |out| understood.compose(operation, token, true, out))
        })
    } else {
        let outgoing = as_it_came(&call, envelope, sent);
        // The payload stays in memory beside the outgoing request.
        memory.take(envelope.payload.len() + outgoing.bytes().len())?;
        Question::Own(outgoing)
    };
    let verdict = |answer: &Answer| response::verdict(&answer.bytes, &snapshot.envelope);
    let read = |answer: &Answer| Ok((verdict(answer)?, ()));
    let (verdict, status, bytes) = match call.fetch(&facts, question, read, trail).await? {
        Fetched::Shared(answer, _) => {
            let body = known.personal(&answer.bytes, envelope.id, &facts);
            let verdict = verdict(&answer)?;
            // The caller who fetched the answer may have sent the real token, which upstream may have repeated.
            (verdict, answer.status, call.scrubbed(body)?)
        }
        Fetched::Own(answer, verdict, ()) => {
            let cut = call.cut(&answer.bytes)?;
            (verdict, answer.status, cut.unwrap_or(answer.bytes))
        }
    };
    trail.answered(verdict.result, verdict.error);
    Ok(reply::json(handed_out(status), bytes, Outcome::Done, JSON))
}

/// What the gateway knows of a JSON request.
#[allow(clippy::large_enum_variant)] // one for each request, where it stays
enum Known<'t, 'f> {
    /// A read that a form could ask for, and that form understood, so that both doors share cached answers.
    Read(&'t Operation, Understood<'f>),
    /// Another operation of the table.
    Other(&'t Operation),
    /// An operation that is not in the table.
    Unlisted,
}

impl<'t, 'f> Known<'t, 'f> {
    /// What is known of a request for `operation`, which `form` would ask for too, where there is such a form.
    fn of(table: &Table, operation: Option<&'t Operation>, form: Option<&'f Form>, call: &Call<'_>) -> Self {
        let Some(operation) = operation else {
            return Self::Unlisted;
        };
        match form.and_then(|form| Understood::understand(operation, table, form).ok()) {
            None => Self::Other(operation),
            Some(mut understood) => {
                call.clamp(&mut understood);
                Self::Read(operation, understood)
            }
        }
    }

    fn facts(&self, envelope: &Envelope<'_>) -> Result<Facts, Reject> {
        match self {
            Self::Read(operation, understood) => {
                // A payload that limits cannot look into is refused, even where other readers can read it.
                Facts::of_json(operation, envelope)?;
                Ok(Facts::of_form(operation, understood))
            }
            Self::Other(operation) => Facts::of_json(operation, envelope),
            Self::Unlisted => Ok(Facts::default()),
        }
    }

    /// A shared answer for the caller who asked with this `id`, with no more rows than the caller asked for.
    fn personal(&self, answer: &Bytes, id: Option<&str>, facts: &Facts) -> Bytes {
        let most_rows = facts.page.as_ref().and_then(|page| page.count);
        match self {
            Self::Read(operation, _) => kept::personal(operation, answer, id, most_rows),
            Self::Other(_) | Self::Unlisted => answer.clone(),
        }
    }
}

/// The request for upstream with the payload as it came, but for the real token in a key's place, and for values that
/// mesibo's cloud would lower.
fn as_it_came(call: &Call<'_>, envelope: &Envelope<'_>, sent: &str) -> OutgoingRequest {
    let lowered = call.lowered(envelope);
    let envelope = lowered.as_ref().unwrap_or(envelope);
    call.outgoing(envelope.payload.len(), |out| {
        if call.has_own_token() {
            envelope.write_with_token(call.token(sent), out);
        } else {
            out.extend_from_slice(&envelope.payload);
        }
    })
}
