//! Input for `explain`: a curl command, a raw request, or a bare query, with the token in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mesigate::code::{self, Call, Language};
use mesigate::protocol::explain::{self, Explained, Sample};
use mesigate::protocol::translate::request::Understood;
use support::{MARK, MOST_PAIRS, TABLE, assert_decent, has_mark};

fuzz_target!(|input: &[u8]| {
    if has_mark(input) {
        return;
    }
    let raw = [b"POST /?token=", MARK.as_bytes(), b"&", input].concat();
    account(explain::read_piped(&raw));
    account(explain::read_piped(input));
    if let Ok(text) = str::from_utf8(input) {
        account(explain::read(&[format!("curl {text} -d token={MARK}")]));
        // At the end of a command the token could become part of another value, which may be shown.
        if !text.trim_start().starts_with("curl") {
            account(explain::read(&[format!("{text}&token={MARK}")]));
        }
        // Split as the shell would split it.
        let words = ["curl"].into_iter().chain(text.lines()).chain(["-d"]).map(str::to_owned);
        account(explain::read(&words.chain([format!("token={MARK}")]).collect::<Vec<_>>()));
    }
});

/// Checks that nothing that `explain` would show contains the token.
fn account(asked: Result<Sample, String>) {
    let asked = match asked {
        Ok(asked) => asked,
        Err(sentence) => return assert!(!has_mark(sentence.as_bytes()), "{sentence}"),
    };
    assert!(!has_mark(format!("{asked:?}").as_bytes()));
    match explain::explain(&asked, &TABLE, MOST_PAIRS) {
        Err(refused) => {
            assert_decent(&refused.reject);
            assert!(!has_mark(&refused.body));
        }
        Ok(Explained::Json { .. }) => {}
        Ok(Explained::Legacy { operation, form }) => {
            let understood = Understood::understand(operation, &TABLE, &form);
            let understood =
                understood.unwrap_or_else(|reject| panic!("it was understood before: {}", reject.cause()));
            for line in explain::lines(operation, &understood) {
                let shown = [line.member, line.value, line.parameter.unwrap_or_default(), line.why].concat();
                assert!(!has_mark(shown.as_bytes()), "{shown}");
            }
            for (name, why) in explain::drops(operation, &TABLE, &understood) {
                assert!(!has_mark(format!("{name} {why}").as_bytes()), "{name} {why}");
            }
            let call = Call::of("https://api.mesibo.com/backend/", operation, &understood);
            let command = code::command(&call);
            assert!(!has_mark(command.as_bytes()), "{command}");
            for language in Language::ALL {
                let program = code::program(language, &call);
                assert!(!has_mark(program.as_bytes()), "{program}");
            }
        }
    }
}
