//! An operator's file, as settings and as a table of operations: it is accepted, or its faults are told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mesigate::config::{AppUpstream, Endpoint, Layers};
use mesigate::protocol::document::{Fault, Node, TomlValue};
use mesigate::protocol::ops::Table;
use mesigate::protocol::translate::request::Understood;
use support::{json, request};

const FILE: &str = "own.toml";

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    // The shipped file is laid below this one and takes long to read, so faults in the text are ruled out first.
    match Node::parse(FILE, text) {
        Err(faults) => assert_told(&faults),
        Ok(Node { value: TomlValue::Table(entries), .. }) => {
            let has = |name| entries.iter().any(|(key, _)| key == name);
            if has("operation") || has("ignored") || has("refused") {
                table(text);
            } else {
                settings(text);
            }
        }
        Ok(_) => panic!("a document that is no table"),
    }
});

fn settings(text: &str) {
    let layers = Layers::shipped().and_then(|shipped| shipped.text(FILE, text));
    match layers.and_then(|layers| layers.config()) {
        Err(faults) => assert_told(&faults),
        Ok(config) => {
            for AppUpstream { url, .. } in config.upstreams() {
                assert_eq!(Endpoint::parse(&url.to_string()), Ok(url));
            }
        }
    }
}

/// A table that is accepted makes JSON of the requests that it accepts.
fn table(text: &str) {
    let table = match Table::load(Some((FILE, text)), &[]) {
        Err(faults) => return assert_told(&faults),
        Ok(table) => table,
    };
    for operation in table.operations() {
        for form in [request(&operation.row, true), request(&operation.row, false)] {
            if let Ok(understood) = Understood::understand(operation, &table, &form) {
                let written = json(&understood.write(operation, understood.token));
                assert_eq!(written["op"], operation.row.sends);
            }
        }
    }
}

/// Each fault begins with its place and is one line.
fn assert_told(faults: &[Fault]) {
    let places =
        ["own.toml:", "operations.toml:", "config/mesigate.toml (shipped):", "the setting `profiles`"];
    assert!(!faults.is_empty());
    for line in faults.iter().map(ToString::to_string) {
        assert!(places.iter().any(|place| line.starts_with(place)), "{line}");
        assert!(!line.contains(['\n', '\r']), "{line}");
    }
}
