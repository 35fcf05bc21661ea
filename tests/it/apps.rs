//! Apps: keys in the place of real tokens, what each app may do, and where its requests go.

use std::net::SocketAddr;
use std::process::Command;

use mesigate::config::Layers;
use mesigate::config::secret::Environment;
use mesigate::snapshot::{Fresh, Snapshot};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::client::{Answer, ask, get};
use crate::support::gateway::{Gateway, snapshot};
use crate::support::stub::Stub;

const DONE: &str = r#"{"op":"userdel","result":true}"#;
/// SHA-256 of `clinic-key`.
const DIGEST: &str = "2a3bfe295a591e54cc7811ee04f78e4791deaa5fd257d8d2000653b3cac408f9";

/// Posts a JSON body.
pub async fn post(address: SocketAddr, target: &str, body: &str) -> Answer {
    let head = format!("POST {target} HTTP/1.1\r\nHost: g\r\nContent-Type: application/json");
    ask(address, format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await
}

/// What upstream was sent since the last look, as text.
pub fn sent(stub: &Stub) -> Vec<String> {
    stub.take_calls().into_iter().map(|call| String::from_utf8(call.body).expect("text")).collect()
}

/// Files with secrets, and settings that name them.
pub struct Secrets(TempDir);

impl Secrets {
    pub fn new() -> Self {
        let secrets = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in
            [("shop-key", "shop-key\n"), ("shop-token", "shop-real\n"), ("clinic-token", "  clinic-real")]
        {
            secrets.write(name, text);
        }
        secrets
    }

    pub fn write(&self, name: &str, text: &str) {
        // As tools that change secrets do it: never half a file under the name.
        let new = self.0.path().join("new");
        std::fs::write(&new, text).expect("a file");
        std::fs::rename(new, self.0.path().join(name)).expect("a name");
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.0.path().join(name)).expect("a file");
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// One app, with more lines of its own.
    pub fn shop(&self, more: &str) -> String {
        let (key, token) = (self.path("shop-key"), self.path("shop-token"));
        format!(
            "\n[[app]]\nname = 'shop'\nkeys = [{{ file = '{key}' }}]\ntoken = {{ file = '{token}' }}\n{more}\n"
        )
    }

    pub fn clinic(&self) -> String {
        let token = self.path("clinic-token");
        format!(
            "\n[[app]]\nname = 'clinic'\nkeys = [{{ sha256 = '{DIGEST}' }}]\ntoken = {{ file = '{token}' }}\n"
        )
    }

    pub fn two_apps(&self) -> String {
        self.shop("") + &self.clinic()
    }
}

/// Every fault of settings that `serve` would not start with.
pub fn faults(toml: &str) -> Vec<String> {
    let layers = Layers::shipped().and_then(|layers| layers.text("own.toml", toml)).expect("sound TOML");
    let snapshot = Fresh::read(layers).and_then(|fresh| Snapshot::new(fresh, Environment::default()));
    snapshot.err().unwrap_or_default()
}

#[track_caller]
pub fn is_refused(answer: &Answer, error: &str) {
    let json = answer.json();
    assert_eq!((&json["result"], &json["error"]), (&json!(false), &json!(error)), "{json}");
    assert_eq!(answer.header("x-mesigate-outcome"), Some("not-sent"));
}

// -------------------------------------------------------------------------------------------- the key

#[tokio::test]
async fn each_key_becomes_its_own_apps_real_token() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    for (key, real) in [("shop-key", "shop-real"), ("clinic-key", "clinic-real"), ("Shop-Key", "Shop-Key")] {
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op=userdel&token={key}&uid=5")).await;
        stub.will_say(DONE);
        let body = format!(r#"{{"op":"userdel","token":"{key}","user":{{"uid":5}}}}"#);
        post(gateway.address, "/backend", &body).await;
        let expected = format!(r#"{{"op":"userdel","token":"{real}","user":{{"uid":5}}}}"#);
        assert_eq!(sent(&stub), [expected.clone(), expected]);
    }
}

#[tokio::test]
async fn a_json_request_stays_as_it_is_but_for_the_token() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    let (key, real) = (r#""shop-key""#, r#""shop-real""#);
    for body in [
        r#"{"token":"shop-key","op":"userdel","user":{"uid":5}}"#,
        r#"{"op":"userdel","user":{"uid":5},"token":"shop-key"}"#,
        "{ \"id\" : 1.50 ,\n\t\"op\":\r\n\"userdel\" ,\"token\" :\t\"shop-key\"  , \"user\":{ \"uid\":5e0, \"é\":\"\\u00e9\\/\" } }",
        r#"{"op":"message","token":"shop-key","message":{"a":1,"a":2,"big":123456789012345678901234567890}}"#,
    ] {
        stub.will_say(DONE);
        post(gateway.address, "/backend", body).await;
        assert_eq!(sent(&stub), [body.replace(key, real)]);
    }
    for (target, body, expected) in [
        // Only the member at the top is the token; however its text is escaped, it is the key.
        (
            "/backend",
            r#"{"user":{"token":"shop-key"},"x":"shop-key","token":"shop\u002dkey","op":"userdel"}"#,
            r#"{"user":{"token":"shop-key"},"x":"shop-key","token":"shop-real","op":"userdel"}"#,
        ),
        // Lent from the query.
        (
            "/backend?token=shop-key",
            r#"{"op":"userdel", "user":{"uid":5}}"#,
            r#"{"token":"shop-real","op":"userdel", "user":{"uid":5}}"#,
        ),
        (
            "/backend?op=userdel&token=shop-key",
            r#"{"user":{"uid":5} }"#,
            r#"{"op":"userdel","token":"shop-real","user":{"uid":5} }"#,
        ),
        (
            "/backend?op=userdel",
            r#"{"user":{"uid":5}, "token" : "shop-key"}"#,
            r#"{"op":"userdel","user":{"uid":5}, "token" : "shop-real"}"#,
        ),
    ] {
        stub.will_say(DONE);
        post(gateway.address, target, body).await;
        assert_eq!(sent(&stub), [expected]);
    }
}

#[tokio::test]
async fn a_token_that_needs_escapes_is_written_as_json_and_hidden_in_every_spelling() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("shop-token", r#"re"al\é"#);
    let gateway = Gateway::with(stub.address, &secrets.shop(""));
    for door in ["legacy", "json"] {
        stub.will_say(r#"{"op":"useradd","result":false,"error":"X","cause":"re\"al\\é is bad"}"#);
        let answer = useradd(gateway.address, door).await;
        assert_eq!(answer.json()["cause"], "*** is bad");
        let sent: Value = serde_json::from_str(&sent(&stub)[0]).expect("JSON");
        assert_eq!(sent["token"], r#"re"al\é"#);
    }
}

#[tokio::test]
async fn a_token_that_php_writes_with_escapes_is_hidden() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("shop-token", "re/al");
    let gateway = Gateway::with(stub.address, &secrets.shop(""));
    for door in ["legacy", "json"] {
        for spelling in [r"re\/al", r"re\u002fal"] {
            stub.will_say(&format!(r#"{{"result":false,"error":"X","cause":"{spelling}"}}"#));
            let answer = useradd(gateway.address, door).await;
            assert_eq!(answer.json()["cause"], "***", "{spelling} on the {door} door");
            stub.take_calls();
        }
    }
}

async fn useradd(address: SocketAddr, door: &str) -> Answer {
    if door == "legacy" {
        return get(address, "/api.php?op=useradd&token=shop-key&addr=ann&appid=a").await;
    }
    let body = r#"{"op":"useradd","token":"shop-key","user":{"address":"ann"}}"#;
    post(address, "/backend", body).await
}

#[tokio::test]
async fn the_real_token_never_comes_back() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    for door in ["legacy", "json"] {
        for echo in [
            // In members that the table shows, in others, in keys, and in text around it.
            r#"{"result":true,"user":{"uid":5,"address":"shop-real","token":"shop-real"},"app":{"token":"shop-real"}}"#,
            r#"{"result":true,"user":{"uid":5,"token":"<shop-realshop-real>"},"shop-real":1}"#,
            r#"{"result":false,"error":"shop-real","code":400,"cause":"no app has shop-real","properties":["shop-real"]}"#,
            r#"{"result":false,"error":"AUTHFAIL","code":401,"cause":"shop-real"}"#,
        ] {
            stub.will_say(echo);
            let answer = useradd(gateway.address, door).await;
            let text = String::from_utf8(answer.body.clone()).expect("text");
            assert!(!text.contains("shop-real") && text.contains("***"), "{door}: {text}");
            assert!(answer.json().is_object());
        }
    }
    assert_eq!(stub.take_calls().len(), 8);
}

#[tokio::test]
async fn the_real_token_does_not_come_back_out_of_the_cache_either() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &format!("cache.fresh = '1h'\n{}", secrets.two_apps()));
    stub.will_say(r#"{"result":true,"members":[{"uid":1,"address":"shop-real"}],"app":"shop-real"}"#);
    for _ in 0..2 {
        let legacy = get(gateway.address, "/api.php?op=groupgetmembers&token=shop-key&gid=7").await;
        let body = r#"{"op":"groupgetmembers","token":"shop-key","group":{"gid":7}}"#;
        let json = post(gateway.address, "/backend", body).await;
        for answer in [legacy, json] {
            assert_eq!(answer.json()["members"][0]["address"], "***");
            assert!(!String::from_utf8_lossy(&answer.body).contains("shop-real"));
        }
    }
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_nobodys_key_passes_or_is_refused_as_the_settings_say() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let ways = ["/api.php?op=userdel&token=T&uid=5&id=3", ""];
    let body = r#"{"op":"userdel","token":"T","user":{"uid":5},"id":3}"#;
    let passing = Gateway::with(stub.address, &secrets.two_apps());
    let refusing = Gateway::with(stub.address, &format!("unknown_tokens = 'refuse'\n{}", secrets.two_apps()));
    for way in ways {
        let ask = |address| async move {
            if way.is_empty() { post(address, "/backend", body).await } else { get(address, way).await }
        };
        stub.will_say(r#"{"op":"userdel","result":true,"cause":"T"}"#);
        assert_eq!(ask(passing.address).await.json()["result"], true);
        let sent: Value = serde_json::from_str(&sent(&stub)[0]).expect("JSON");
        assert_eq!(sent["token"], "T");
        let answer = ask(refusing.address).await;
        is_refused(&answer, "AUTHFAIL");
        let json = answer.json();
        assert_eq!((&json["id"], &json["op"], &json["code"]), (&json!(3), &json!("userdel"), &json!(401)));
        assert_eq!(
            json["cause"],
            "`token` is none that this gateway knows: use a key that its owner has given out"
        );
    }
    // No token at all is none that is known.
    is_refused(&post(refusing.address, "/backend", r#"{"op":"userdel","user":{}}"#).await, "AUTHFAIL");
    // Refusing needs no app: then nobody comes in.
    let closed = Gateway::with(stub.address, "unknown_tokens = 'refuse'");
    is_refused(&get(closed.address, ways[0]).await, "AUTHFAIL");
}

// -------------------------------------------------------------------------------- what an app may do

#[tokio::test]
async fn an_app_may_use_the_operations_it_names_and_no_others() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = secrets.shop("operations = ['message', 'getmembers']") + &secrets.clinic();
    let gateway = Gateway::with(stub.address, &toml);
    for (op, rest, json) in [
        ("message", "&from=a&to=b&msg=x", r#""message":{}"#),
        ("MESSAGE", "&from=a&to=b&msg=x", r#""message":{}"#),
        ("groupgetmembers", "&gid=7", r#""group":{"gid":7}"#),
        ("getmembers", "&gid=7", r#""group":{"gid":7}"#),
    ] {
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op={op}&token=shop-key{rest}")).await;
        stub.will_say(DONE);
        let body = format!(r#"{{"op":"{op}","token":"shop-key",{json}}}"#);
        post(gateway.address, "/backend", &body).await;
        assert_eq!(stub.take_calls().len(), 2, "{op}");
    }
    let cause = "`op` is none that this gateway offers: this app may not use it; whoever runs the gateway can add it to the app's operations";
    for op in ["userdel", "deluser", "UserDel"] {
        let legacy = get(gateway.address, &format!("/api.php?op={op}&token=shop-key&uid=5")).await;
        let body = format!(r#"{{"op":"{op}","token":"shop-key","user":{{"uid":5}}}}"#);
        for answer in [legacy, post(gateway.address, "/backend", &body).await] {
            is_refused(&answer, "BADOP");
            assert_eq!((&answer.json()["op"], &answer.json()["cause"]), (&json!(op), &json!(cause)));
        }
    }
    // What the table does not know an app may use only if it may use all.
    let unknown = r#"{"op":"appstats","token":"KEY","x":1}"#;
    let answer = post(gateway.address, "/backend", &unknown.replace("KEY", "shop-key")).await;
    is_refused(&answer, "BADOP");
    stub.will_say(DONE);
    post(gateway.address, "/backend", &unknown.replace("KEY", "clinic-key")).await;
    assert_eq!(sent(&stub), [unknown.replace("KEY", "clinic-real")]);
}

#[tokio::test]
async fn an_app_goes_to_its_own_upstream_and_single_operations_elsewhere() {
    let (all, own, routed) = (Stub::start().await, Stub::start().await, Stub::start().await);
    let secrets = Secrets::new();
    let more = format!(
        "upstream = {{ url = 'http://{}/own/' }}\nroutes = [{{ operations = ['groupset', 'deluser'], url = 'http://{}/routed/' }}]",
        own.address, routed.address
    );
    let gateway = Gateway::with(all.address, &(secrets.clinic() + &secrets.shop(&more)));
    let stubs = [(&all, "/backend/"), (&own, "/own/"), (&routed, "/routed/")];
    for (op, key, expected) in [
        ("groupset", "shop-key", 2),
        ("userdel", "shop-key", 2),
        ("deluser", "shop-key", 2),
        ("groupdel", "shop-key", 1),
        ("groupset", "clinic-key", 0),
        ("groupset", "T", 0),
    ] {
        let (stub, path) = stubs[expected];
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op={op}&token={key}&gid=7&uid=5")).await;
        stub.will_say(DONE);
        let body = format!(r#"{{"op":"{op}","token":"{key}","group":{{"gid":7}}}}"#);
        post(gateway.address, "/backend", &body).await;
        // The other stubs fail the test if anybody calls them.
        let calls = stub.take_calls();
        assert_eq!(calls.len(), 2, "{op} with {key}");
        assert!(calls.iter().all(|call| call.head.starts_with(&format!("POST {path} HTTP/1.1"))));
    }
}

#[tokio::test]
async fn a_json_operation_that_the_table_does_not_know_goes_to_the_apps_upstream() {
    let (all, own) = (Stub::start().await, Stub::start().await);
    let secrets = Secrets::new();
    let more = format!("upstream = {{ url = 'http://{}/own/' }}", own.address);
    let gateway = Gateway::with(all.address, &secrets.shop(&more));
    own.will_say(DONE);
    post(gateway.address, "/backend", r#"{"op":"appstats","token":"shop-key"}"#).await;
    assert_eq!(sent(&own), [r#"{"op":"appstats","token":"shop-real"}"#]);
}

// --------------------------------------------------------------------------- secrets that change

#[tokio::test]
async fn a_secret_that_changes_on_disk_is_taken_without_a_restart() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = format!("unknown_tokens = 'refuse'\nkeys.interval = '20ms'\n{}", secrets.two_apps());
    let gateway = Gateway::with(stub.address, &toml);
    let ask = |key: &str| {
        let target = format!("/api.php?op=userdel&token={key}&uid=5");
        async move { get(gateway.address, &target).await }
    };
    is_refused(&ask("new-key").await, "AUTHFAIL");
    secrets.write("shop-key", "new-key");
    stub.will_say(DONE);
    let mut tries = 0;
    while ask("new-key").await.json()["result"] == false {
        tries += 1;
        assert!(tries < 100_000, "the new key is not taken");
    }
    assert!(sent(&stub)[0].contains("shop-real"));
    is_refused(&ask("shop-key").await, "AUTHFAIL");
    stub.will_say(DONE);
    ask("clinic-key").await;
    assert!(sent(&stub)[0].contains("clinic-real"));
}

#[test]
fn a_secret_that_is_gone_or_spoilt_on_disk_changes_nothing() {
    let secrets = Secrets::new();
    let snapshot = snapshot(&format!("unknown_tokens = 'refuse'\n{}", secrets.two_apps()));
    let policies = &snapshot.policies;
    let has = |key, real| policies.apps.caller(key).is_ok_and(|caller| caller.token_for_upstream("") == real);
    for spoil in ["gone", "", " \n", "two\nlines", "clinic-key"] {
        // The clinic's new token waits until all is well again: secrets change together or not at all.
        secrets.write("clinic-token", "clinic-new");
        if spoil == "gone" {
            secrets.remove("shop-key");
        } else {
            secrets.write("shop-key", spoil);
        }
        policies.keep();
        assert!(has("shop-key", "shop-real") && has("clinic-key", "clinic-real"), "{spoil:?}");
    }
    secrets.write("shop-key", "shop-key");
    policies.keep();
    assert!(has("shop-key", "shop-real") && has("clinic-key", "clinic-new"));
}

// ----------------------------------------------------------------------------------------- faults

#[test]
fn every_secret_that_cannot_be_had_is_named_and_none_is_shown() {
    let secrets = Secrets::new();
    secrets.write("shop-token", "HUSH\nHUSH");
    secrets.write("clinic-token", " ");
    secrets.remove("shop-key");
    let own = |name: &str| secrets.path(name);
    assert_eq!(
        faults(&secrets.two_apps()),
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
    assert_eq!(faults(&secrets.two_apps()), [format!("`app.clinic.keys`: {expected}")]);
    let twice = format!(
        "[[app]]\nname = 'a'\nkeys = [{{ sha256 = '{DIGEST}' }}, {{ sha256 = '{}' }}]\ntoken = {{ file = '{}' }}",
        DIGEST.to_uppercase(),
        secrets.path("shop-token")
    );
    assert_eq!(faults(&twice), [format!("`app.a.keys`: {expected}")]);
}

#[test]
fn operations_that_the_table_does_not_have_are_faults_wherever_they_are_named() {
    let secrets = Secrets::new();
    let more = "operations = ['message', 'mesage']\nroutes = [{ operations = ['groupsett'], url = 'http://a/' }]\nlimits = [{ name = 'own', operations = ['usrdel'], per = 'app', rate = '1/s' }]";
    let shared =
        "limit = [{ name = 'shared', operations = ['getmembers', 'userset'], per = 'all', rate = '1/s' }]";
    let mut found = faults(&format!("{shared}\n{}", secrets.shop(more)));
    found.sort();
    assert_eq!(
        found,
        [
            "`app.shop.limits.own.operations`: `usrdel` is no operation's name",
            "`app.shop`: `groupsett` is no operation",
            "`app.shop`: `mesage` is no operation",
            // An alias would be counted under another name than it is written.
            "`limit.shared.operations`: `getmembers` is no operation's name",
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
    let expected = "`app.shop.limits.own.operations`: `usrdel` is no operation's name";
    assert_eq!(faults(&Secrets::new().shop(limits)), [expected]);
}

// ------------------------------------------------------------------------------- through the program

#[test]
fn check_reads_secrets_of_files_and_variables_and_prints_none() {
    let secrets = Secrets::new();
    let settings = secrets.path("own.toml");
    let env = "\n[[app]]\nname = 'env'\nkeys = [{ env = 'ENV_KEY' }]\ntoken = { env = 'ENV_TOKEN' }\n";
    std::fs::write(&settings, secrets.two_apps() + env).expect("a file");
    let check = |variables: &[(&str, &str)]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mesigate"));
        program.args(["check", "--config", &settings]).env_clear().envs(variables.iter().copied());
        let output = program.output().expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).expect("text"))
    };
    let set = [("ENV_KEY", "env-HUSH"), ("ENV_TOKEN", "env-HUSH-2")];
    let (well, told) = check(&set);
    assert!(well && told.starts_with("all is well"), "{told}");
    secrets.remove("shop-key");
    secrets.write("clinic-token", "HUSH\nHUSH");
    let (well, told) = check(&set[..1]);
    assert!(!well, "{told}");
    for named in [secrets.path("shop-key"), secrets.path("clinic-token"), "ENV_TOKEN is not set".to_owned()] {
        assert!(told.contains(&named), "{named} is not named: {told}");
    }
    assert!(!told.contains("HUSH") && !told.contains("shop-real"), "{told}");
}
