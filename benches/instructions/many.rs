//! Settings of one app, or of one among very many with limits and routes of their own: a request must not pay for
//! settings that do not concern it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};

use crate::exchanges::TOKEN;

/// How many apps there are, each with two keys, and how many limits and routes among them all.
pub struct Many {
    pub apps: usize,
    pub limits: usize,
    pub routes: usize,
}

/// The operations of the others' limits and routes; the counted request is for none of them.
const OTHERS: [&str; 6] = ["useradd", "userset", "groupadd", "groupset", "groupdel", "groupeditmembers"];

impl Many {
    /// The settings, with the files that they name in `folder`. The requesting app stands in the middle, and its first
    /// key is the request's token.
    pub fn settings(&self, folder: &Path) -> String {
        let mut text = String::new();
        for number in 0..self.limits {
            let operation = OTHERS[number % OTHERS.len()];
            _ = writeln!(
                text,
                "[[limit]]\nname = 'l{number}'\noperations = ['{operation}']\nper = 'app'\nrate = '9/s'"
            );
        }
        for number in 0..self.apps {
            let is_asking = number == self.apps / 2;
            let token = if is_asking { TOKEN.to_owned() } else { format!("token-{number}-{TOKEN}") };
            let file = folder.join(format!("token{number}"));
            fs::write(&file, &token).expect("a token's file");
            let key = if is_asking { token } else { format!("key-{number}") };
            let (first, second) = (sha256(&key), sha256(&format!("another-{number}")));
            _ = writeln!(
                text,
                "[[app]]\nname = 'a{number}'\nkeys = [{{ sha256 = '{first}' }}, {{ sha256 = '{second}' }}]\n\
                 token = {{ file = '{}' }}",
                file.display()
            );
            if number < self.routes {
                let (operation, port) = (OTHERS[number % OTHERS.len()], 20_000 + number);
                _ = writeln!(
                    text,
                    "routes = [{{ operations = ['{operation}'], url = 'http://127.0.0.1:{port}/' }}]"
                );
            }
        }
        text
    }
}

fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}
