//! A ledger as text: a line with version, length and checksum, then one JSON object a line. `jq`, mail and `cat` can do
//! with it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::book::{Decided, Decision, Ledger, Window};
use super::facts::Facts;
use super::row::{Door, RowKey, Shape};
use crate::protocol::habits::Habits;

/// The version of the format.
const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    mesigate_ledger: u32,
    /// The length of all that follows, in bytes, and its SHA-256.
    bytes: usize,
    sha256: String,
}

/// Who a gateway is in its own file, beside its ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The gateway's number: its rows in any ledger.
    pub gateway: u64,
    /// The key of its fingerprints, so that a token is the same client after a restart.
    pub key: u128,
}

/// Every line behind the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "nearly all are rows, which are the largest")]
enum Line {
    Own {
        own: String,
        key: String,
    },
    Row {
        gateway: String,
        client: String,
        door: String,
        op: String,
        params: Vec<String>,
        habits: Vec<String>,
        style: String,
        facts: Facts,
    },
    Decision {
        client: String,
        decision: String,
        at: u64,
        reason: String,
    },
    Window {
        window: String,
        from: u64,
        to: u64,
        selects: [Vec<String>; 3],
        met: Vec<String>,
    },
}

/// Writes a ledger, with `own` where it is the gateway's own file.
#[must_use]
pub fn write(ledger: &Ledger, own: Option<Identity>) -> String {
    let mut lines = Vec::new();
    lines.extend(own.map(|own| Line::Own { own: hex(own.gateway), key: format!("{:032x}", own.key) }));
    for (gateway, rows) in &ledger.gateways {
        lines.extend(rows.iter().map(|(key, facts)| row(*gateway, key, facts)));
    }
    lines.extend(ledger.decisions.iter().map(|(client, decision)| Line::Decision {
        client: client.to_string(),
        decision: word(&Decided::WORDS, decision.what).to_owned(),
        at: decision.at,
        reason: decision.reason.clone(),
    }));
    lines.extend(ledger.windows.iter().map(|(window, met)| Line::Window {
        window: window.name.clone(),
        from: window.from,
        to: window.to,
        selects: window.selects.clone(),
        met: met.iter().map(ToString::to_string).collect(),
    }));
    // Neither numbers nor texts can fail to be JSON.
    let json = |line: &Line| serde_json::to_string(line).unwrap_or_default() + "\n";
    let body: String = lines.iter().map(json).collect();
    let head = Head { mesigate_ledger: VERSION, bytes: body.len(), sha256: sum(&body) };
    serde_json::to_string(&head).unwrap_or_default() + "\n" + &body
}

fn row(gateway: u64, RowKey { client, shape }: &RowKey, facts: &Facts) -> Line {
    Line::Row {
        gateway: hex(gateway),
        client: client.to_string(),
        door: shape.door.word().to_owned(),
        op: shape.operation.clone(),
        params: shape.params.clone(),
        habits: shape.habits.words().map(str::to_owned).collect(),
        style: shape.style.clone(),
        facts: facts.clone(),
    }
}

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is of a version that this mesigate does not know.
    Newer(String),
    /// It is no ledger, or not a whole one.
    Damaged(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(why) | Self::Damaged(why) => f.write_str(why),
        }
    }
}

/// Reads a ledger, and who wrote it where it is a gateway's own file.
///
/// # Errors
/// What is wrong, and with which line.
pub fn read(text: &str) -> Result<(Ledger, Option<Identity>), Unread> {
    let body = checked(text)?;
    let (mut ledger, mut own) = (Ledger::default(), None);
    for (number, line) in body.lines().enumerate() {
        let at = |why: String| Unread::Damaged(format!("line {}: {why}", number + 2));
        let line = serde_json::from_str(line).map_err(|error| at(error.to_string()))?;
        add(&mut ledger, &mut own, line).map_err(at)?;
    }
    Ok((ledger, own))
}

/// What stands behind the first line, if it is what that line says.
fn checked(text: &str) -> Result<&str, Unread> {
    let damaged = |why: &str| Unread::Damaged(why.to_owned());
    let (first, body) =
        text.split_once('\n').ok_or_else(|| damaged("it is no ledger: it has no first line"))?;
    let head: Head = serde_json::from_str(first)
        .map_err(|_| damaged("it is no ledger: its first line has no mesigate_ledger"))?;
    if head.mesigate_ledger != VERSION {
        let why = format!("it is of version {}, and this mesigate reads {VERSION}", head.mesigate_ledger);
        return Err(Unread::Newer(why));
    }
    if head.bytes != body.len() {
        let why = format!("{} bytes should follow its first line, and {} do", head.bytes, body.len());
        return Err(Unread::Damaged(format!("it is damaged: {why}")));
    }
    if head.sha256 != sum(body) {
        return Err(damaged("it is damaged: its checksum is another"));
    }
    Ok(body)
}

