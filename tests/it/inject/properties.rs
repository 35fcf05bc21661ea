//! What holds for every manifest, whatever its kind, shape and style.

use mesigate::inject::{Options, Setting, Source, rewrite};
use proptest::prelude::*;

use super::emitter::Choices;
use super::generator::{Case, case, options};
use super::oracle::{injected, read, without_undo};

pub fn run(text: &str, options: &Options) -> Result<String, Vec<String>> {
    let source = Source { name: "web.yaml".to_owned(), text: text.to_owned() };
    rewrite(&[source], options).map(|texts| texts.concat())
}

fn ok(text: &str, options: &Options) -> String {
    run(text, options).unwrap_or_else(|faults| panic!("{}\n{text}", faults.join("\n")))
}

fn uninject() -> Options {
    Options { uninject: true, quiet: true, ..Options::default() }
}

/// The numbers of the comments, in their order.
fn remarks(text: &str) -> Vec<&str> {
    text.split("# remark ").skip(1).filter_map(|rest| rest.split(';').next()).collect()
}

/// Settings that no container of a stream has are a fault of their own, which other tests are for.
fn fitted(text: &str, mut options: Options) -> Options {
    options.quiet = true;
    options.settings.retain(|setting| setting.container == "*" || text.contains("app"));
    options
}

fn holds(case: &Case, first: &Options, second: &Options) {
    let Case { text, untouched, .. } = case;
    let once = ok(text, first);
    assert_eq!(once, ok(&once, first), "a second run changes something:\n{text}");
    let wanted: Vec<_> = read(text).iter().map(|document| injected(document, first)).collect();
    let got: Vec<_> = read(&once).into_iter().map(without_undo).collect();
    assert_eq!(got, wanted, "another reader sees something else:\n{text}\n=== has become\n{once}");
    assert_eq!(remarks(text), remarks(&once), "comments:\n{text}\n=== have become\n{once}");
    for document in untouched {
        assert!(once.contains(document.trim_end()), "this was touched:\n{document}");
    }
    assert_eq!(*text, ok(&once, &uninject()), "the way back leads elsewhere, from\n{once}");
    let changed = ok(&once, second);
    assert_eq!(changed, ok(text, second), "earlier flags have left something behind");
    assert_eq!(*text, ok(&changed, &uninject()), "the way back from the second flags");
    assert_eq!(*text, ok(text, &uninject()), "nothing is taken out where nothing is");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_injection_does_what_it_says_and_nothing_else(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut choices = Choices::new(bytes);
        let (first, second) = (options(&mut choices), options(&mut choices));
        let case = case(&mut choices);
        let (first, second) = (fitted(&case.text, first), fitted(&case.text, second));
        holds(&case, &first, &second);
    }

    #[test]
    fn a_variable_has_the_value_that_it_was_given(value in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut options = Options { quiet: true, ..Options::default() };
        options.settings.push(Setting { container: "app".to_owned(), name: "V".to_owned(), value });
        let case = case(&mut Choices::new(bytes));
        let options = fitted(&case.text, options);
        holds(&case, &options, &Options { quiet: true, ..Options::default() });
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ \\-:#\\[\\]{}a-c&*|>'\"\\n\\t,?%!~é]{0,60}") {
        let options = Options { all: true, quiet: true, ..Options::default() };
        if let Ok(same) = run(&text, &options) {
            prop_assert_eq!(same, text);
        }
    }

    #[test]
    fn damaged_manifests_are_refused_or_come_out_right(bytes in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), with in "[ \\-:#\\[\\]{}a&*|\\n\\t,\"'~]{0,2}") {
        let case = case(&mut Choices::new(bytes));
        let mut places: Vec<usize> = case.text.char_indices().map(|(place, _)| place).collect();
        places.push(case.text.len());
        let place = places[at.index(places.len())];
        let damaged = format!("{}{with}{}", &case.text[..place], &case.text[place..]);
        let options = Options { all: true, quiet: true, ..Options::default() };
        if let Ok(once) = run(&damaged, &options) {
            prop_assert_eq!(&once, &ok(&once, &options));
            prop_assert_eq!(&damaged, &ok(&once, &uninject()));
        }
    }
}
