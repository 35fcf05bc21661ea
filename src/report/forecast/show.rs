//! A forecast for people and for programs.

use serde_json::{Value, json};

use super::{Expected, Forecast, ONE, Verdict, WELL_KNOWN};
use crate::ledger::calendar::{written_day, written_time};
use crate::report::block::Block;

const COLUMNS: [&str; 5] = ["client", "would be met", "calls", "operations", "next"];

impl Forecast {
    /// The forecast as a report.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Heading(2, self.title())];
        if self.is_over() {
            blocks.push(Block::Sentence("It is over: `mesigate report` says who was met.".to_owned()));
        } else if self.clients.is_empty() {
            blocks.push(Block::Sentence("Nobody, as far as this ledger knows.".to_owned()));
        } else {
            blocks.push(Block::Table(COLUMNS.to_vec(), self.clients.iter().map(cells).collect()));
            blocks.push(Block::Sentence(self.in_short()));
        }
        blocks
    }

    fn is_over(&self) -> bool {
        self.planned.window.to <= self.now
    }

    fn title(&self) -> String {
        let window = &self.planned.window;
        let (from, to) = (written_time(window.from), written_time(window.to));
        match self.planned.rehearse {
            Some(true) => format!("{}, a rehearsal: {from} to {to} UTC", window.name),
            Some(false) => format!("{}, a real one: {from} to {to} UTC", window.name),
            None => format!("{from} to {to} UTC"),
        }
    }

    fn in_short(&self) -> String {
        let count =
            |is: &dyn Fn(Verdict) -> bool| self.clients.iter().filter(|client| is(client.verdict)).count();
        let (met, all) = (self.met().count(), self.clients.len());
        let perhaps = count(&|verdict| verdict == Verdict::Perhaps);
        let unknown = count(&|verdict| matches!(verdict, Verdict::Unknown(_)));
        let not = all - met - perhaps - unknown;
        format!(
            "{met} of {all} clients would be met, {perhaps} perhaps, {not} not; {unknown} not known well enough."
        )
    }

    /// The forecast for programs; calls and chances in thousandths.
    #[must_use]
    pub fn json(&self) -> Value {
        let window = &self.planned.window;
        json!({
            "name": if window.name.is_empty() { Value::Null } else { json!(window.name) },
            "rehearsal": self.planned.rehearse,
            "from": window.from,
            "to": window.to,
            "is_over": self.is_over(),
            "clients": self.clients.iter().map(of_client).collect::<Vec<_>>(),
        })
    }
}

fn cells(client: &Expected) -> Vec<String> {
    let (calls, operations, first) = match client.verdict {
        Verdict::Met | Verdict::Perhaps => {
            let operations = client.operations.iter();
            let operations: Vec<String> =
                operations.map(|(name, calls)| format!("{name} {}", tenths(*calls))).collect();
            let first = client.next.map(written_time).unwrap_or_default();
            (tenths(client.calls), operations.join(", "), first)
        }
        _ => (String::new(), String::new(), String::new()),
    };
    vec![client.title.clone(), said(client), calls, operations, first]
}

fn said(client: &Expected) -> String {
    match client.verdict {
        Verdict::Met => "yes".to_owned(),
        Verdict::Perhaps => match (client.chance + ONE / 200) * 100 / ONE {
            0 => "perhaps: below 1 %".to_owned(),
            chance => format!("perhaps: {chance} %"),
        },
        Verdict::Unknown(WELL_KNOWN) => "not known well enough: seen on one day alone".to_owned(),
        Verdict::Unknown(0) => "not known well enough: seen for less than a day".to_owned(),
        Verdict::Unknown(1) => "not known well enough: seen for 1 day".to_owned(),
        Verdict::Unknown(days) => format!("not known well enough: seen for {days} days"),
        Verdict::OtherHours => "no: it calls at other hours".to_owned(),
        Verdict::Silent(last) => format!("no: silent since {}", written_day(last)),
        Verdict::NotForIt => "no: the window is not for its calls".to_owned(),
    }
}

/// Thousandths as people read them.
fn tenths(thousandths: u64) -> String {
    match thousandths {
        0 => "0".to_owned(),
        1..100 => "below 0.1".to_owned(),
        _ if thousandths < 10 * ONE && thousandths % ONE >= 100 => {
            format!("{}.{}", thousandths / ONE, thousandths % ONE / 100)
        }
        _ => (thousandths / ONE).to_string(),
    }
}

fn of_client(client: &Expected) -> Value {
    let verdict = match client.verdict {
        Verdict::Met => "met",
        Verdict::Perhaps => "perhaps",
        Verdict::Unknown(_) => "unknown",
        Verdict::OtherHours | Verdict::Silent(_) | Verdict::NotForIt => "not met",
    };
    let operations = client.operations.iter();
    let operations: Value = operations.map(|(name, calls)| (name.clone(), json!(calls))).collect();
    let silent_since = match client.verdict {
        Verdict::Silent(last) => Some(written_day(last)),
        _ => None,
    };
    json!({
        "client": client.client,
        "verdict": verdict,
        "why": said(client),
        "calls_thousandths": client.calls,
        "chance_thousandths": client.chance,
        "operations_thousandths": operations,
        "next": client.next,
        "next_time": client.next.map(written_time),
        "silent_since": silent_since,
    })
}