fn add(ledger: &mut Ledger, own: &mut Option<Identity>, line: Line) -> Result<(), String> {
    match line {
        Line::Own { own: gateway, key } => {
            let key = u128::from_str_radix(&key, 16).map_err(|_| "its key is no number in hex")?;
            *own = Some(Identity { gateway: unhex(&gateway)?, key });
        }
        Line::Row { gateway, client, door, op, params, habits, style, facts } => {
            let habits =
                Habits::of(habits.iter().map(String::as_str)).ok_or("it has a habit that is none")?;
            let shape = Shape { door: of_word(&Door::WORDS, &door)?, operation: op, params, habits, style };
            let key = RowKey { client: client.parse()?, shape };
            let row = ledger.gateways.entry(unhex(&gateway)?).or_default().entry(key).or_default();
            Arc::make_mut(row).join(&facts);
        }
        Line::Decision { client, decision, at, reason } => {
            let what = of_word(&Decided::WORDS, &decision)?;
            ledger.decide(client.parse()?, Decision { at, what, reason });
        }
        Line::Window { window, from, to, selects, met } => {
            let met = met.iter().map(|client| client.parse()).collect::<Result<BTreeSet<_>, _>>()?;
            ledger.windows.entry(Window { from, to, name: window, selects }).or_default().extend(met);
        }
    }
    Ok(())
}

fn word<T: PartialEq + Copy>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

fn of_word<T: Copy>(words: &[(&'static str, T)], text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| format!("`{text}` is no word of a ledger"))
}

fn hex(number: u64) -> String {
    format!("{number:016x}")
}

fn unhex(text: &str) -> Result<u64, String> {
    u64::from_str_radix(text, 16).map_err(|_| format!("`{text}` is no gateway's number"))
}

fn sum(body: &str) -> String {
    let bytes = digest(&SHA256, body.as_bytes());
    bytes.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::{Identity, read, write};
    use crate::ledger::book::{Decided, Decision, Ledger, Window, Writer};
    use crate::ledger::facts::{Batch, Bits};
    use crate::ledger::row::{Door, RowKey, Shape};
    use crate::protocol::habits::{Habit, Habits};

    fn ledger() -> Ledger {
        let mut writer = Writer::default();
        let client = "bot/okhttp".parse::<super::super::client::Client>().expect("a client");
        let shape = Shape {
            door: Door::Old,
            operation: "groupadd".to_owned(),
            params: vec!["name".to_owned(), "flag".to_owned()],
            habits: Habits::default().with(Habit::Hex),
            style: "GET /api.php query".to_owned(),
        };
        let seen = [("flag".to_owned(), Bits::of(0x20, u64::MAX))].into();
        let batch = Batch {
            hour: 500_000,
            first: 1_800_000_001,
            last: 1_800_000_002,
            endings: [1, 2, 3, 4, 5],
            seen,
        };
        writer.add(RowKey { client: client.clone(), shape }, &batch);
        let mut ledger = Ledger::default();
        ledger.gateways.insert(7, writer.rows().clone());
        ledger.decide(
            client.clone(),
            Decision { at: 9, what: Decided::Done, reason: "\"moved\"\n".to_owned() },
        );
        ledger.meet(&Window { from: 1, to: 2, name: "first".to_owned(), ..Window::default() }, Some(client));
        ledger
    }

    #[test]
    fn a_ledger_is_read_as_it_is_written() {
        let own = Identity { gateway: u64::MAX, key: 1 };
        assert_eq!(read(&write(&ledger(), Some(own))), Ok((ledger(), Some(own))));
        assert_eq!(read(&write(&ledger(), None)), Ok((ledger(), None)));
        assert_eq!(read(&write(&Ledger::default(), None)), Ok((Ledger::default(), None)));
    }

    #[test]
    fn a_ledger_that_ends_early_or_has_another_byte_is_no_ledger() {
        let text = write(&ledger(), None);
        for end in 0..text.len() {
            assert!(read(&text[..end]).is_err(), "{end}");
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let other = String::from_utf8_lossy(&bytes);
            assert!(read(&other).is_err(), "{at}");
        }
    }

    #[test]
    fn what_is_no_ledger_is_told_in_a_sentence() {
        let newer = write(&ledger(), None).replacen("\"mesigate_ledger\":1", "\"mesigate_ledger\":2", 1);
        for (text, why) in [
            ("", "no first line"),
            ("{}\n", "no mesigate_ledger"),
            (&newer, "of version 2, and this mesigate reads 1"),
        ] {
            let told = read(text).expect_err(text).to_string();
            assert!(told.contains(why), "{told}");
        }
    }
}
