//! Faults of apps in settings: each names its place, and none shows a secret.

use mesigate::config::Layers;
use mesigate::config::secret::Environment;
use mesigate::snapshot::{Fresh, Snapshot};

use super::{DIGEST, Secrets};

/// Every fault for which `serve` would not start.
pub fn faults(toml: &str) -> Vec<String> {
    let layers = Layers::shipped().and_then(|layers| layers.text("own.toml", toml)).expect("sound TOML");
    let snapshot = Fresh::read(layers).and_then(|fresh| Snapshot::new(fresh, Environment::default()));
    snapshot.err().unwrap_or_default()
}

/// The faults without their places; each fault must have one.
fn placed(toml: &str) -> Vec<String> {
    let without = |fault: String| {
        let line = fault.strip_prefix("own.toml:").expect("a place");
        line.split_once(": ").expect("a line").1.to_owned()
    };
    faults(toml).into_iter().map(without).collect()
}

#[test]
fn every_secret_that_cannot_be_had_is_named_and_none_is_shown() {
    let secrets = Secrets::new();
    secrets.write("shop-token", "HUSH\nHUSH");
    secrets.write("clinic-token", " ");
    secrets.remove("shop-key");
    let own = |name: &str| secrets.path(name);
    assert_eq!(
        placed(&secrets.two_apps()),
        [
            format!(
                "`app.shop.keys`: the file {} cannot be read: No such file or directory (os error 2)",
                own("shop-key")
            ),
            format!(
                "`app.shop.token`: the file {} has more than one line: it must hold the secret and nothing else",
                own("shop-token")
            ),
            format!("`app.clinic.token`: the file {} is empty", own("clinic-token")),
        ]
    );
}

#[test]
fn two_apps_with_one_key_are_a_fault() {
    let secrets = Secrets::new();
    secrets.write("shop-key", "clinic-key");
    let expected = "one of them is a key already: every key stands for one app";
    assert_eq!(placed(&secrets.two_apps()), [format!("`app.clinic.keys`: {expected}")]);
    let twice = format!(
        "[[app]]\nname = 'a'\nkeys = [{{ sha256 = '{DIGEST}' }}, {{ sha256 = '{}' }}]\ntoken = {{ file = '{}' }}",
        DIGEST.to_uppercase(),
        secrets.path("shop-token")
    );
    assert_eq!(faults(&twice), [format!("own.toml:3: `app.a.keys`: {expected}")]);
}

#[test]
fn operations_that_the_table_does_not_have_are_faults_wherever_they_are_named() {
    let secrets = Secrets::new();
    let more = "operations = ['message', 'mesage']\nroutes = [{ operations = ['groupsett'], url = 'http://a/' }]\nlimits = [{ name = 'own', operations = ['usrdel'], per = 'app', rate = '1/s' }]";
    let shared =
        "limit = [{ name = 'shared', operations = ['getmembers', 'userset'], per = 'all', rate = '1/s' }]";
    let mut found = faults(&format!("{shared}\n{}", secrets.shop(more)));
    for fault in &mut found {
        let (_, rest) =
            fault.strip_prefix("own.toml:").and_then(|fault| fault.split_once(": ")).expect("a place");
        *fault = rest.to_owned();
    }
    found.sort();
    assert_eq!(
        found,
        [
            "`app.shop.limits.own.operations`: `usrdel` is no operation's name; did you mean `userdel`?",
            "`app.shop`: `groupsett` is no operation; did you mean `groupset`?",
            "`app.shop`: `mesage` is no operation; did you mean `message`?",
            // Counts are kept under an operation's own name, so a limit on an alias would never match.
            "`limit.shared.operations`: `getmembers` is another name of `groupgetmembers`: limits count by that one",
        ]
    );
}

#[test]
fn a_token_in_the_clear_is_refused_and_not_shown() {
    for (toml, expected) in [
        (
            "[[app]]\nname = 'a'\nkeys = [{ env = 'K' }]\ntoken = 'HUSH'",
            "own.toml:4: `app.a.token`: is written in the clear: put it into a file or the environment and say { file = \"…\" } or { env = \"…\" }",
        ),
        (
            "[[app]]\nname = 'a'\nkeys = ['HUSH']\ntoken = { env = 'T' }",
            "own.toml:3: `app.a.keys.1`: expected a table, found a text",
        ),
        (
            "[[app]]\nname = 'a'\nkeys = 'HUSH'\ntoken = { env = 'T' }",
            "own.toml:3: `app.a.keys`: expected a list of tables, found a text",
        ),
    ] {
        let found = faults(toml);
        assert!(found.contains(&expected.to_owned()), "{found:?}");
        assert!(found.iter().all(|fault| !fault.contains("HUSH")), "{found:?}");
    }
}

#[test]
fn a_digest_is_hex_digits_and_stands_alone() {
    let secrets = Secrets::new();
    let token = secrets.path("shop-token");
    let signed = DIGEST.replacen(&DIGEST[..2], "+3", 1);
    for key in [format!("sha256 = '{signed}'"), format!("sha256 = '{DIGEST}', file = '/run/secrets/key'")] {
        let toml = format!("[[app]]\nname = 'a'\nkeys = [{{ {key} }}]\ntoken = {{ file = '{token}' }}");
        assert!(!faults(&toml).is_empty(), "{key}");
    }
}

#[test]
fn an_unknown_operation_of_an_apps_own_limit_is_told_by_its_key() {
    let limits = "limits = [{ name = 'own', operations = ['usrdel'], per = 'app', rate = '1/s' }]";
    let expected =
        "`app.shop.limits.own.operations`: `usrdel` is no operation's name; did you mean `userdel`?";
    assert_eq!(placed(&Secrets::new().shop(limits)), [expected]);
    let lines = "\n\n[[limit]]\nname = 'a'\nper = 'all'\nrate = '1/s'\noperations = ['x']";
    assert_eq!(faults(lines), ["own.toml:7: `limit.a.operations`: `x` is no operation's name"]);
}
