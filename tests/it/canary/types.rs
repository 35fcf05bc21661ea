//! What types and settings show when they are printed with `Debug`.

use std::fs;
use std::path::Path;

use mesigate::config::Layers;

#[test]
fn settings_name_their_secrets_and_never_print_a_digest() {
    let digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
    let app = format!("[[app]]\nname = 'a'\nkeys = [{{ sha256 = '{digest}' }}]\ntoken = {{ env = 'T' }}");
    let layers = Layers::shipped().and_then(|layers| layers.text("test", &app)).expect("sound TOML");
    let shown = format!("{:?}", layers.config().expect("sound settings").apps);
    assert!(shown.contains("Environment(\"T\")") && shown.contains("Digest(…)"), "{shown}");
    let bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("hex")).collect();
    assert!(!shown.contains(&digest[..8]) && !shown.contains(&bytes[0].to_string()), "{shown}");
}

#[test]
fn a_request_to_explain_is_printed_by_its_size_only() {
    let asked =
        mesigate::protocol::explain::read(&["op=userdel&token=SECRET".to_owned()]).expect("a request");
    assert_eq!(format!("{asked:?}"), "Asked(23 + 0 bytes)");
}

#[test]
fn no_type_that_holds_a_token_or_a_message_can_be_printed() {
    let mut printable = Vec::new();
    for (file, names) in [
        ("policy/apps.rs", "Apps Caller"),
        ("policy/apps/app.rs", "App"),
        ("policy/apps/keyring.rs", "Keyring Real"),
        ("config/secret.rs", "Environment"),
        ("protocol/translate.rs", "Incoming Parsed"),
        ("protocol/translate/form.rs", "Form Parameter Pair"),
        ("protocol/translate/form/builder.rs", "Builder"),
        ("protocol/translate/request.rs", "Understood"),
        ("protocol/translate/reply_context.rs", "ReplyContext Fill"),
        ("protocol/translate/value.rs", "ParamValue"),
        ("protocol/translate/envelope.rs", "Envelope Json"),
        ("protocol/translate/envelope/members.rs", "EnvelopeMembers Others"),
        ("http/request.rs", "Request"),
        ("http/proto/fields.rs", "Fields"),
        ("http/proto/head.rs", "Head"),
        ("http/connection/body.rs", "H1Body"),
        ("http/reply.rs", "Reply"),
        ("http/connection/io.rs", "Connection"),
        ("http/connection/io/inbox.rs", "Inbox"),
        ("http/proto/chunks.rs", "Chunks"),
        ("handle/call.rs", "Call"),
        ("upstream/mod.rs", "Answer"),
        ("upstream/outgoing.rs", "OutgoingRequest"),
        ("upstream/site.rs", "Site"),
        ("upstream/connect.rs", "Connector"),
        ("upstream/tunnel.rs", "Tunnels"),
        ("cli/proxies.rs", "Proxies"),
        ("upstream/reading.rs", "Reading WholeAnswer"),
        ("upstream/exchange.rs", "UpstreamConnection Exchange"),
        ("telemetry/trail.rs", "Trail"),
        ("config/layers.rs", "Layers"),
        ("protocol/explain.rs", "Explained Refused"),
        ("protocol/explain/curl.rs", "CurlCommand"),
        ("cli/mod.rs", "Arguments Command"),
        ("cli/explain.rs", "ExplainArgs"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let source = fs::read_to_string(path).expect("a source");
        for name in names.split(' ') {
            let is_it = |line: &str| {
                let words = line.trim_start_matches("pub(super) ").trim_start_matches("pub ").split_once(' ');
                words.is_some_and(|(kind, rest)| {
                    let word = rest.split(|letter: char| !letter.is_alphanumeric()).next();
                    matches!(kind, "struct" | "enum") && word == Some(name)
                })
            };
            let lines: Vec<&str> = source.lines().collect();
            let at =
                lines.iter().position(|line| is_it(line)).unwrap_or_else(|| panic!("{file} has no {name}"));
            let mut above = lines[..at].iter().rev().take_while(|line| !line.is_empty());
            if above.any(|line| line.starts_with("#[derive(") && line.contains("Debug"))
                || source.contains(&format!("Debug for {name}"))
            {
                printable.push(format!("{file}: {name}"));
            }
        }
    }
    assert_eq!(printable, Vec::<String>::new());
}
