//! Apps: keys in the place of real tokens, what each app may do, and where its requests go.

mod faults; // faults of apps in settings
mod keys; // keys in the place of real tokens
mod program; // apps through the program
mod rights; // what an app may do, and where its requests go
mod rotation; // secrets that change on disk

use std::net::SocketAddr;

use tempfile::TempDir;

use crate::support::client::{Answer, ask, is};
use crate::support::stub::Stub;

const DONE: &str = r#"{"op":"userdel","result":true}"#;
/// The SHA-256 digest of `clinic-key`.
const DIGEST: &str = "2a3bfe295a591e54cc7811ee04f78e4791deaa5fd257d8d2000653b3cac408f9";

/// Posts a JSON body.
pub async fn post(address: SocketAddr, target: &str, body: &str) -> Answer {
    let head = format!("POST {target} HTTP/1.1\r\nHost: g\r\nContent-Type: application/json");
    ask(address, format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await
}

/// The bodies of upstream's calls since the last look, as text.
pub fn sent(stub: &Stub) -> Vec<String> {
    stub.take_calls().into_iter().map(|call| String::from_utf8(call.body).expect("text")).collect()
}

/// Secret files, and settings that name them.
pub struct Secrets(TempDir);

impl Secrets {
    pub fn new() -> Self {
        let secrets = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in
            [("shop-key", "shop-key\n"), ("shop-token", "shop-real\n"), ("clinic-token", "  clinic-real")]
        {
            secrets.write(name, text);
        }
        secrets
    }

    pub fn write(&self, name: &str, text: &str) {
        // As secret managers write: a file is never half written under its final name.
        let new = self.0.path().join("new");
        std::fs::write(&new, text).expect("a file");
        std::fs::rename(new, self.0.path().join(name)).expect("a name");
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.0.path().join(name)).expect("a file");
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The settings of one app, with more lines of its own.
    pub fn shop(&self, more: &str) -> String {
        let (key, token) = (self.path("shop-key"), self.path("shop-token"));
        format!(
            "\n[[app]]\nname = 'shop'\nkeys = [{{ file = '{key}' }}]\ntoken = {{ file = '{token}' }}\n{more}\n"
        )
    }

    pub fn clinic(&self) -> String {
        let token = self.path("clinic-token");
        format!(
            "\n[[app]]\nname = 'clinic'\nkeys = [{{ sha256 = '{DIGEST}' }}]\ntoken = {{ file = '{token}' }}\n"
        )
    }

    pub fn two_apps(&self) -> String {
        self.shop("") + &self.clinic()
    }
}

#[track_caller]
pub fn is_refused(answer: &Answer, error: &str) {
    is(answer, error, "not-sent");
}
