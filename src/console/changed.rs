//! What a call has changed in the sandbox: its world before and after, told in sentences.

use serde_json::Value;

/// The kinds of things in the world: the member of the state, what names one, and how a person calls it.
const KINDS: [(&str, &str, &str); 4] = [
    ("users", "uid", "user"),
    ("groups", "gid", "group"),
    ("messages", "mid", "message"),
    ("otps", "address", "one-time password"),
];

/// A sentence for each thing that was added, changed or is gone.
pub fn changed(before: &Value, after: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for (kind, id, word) in KINDS {
        let things = |state: &Value| state[kind].as_array().cloned().unwrap_or_default();
        let (old, new) = (things(before), things(after));
        let find = |list: &[Value], thing: &Value| list.iter().find(|other| other[id] == thing[id]).cloned();
        for thing in &new {
            match find(&old, thing) {
                None => all.push(format!("{} was added", named(word, id, thing))),
                Some(former) => {
                    let parts = parts(&former, thing);
                    if !parts.is_empty() {
                        all.push(format!("{} was changed: {}", named(word, id, thing), parts.join(", ")));
                    }
                }
            }
        }
        let gone = old.iter().filter(|thing| find(&new, thing).is_none());
        all.extend(gone.map(|thing| format!("{} is gone", named(word, id, thing))));
    }
    all
}

/// A thing as a person names it.
fn named(word: &str, id: &str, thing: &Value) -> String {
    let name = ["address", "name", "from"].into_iter().find_map(|key| thing[key].as_str());
    let number = if id == "address" { String::new() } else { format!("{id} {}", thing[id]) };
    match (word, name) {
        ("message", Some(from)) => format!("a message of {from} ({number})"),
        ("one-time password", Some(address)) => format!("a one-time password for {address}"),
        (_, Some(name)) => format!("{word} {name} ({number})"),
        (_, None) => format!("{word} {number}"),
    }
}

/// The members that differ. Values are not told: they may be long, and the answer has those that count.
fn parts(before: &Value, after: &Value) -> Vec<String> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Vec::new() };
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    // Whether somebody is online follows from time, and not from the call.
    names.retain(|name| before.get(*name) != after.get(*name) && *name != "online");
    names.into_iter().map(|name| part(name, before.get(name), after.get(name))).collect()
}

fn part(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let count = |value: Option<&Value>| value.and_then(Value::as_array).map(Vec::len);
    match (count(before), count(after)) {
        (Some(before), Some(after)) if before != after => format!("{name} (now {after}, before {before})"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changed;
    use crate::sandbox::Sandbox;

    /// What the sandbox's world has of a call's doing.
    fn told(sandbox: &Sandbox, payload: serde_json::Value) -> Vec<String> {
        let before = sandbox.state("sandbox");
        let answer = sandbox.answer(payload.to_string().as_bytes());
        assert!(String::from_utf8_lossy(&answer).contains("\"result\":true"), "{payload}");
        changed(&before, &sandbox.state("sandbox"))
    }

    #[test]
    fn what_is_added_changed_and_gone_is_told() {
        let sandbox = Sandbox::new();
        let add = |address: &str| json!({ "op": "useradd", "token": "sandbox", "user": { "address": address, "token": { "appid": "a" } } });
        assert_eq!(told(&sandbox, add("ana")), ["user ana (uid 101) was added"]);
        assert_eq!(told(&sandbox, add("ana")), ["user ana (uid 101) was changed: tokens"]);
        told(&sandbox, add("ben"));
        let group = json!({ "op": "groupadd", "token": "sandbox", "group": { "name": "Team", "members": { "m": "ana" } } });
        assert_eq!(told(&sandbox, group), ["group Team (gid 97001) was added"]);
        let edit = json!({ "op": "groupeditmembers", "token": "sandbox", "group": { "gid": 97001, "members": { "m": "ben" } } });
        assert_eq!(told(&sandbox, edit), ["group Team (gid 97001) was changed: members (now 2, before 1)"]);
        let message = json!({ "op": "message", "token": "sandbox", "message": { "from": "ana", "to": "ben", "message": "Hi" } });
        let sent = told(&sandbox, message);
        assert!(sent.len() == 1 && sent[0].starts_with("a message of ana (mid "), "{sent:?}");
        let gone = told(&sandbox, json!({ "op": "groupdel", "token": "sandbox", "group": { "gid": 97001 } }));
        assert_eq!(gone, ["group Team (gid 97001) is gone"]);
        let read = json!({ "op": "userset", "token": "sandbox", "user": { "uid": 101, "active": true } });
        assert!(told(&sandbox, read).is_empty(), "the same as before is no change");
    }
}
