//! The new door: the payload as it came, the answer as it came.

use super::call::Call;
use super::client::Client;
use crate::http::body::BodyMemory;
use crate::http::reply::{self, JSON, Reply};
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Reject;
use crate::protocol::translate::envelope::Envelope;
use crate::protocol::translate::facts::{self, Facts};
use crate::protocol::translate::request::Understood;
use crate::protocol::translate::status::handed_out;
use crate::protocol::translate::{kept, response};
use crate::snapshot::worker::View;
use crate::telemetry::trail::Trail;
use crate::upstream::Answer;

/// Answers a JSON request.
///
/// # Errors
/// Whatever a request of its kind may be refused with, here or upstream.
pub async fn json(
    view: &View,
    envelope: &Envelope<'_>,
    client: Client<'_>,
    room: &mut BodyMemory,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let snapshot = &view.snapshot;
    let operation = snapshot.table.find(&envelope.op);
    trail.operation = operation.map(|operation| operation.number);
    if operation.is_none() {
        trail.echo(&envelope.op, None);
    }
    let sent = envelope.token.as_deref().unwrap_or_default();
    let call = Call::new(view, operation, [&envelope.op, sent], client, trail)?;
    // A read whose answer may be kept is asked as the form that means the same, so that both doors
    // share what is kept.
    let form = operation.and_then(|operation| facts::form_of_json(operation, envelope));
    let mut understood = operation
        .zip(form.as_ref())
        .and_then(|(operation, form)| Understood::understand(operation, &snapshot.table, form).ok());
    if let Some(understood) = &mut understood {
        call.clamp(understood);
    }
    let looked = operation.map(|operation| Facts::of_json(operation, envelope)).transpose()?;
    let facts = match (operation, &understood) {
        (Some(operation), Some(understood)) => Facts::of_form(operation, understood),
        _ => looked.unwrap_or_default(),
    };
    call.admit(&facts, trail)?;
    let length = envelope.payload.len();
    let (verdict, answer) =
        if let (Some(key), Some(operation), Some(understood)) = (call.key(&facts), operation, &understood) {
            let outgoing =
                || call.outgoing(length, |out| understood.compose(operation, call.token(sent), true, out));
            let (answer, _) = call.shared(key, outgoing, trail).await?;
            let most_rows = facts.page.as_ref().and_then(|page| page.count);
            let body = kept::personal(operation, &answer.bytes, envelope.id, most_rows);
            let verdict = response::verdict(&answer.bytes, &snapshot.envelope)?;
            // Whoever fetched it may have sent the real token, and have been shown it.
            (verdict, Answer { bytes: call.scrubbed(body)?, ..answer })
        } else {
            let lowered = call.lowered(envelope);
            let envelope = lowered.as_ref().unwrap_or(envelope);
            let outgoing = call.outgoing(length, |out| {
                if call.has_own_token() {
                    envelope.write_with_token(call.token(sent), out);
                } else {
                    out.extend_from_slice(&envelope.payload);
                }
            });
            // The payload stays beside it.
            room.take(length + outgoing.bytes().len())?;
            let read = |answer: &Answer| Ok((response::verdict(&answer.bytes, &snapshot.envelope)?, ()));
            let (mut answer, (verdict, ())) = call.alone(&facts, outgoing, read, trail).await?;
            if let Some(cut) = call.cut(&answer.bytes)? {
                answer.bytes = cut;
            }
            (verdict, answer)
        };
    trail.answered(verdict.result, verdict.error);
    Ok(reply::json(handed_out(answer.status), answer.bytes, Outcome::Done, JSON))
}
