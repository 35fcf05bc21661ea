//! What is refused, and how: tests/manifests/refused has a manifest for each, whose first line says what must be said of
//! it, and whose second one which flags it is given.

use std::path::Path;

use mesigate::inject::Options;

use super::properties::run;

fn options(line: &str) -> Options {
    let mut options = Options::default();
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let mut next = || words.next().expect("a value");
        match word {
            "--all" => options.all = true,
            "--classic" => options.classic = true,
            "--uninject" => options.uninject = true,
            "--kubernetes" => options.kubernetes = Some(next().parse().expect("a version")),
            "--secret" => options.secrets.push(next().parse().expect("a name")),
            "--set" => options.settings.push(next().parse().expect("a setting")),
            _ => panic!("what is {word}?"),
        }
    }
    options
}

#[test]
fn each_refusal_names_the_place_and_what_would_be_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/refused");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let head = |mark: &str| text.lines().find_map(|line| line.strip_prefix(mark)).map(str::trim);
        let says = head("# says:").unwrap_or_else(|| panic!("{}: what is said of it?", path.display()));
        let faults = run(&text, &options(head("# flags:").unwrap_or_default())).err();
        let faults = faults.unwrap_or_else(|| panic!("{}: is taken", path.display()));
        assert_eq!(faults.len(), 1, "{}: {faults:?}", path.display());
        assert_eq!(faults[0], format!("web.yaml: {says}").replace("web.yaml: !", ""), "{}", path.display());
        count += 1;
    }
    assert!(count >= 24, "{count} refusals");
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_in_order() {
    let pod = "kind: Pod\napiVersion: v1\nmetadata: {name: p, labels: {mesigate.io/sidecar: 'true'}}\nspec:\n  hostNetwork: true\n  containers: [{name: mesigate, ports: [{containerPort: 18080}]}]\n";
    let faults = run(&format!("{pod}---\n{pod}"), &Options::default()).expect_err("faults");
    let of = |document: usize| {
        faults.iter().filter(|fault| fault.contains(&format!("document {document},"))).count()
    };
    assert_eq!((faults.len(), of(1), of(2)), (6, 3, 3), "{faults:?}");
}

#[test]
fn a_setting_has_one_form() {
    for wrong in [
        "app.MESIBO_API=x",
        "app.env.A",
        "App.env.A=1",
        "app.env.1=2",
        "app.env.=2",
        ".env.A=1",
        "app.env.A B=1",
    ] {
        let parsed: Result<mesigate::inject::Setting, String> = wrong.parse();
        assert!(parsed.is_err(), "{wrong}");
    }
    let setting: mesigate::inject::Setting = "app.env.A=b=c.env.d".parse().expect("a setting");
    assert_eq!((&*setting.container, &*setting.name, &*setting.value), ("app", "A", "b=c.env.d"));
}
