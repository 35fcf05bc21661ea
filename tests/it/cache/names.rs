//! One upstream token under several names, on both doors: after a write each read sees it, whatever name wrote and
//! whatever name reads, also while apps' secrets change and change back.

use std::collections::HashMap;

use crate::apps::Secrets;
use crate::support::chance::Chance;
use crate::support::client::{Answer, ask};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

use super::{DONE, Door, Json, KEEP, Legacy, REFUSED, read_as};

const STEPS: usize = 2_000;
const NAMES: [&str; 5] = ["shop-key", "till-key", "clinic-key", "real-0", "real-1"];

/// The token that each name stands for.
struct Tokens {
    shop: usize,
    clinic: usize,
}

impl Tokens {
    fn of(&self, name: &str) -> usize {
        match name {
            "shop-key" | "till-key" => self.shop,
            "clinic-key" => self.clinic,
            "real-0" => 0,
            _ => 1,
        }
    }
}

/// Settings of two apps, one of them with two keys; each app has one of two tokens.
fn settings(secrets: &Secrets) -> String {
    let key = format!("keys = [{{ file = '{}' }}", secrets.path("shop-key"));
    let both = format!("{key}, {{ file = '{}' }}", secrets.path("till-key"));
    secrets.two_apps().replacen(&key, &both, 1)
}

/// The address of a group's only member names the token, and how many writes the group has seen.
fn page(token: usize, group: u32, version: usize) -> String {
    let member = format!(r#"{{"uid":1,"address":"{token} {group} {version}"}}"#);
    format!(r#"{{"op":"groupgetmembers","result":true,"count":1,"members":[{member}]}}"#)
}

async fn write(gateway: &Gateway, door: Door, name: &str, group: u32) -> Answer {
    let target = format!("/api.php?op=groupset&token={name}&gid={group}");
    if door == Legacy {
        return crate::support::client::get(gateway.address, &target).await;
    }
    let body = format!(r#"{{"op":"groupset","token":"{name}","group":{{"gid":{group}}}}}"#);
    crate::apps::post(gateway.address, "/backend", &body).await
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read_under_whichever_of_its_names_the_token_comes() {
    let (stub, secrets, mut chance) = (Stub::start().await, Secrets::new(), Chance::new());
    let mut tokens = Tokens { shop: 0, clinic: 0 };
    for (file, text) in [("till-key", "till-key"), ("shop-token", "real-0"), ("clinic-token", "real-0")] {
        secrets.write(file, text);
    }
    let gateway = Gateway::with(stub.address, &(KEEP.to_owned() + &settings(&secrets)));
    let mut versions = HashMap::<(usize, u32), usize>::new();
    let mut hits = 0;
    for step in 0..STEPS {
        let (name, door, group) =
            (chance.one_of(&NAMES), chance.one_of(&[Legacy, Json]), chance.one_of(&[7, 8]));
        let token = tokens.of(name);
        let version = versions.entry((token, group)).or_default();
        match chance.below(20) {
            0..14 => {
                stub.will_say(&page(token, group, *version));
                let answer = read_as(&gateway, door, name, group, "").await;
                stub.forget_answers();
                let expected = format!("{token} {group} {version}");
                assert_eq!(answer.json()["members"][0]["address"], expected, "step {step}: {name}, {door:?}");
                hits += usize::from(answer.header("x-cache") == Some("hit"));
            }
            14 => {
                // The write fails, and upstream may have done it all the same.
                *version += 1;
                stub.will_say(chance.one_of(&[
                    "HTTP/1.1 502 Bad Gateway\n\n<html>",
                    "{\"result\":",
                    REFUSED,
                ]));
                write(&gateway, door, name, group).await;
            }
            15..18 => {
                *version += 1;
                stub.will_say(DONE);
                assert_eq!(write(&gateway, door, name, group).await.json()["result"], true);
            }
            _ => {
                let now = chance.below(2);
                let (app, file) = if chance.below(2) == 0 {
                    (&mut tokens.shop, "shop-token")
                } else {
                    (&mut tokens.clinic, "clinic-token")
                };
                *app = now;
                secrets.write(file, &format!("real-{now}"));
                ask(gateway.admin, b"POST /reload HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
        for call in stub.take_calls() {
            let body = String::from_utf8(call.body).expect("text");
            assert!(body.contains(&format!("\"real-{token}\"")), "step {step}: {name}");
        }
    }
    // Without hits, or hits under another name, the test would prove little.
    assert!(hits > STEPS / 3, "{hits}");
}
