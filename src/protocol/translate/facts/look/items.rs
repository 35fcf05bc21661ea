//! Counts how many members a JSON value may name, whatever its shape.

use crate::protocol::translate::list::List;
use crate::protocol::translate::scan::{ScanFault, Scanner};

/// How many members a list names, as one text (the API's form) or as any other value.
pub fn listed(json: &str) -> u32 {
    match serde_json::from_str::<String>(json) {
        Ok(text) => List::read(&text).map_or(0, List::count),
        Err(_) => most_items(json),
    }
}

/// The most members that any reader could find in a value: the items of each text in it, member names included, and
/// every other value, empty ones too. `null` alone counts as none.
pub fn most_items(json: &str) -> u32 {
    if json == "null" {
        return 0;
    }
    let mut items = 0;
    let mut scanner = Scanner::new(json, usize::from(u8::MAX));
    if count(&mut scanner, &mut items).is_err() {
        return u32::MAX;
    }
    items
}

fn count(scanner: &mut Scanner<'_>, items: &mut u32) -> Result<(), ScanFault> {
    let found = match scanner.peek()? {
        b'{' => {
            return scanner.object(|scanner, name| {
                *items = items.saturating_add(in_text(name.json()));
                count(scanner, items)
            });
        }
        b'[' => {
            return scanner.list(|scanner| {
                let before = *items;
                count(scanner, items)?;
                // A reader that counts a list's items counts an empty list inside it as one.
                *items = before.saturating_add(1).max(*items);
                Ok(())
            });
        }
        b'"' => in_text(scanner.value()?),
        _ => scanner.value().map(|_| 1)?,
    };
    *items = items.saturating_add(found);
    Ok(())
}

/// How many items a JSON string may have: one more than it has commas, escaped ones included. Some readers keep empty
/// items.
pub fn in_text(json: &str) -> u32 {
    let bytes = json.as_bytes();
    // Most texts are short, and a search for a single byte needs no setup.
    let behind = memchr::memchr_iter(b'\\', bytes).map(|at| &bytes[at + 1..]);
    let escaped = behind.filter(|rest| rest.starts_with(b"u002c") || rest.starts_with(b"u002C"));
    let commas = memchr::memchr_iter(b',', bytes).count() + escaped.count();
    u32::try_from(commas + 1).unwrap_or(u32::MAX)
}
