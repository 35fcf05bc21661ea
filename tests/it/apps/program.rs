//! Apps through the program: `check`, and the status that an app asks for.

use std::process::Command;

use super::Secrets;
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[test]
fn check_names_apps_that_have_one_token() {
    let secrets = Secrets::new();
    let settings = secrets.path("own.toml");
    std::fs::write(&settings, secrets.two_apps()).expect("a file");
    let warnings = || {
        let told =
            crate::support::program::err(&crate::support::program::run(&["check", "--config", &settings]));
        told.lines().filter(|line| line.starts_with("warning: app: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings(), Vec::<String>::new());
    secrets.write("clinic-token", "shop-real");
    let told = warnings();
    let said = "warning: app: `shop`, `clinic` have one and the same token: ";
    assert!(
        told.len() == 1 && told[0].starts_with(said) && told[0].contains("one app with a key for each"),
        "{told:?}"
    );
    assert!(!told[0].contains("shop-real"));
}

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

#[tokio::test]
async fn an_app_is_told_in_http_s_own_words_if_it_wants_to() {
    let secrets = Secrets::new();
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &secrets.shop("operations = ['userdel']\nstatus = 'http'"));
    for (token, status, what) in [
        ("shop-key", 400, "as it wants"),
        ("other", 200, "everybody else is told as before"),
        ("", 200, "nobody is known yet"),
    ] {
        let target = format!("/api.php?op=userdel&token={token}&uid=x");
        assert_eq!(get(gateway.address, &target).await.status, status, "{what}");
    }
    stub.will_say(r#"{"error":"NOUSER","code":404,"result":false}"#);
    assert_eq!(get(gateway.address, "/api.php?op=userdel&token=shop-key&uid=5").await.status, 404);
    stub.take_calls();
}
