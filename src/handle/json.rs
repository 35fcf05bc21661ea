//! The new door: the payload as it came, the answer as it came.

use super::client::Client;
use super::errand::Call;
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
    let errand = Call::new(view, operation, [&envelope.op, sent], client, trail)?;
    // A read whose answer may be kept is asked as the form that means the same, so that both doors
    // share what is kept.
    let form = operation.and_then(|operation| facts::form_of_json(operation, envelope));
    let mut meant = operation
        .zip(form.as_ref())
        .and_then(|(operation, form)| Understood::understand(operation, &snapshot.table, form).ok());
    if let Some(meant) = &mut meant {
        errand.clamp(meant);
    }
    let looked = operation.map(|operation| Facts::of_json(operation, envelope)).transpose()?;
    let facts = match (operation, &meant) {
        (Some(operation), Some(meant)) => Facts::of_form(operation, meant),
        _ => looked.unwrap_or_default(),
    };
    errand.admit(&facts, trail)?;
    let length = envelope.payload.len();
    let (verdict, answer) = if let (Some(key), Some(operation), Some(meant)) =
        (errand.key(&facts), operation, &meant)
    {
        let letter = || errand.letter(length, |out| meant.compose(operation, errand.token(sent), true, out));
        let (answer, _) = errand.shared(key, letter, trail).await?;
        let most_rows = facts.page.as_ref().and_then(|page| page.count);
        let body = kept::personal(operation, &answer.bytes, envelope.id, most_rows);
        let verdict = response::verdict(&answer.bytes, &snapshot.envelope)?;
        // Whoever fetched it may have sent the real token, and have been shown it.
        (verdict, Answer { bytes: errand.scrubbed(body)?, ..answer })
    } else {
        let lowered = errand.lowered(envelope);
        let envelope = lowered.as_ref().unwrap_or(envelope);
        let letter = errand.letter(length, |out| {
            if errand.has_own_token() {
                envelope.write_with_token(errand.token(sent), out);
            } else {
                out.extend_from_slice(&envelope.payload);
            }
        });
        // The payload stays beside it.
        room.take(length + letter.bytes().len())?;
        let read = |answer: &Answer| Ok((response::verdict(&answer.bytes, &snapshot.envelope)?, ()));
        let (mut answer, (verdict, ())) = errand.alone(&facts, letter, read, trail).await?;
        if let Some(cut) = errand.cut(&answer.bytes)? {
            answer.bytes = cut;
        }
        (verdict, answer)
    };
    trail.answered(verdict.result, verdict.error);
    Ok(reply::json(handed_out(answer.status), answer.bytes, Outcome::Done, JSON))
}
