//! Every operation through a gateway and the sandbox, over real sockets: the sandbox then holds what the old request
//! meant. The sandbox was written without a look at the operations table.

mod faults; // faults of upstream
mod forms; // undocumented forms of the JSON side
mod groups; // groups and their members
mod messages; // messages
mod secrets; // secrets, and apps beside each other
mod users; // users and their tokens

use std::time::Duration;

use mesigate::sandbox::{LoginRefused, Sandbox};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::client::{self, Answer};
use crate::support::gateway::Gateway;

const APP: &str = "sandbox";

const APPID: &str = "com.example.app";
const MINUTE: Duration = Duration::from_mins(1);

/// An old client of the API (`ask` and what builds on it), and the sandbox behind it.
struct Api {
    gateway: Gateway,
    sandbox: Sandbox,
}

impl Api {
    async fn open() -> Self {
        Self::with("").await
    }

    /// A gateway with `toml` over its settings.
    async fn with(toml: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gateway = Gateway::with(listener.local_addr().expect("an address"), toml);
        let sandbox = Sandbox::new();
        tokio::spawn(sandbox.clone().serve(listener, std::future::pending()));
        Self { gateway, sandbox }
    }

    async fn send(&self, app: &str, query: &str) -> Answer {
        client::get(self.gateway.address, &format!("/api.php?token={app}&{query}")).await
    }

    async fn ask(&self, query: &str) -> Value {
        self.send(APP, query).await.json()
    }

    /// A request that must succeed.
    async fn done(&self, query: &str) -> Value {
        let answer = self.ask(query).await;
        assert_eq!(answer["result"], true, "{query}: {answer}");
        answer
    }

    /// A request that must fail: the error and the legacy names at fault.
    async fn refused(&self, query: &str) -> (String, Value) {
        let answer = self.ask(query).await;
        assert_eq!(answer["result"], false, "{query}: {answer}");
        (answer["error"].as_str().expect("an error").to_owned(), answer["properties"].clone())
    }

    /// Adds a user; gives the uid as text, for the next query, and the access token.
    async fn user(&self, address: &str) -> (String, String) {
        let answer = self.done(&format!("op=useradd&addr={address}&appid={APPID}")).await;
        (answer["user"]["uid"].to_string(), answer["user"]["token"].as_str().expect("a token").to_owned())
    }

    /// Adds a group, and users with these names as its members, in this order.
    async fn group(&self, parameters: &str, members: &[&str]) -> String {
        for member in members {
            self.user(member).await;
        }
        let query = format!("op=groupadd&name=g&m={}{parameters}", members.join(","));
        self.done(&query).await["group"]["gid"].to_string()
    }

    /// Whether `from` can send to the group; `more` holds further parameters.
    async fn can_send(&self, from: &str, gid: &str, more: &str) -> bool {
        let answer = self.ask(&format!("op=message&from={from}&gid={gid}&msg=hi{more}")).await;
        assert!(answer["result"] == true || answer["error"] == "NOTALLOWED", "{answer}");
        answer["result"] == true
    }

    /// How many messages each of these users has.
    fn counts<const N: usize>(&self, addresses: [&str; N]) -> [usize; N] {
        addresses.map(|address| self.sandbox.inbox(APP, address).len())
    }

    fn login(&self, token: &str) -> Result<u64, LoginRefused> {
        self.sandbox.login(token, APPID)
    }

    fn state(&self) -> Value {
        self.sandbox.state(APP)
    }
}

/// Whether `second` is the expiry of something made some moments after the start, to live `life` seconds.
fn ends_in(second: &Value, life: u64) -> bool {
    second.as_u64().is_some_and(|second| (life..life + 30).contains(&second))
}

fn refusal(error: &str, properties: Value) -> (String, Value) {
    (error.to_owned(), properties)
}
