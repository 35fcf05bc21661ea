//! Manifests: what is not read is refused with its place, and what is changed can be changed back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mesigate::inject::{Options, Source, rewrite};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else { return };
    let all = Options { all: true, quiet: true, ..Options::default() };
    let back = Options { uninject: true, quiet: true, ..Options::default() };
    match run(text, &all) {
        Err(faults) => assert_told(&faults),
        Ok(once) => {
            let same = |from: &str, options: &Options, to: &str, what: &str| match run(from, options) {
                Ok(text) => assert_eq!(text, to, "{what}"),
                Err(faults) => panic!("{what}: {}", faults.join("\n")),
            };
            same(&once, &all, &once, "a second run changes something");
            // What is named as the sidecar and its annotation are may be taken for what is left of an earlier one.
            if !text.replace("mesigate.io/sidecar: ", "").contains("mesigate") {
                same(&once, &back, text, "the way back leads elsewhere");
            }
        }
    }
});

fn run(text: &str, options: &Options) -> Result<String, Vec<String>> {
    let source = Source { name: "web.yaml".to_owned(), text: text.to_owned() };
    rewrite(&[source], options).map(|texts| texts.concat())
}

/// Each fault is a line that names the file.
fn assert_told(faults: &[String]) {
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(fault.contains("web.yaml"), "{fault}");
    }
}
