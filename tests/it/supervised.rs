//! What runs the program, and how the two speak: probes by a command, systemd's messages, credentials and profiles.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use crate::support::client::get;
use crate::support::program::{Serving, Signal, err, mesigate, out, run};

/// A service manager's socket.
struct Manager(UnixDatagram);

impl Manager {
    fn new(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket");
        socket.set_read_timeout(Some(Duration::from_mins(1))).expect("a deadline");
        Self(socket)
    }

    /// The next message that is no sign of life.
    fn next(&self) -> String {
        loop {
            let message = self.any();
            if message != "WATCHDOG=1\n" {
                return message;
            }
        }
    }

    fn any(&self) -> String {
        let mut bytes = [0; 4096];
        match self.0.recv(&mut bytes) {
            Ok(length) => String::from_utf8(bytes[..length].to_vec()).expect("text"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the manager is told nothing"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn told(serving: &Serving, command: &str, more: &[&str]) -> Output {
    let admin = serving.admin.to_string();
    run(&[&[command, "--admin", &admin], more].concat())
}

#[tokio::test]
async fn a_service_manager_hears_of_the_start_reloads_and_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (socket, own) = (folder.path().join("notify"), folder.path().join("own.toml"));
    std::fs::write(&own, "[listen]\naddress = '127.0.0.1:0'\n[admin]\naddress = '127.0.0.1:0'\n")
        .expect("a file");
    let manager = Manager::new(&socket);
    let arguments = ["serve", "--config", &own.display().to_string()];
    let mut serving = Serving::of(mesigate(&arguments).env("NOTIFY_SOCKET", &socket));

    let ready = manager.next();
    assert_eq!(
        ready,
        format!(
            "READY=1\nSTATUS=serving old clients on {}, upstream https://api.mesibo.com/backend/\n",
            serving.address
        )
    );

    let mut written = std::fs::read_to_string(&own).expect("the file");
    written.push_str("[cap]\nbody = 4096\n");
    std::fs::write(&own, &written).expect("a file");
    serving.signal(Signal::HUP);
    let reloading = manager.next();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert!(manager.next().starts_with("READY=1\nSTATUS=serving; last reload applied"));

    std::fs::write(&own, "[cap]\nbody = 'much'\n").expect("a file");
    let refused = told(&serving, "reload", &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(manager.next().starts_with("RELOADING=1\n"));
    assert!(manager.next().starts_with("READY=1\nSTATUS=serving; last reload refused, nothing was changed"));

    serving.signal(Signal::TERM);
    let stopping = manager.next();
    let longest = Duration::from_secs(2 + 1 + 25 + 5).as_micros();
    assert!(stopping.starts_with("STOPPING=1\nSTATUS=ending"), "{stopping}");
    assert!(stopping.contains(&format!("EXTEND_TIMEOUT_USEC={longest}\n")), "{stopping}");
    serving.child.kill().expect("its end");
}

#[tokio::test]
async fn a_service_manager_that_watches_hears_that_all_threads_live() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("notify");
    let manager = Manager::new(&socket);
    let watched = |command: &mut std::process::Command| {
        command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "200000");
    };
    let mut command = mesigate(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    watched(&mut command);
    let serving = Serving::of(&mut command);
    assert!(manager.any().starts_with("READY=1\n"));
    for _ in 0..3 {
        assert_eq!(manager.any(), "WATCHDOG=1\n");
    }
    // A watchdog that is meant for another process does not count.
    command.env("WATCHDOG_PID", "1");
    drop(serving);
    let other = Serving::of(&mut command);
    let mut message = manager.any();
    while message == "WATCHDOG=1\n" {
        message = manager.any();
    }
    assert!(message.starts_with("READY=1\n"), "{message}");
    other.signal(Signal::TERM);
    assert!(manager.any().starts_with("STOPPING=1\n"), "nothing between the start and the end");
}

#[tokio::test]
async fn health_asks_the_gateway_and_says_it_in_its_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(&[], &folder.path().join("log"));
    let alive = told(&serving, "health", &[]);
    assert_eq!((alive.status.code(), out(&alive).as_str()), (Some(0), "alive\n"));
    let ready = told(&serving, "health", &["--ready"]);
    assert_eq!((ready.status.code(), out(&ready).as_str()), (Some(0), "ready\n"));

    assert_eq!(told(&serving, "drain", &["--wait", "0s"]).status.code(), Some(0));
    assert_eq!(told(&serving, "health", &["--ready"]).status.code(), Some(1));
    assert_eq!(told(&serving, "health", &[]).status.code(), Some(0), "it lives until its end");

    let admin = serving.admin;
    drop(serving);
    let gone = run(&["health", "--admin", &admin.to_string()]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(err(&gone).starts_with(&format!("mesigate: no gateway answers on {admin}: ")), "{}", err(&gone));
}

#[tokio::test]
async fn a_fault_of_the_settings_is_no_answer_about_the_gateway() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(&[], &folder.path().join("log"));
    let admin = serving.admin.to_string();
    let own = folder.path().join("own.toml").display().to_string();
    let ask = |command: &[&str]| {
        mesigate(&[command, &["--config", &own]].concat()).env("MESIGATE__ADMIN__ADDRESS", &admin).output()
    };

    // A value is wrong, or a secret is not there: the address is known all the same.
    std::fs::write(&own, "[listen]\nworkers = 'many'\n[[app]]\nname = 'a'\n").expect("a file");
    for command in [&["health"][..], &["health", "--ready"], &["breaches"], &["drain", "--wait", "0s"]] {
        let done = ask(command).expect("the program runs");
        assert_eq!((done.status.code(), err(&done)), (Some(0), String::new()), "{command:?}");
    }

    // The file is no TOML: its address, if it has one, is not known.
    std::fs::write(&own, "listen = [\n").expect("a file");
    let health = ask(&["health"]).expect("the program runs");
    assert_eq!(health.status.code(), Some(0));
    let told = err(&health);
    assert!(told.contains("own.toml:") && told.contains(&format!("asking on {admin}")), "{told}");
    let drain = ask(&["drain"]).expect("the program runs");
    assert_eq!(drain.status.code(), Some(1));
    assert!(err(&drain).contains("give --admin ADDR"), "{}", err(&drain));
    assert_eq!(
        ask(&["drain", "--wait", "0s", "--admin", &admin]).expect("the program runs").status.code(),
        Some(0)
    );
}

#[test]
fn a_profile_is_chosen_by_flag_or_variable() {
    for (flag, variable, listens) in [
        (None, None, "127.0.0.1:8080"),
        (Some("sidecar"), None, "127.0.0.1:18080"),
        (None, Some("sidecar"), "127.0.0.1:18080"),
        (None, Some("central"), "0.0.0.0:8080"),
        (Some("none"), Some("sidecar"), "127.0.0.1:8080"),
        (None, Some(""), "127.0.0.1:8080"),
    ] {
        let flags: Vec<&str> = flag.map_or_else(Vec::new, |profile| vec!["--profile", profile]);
        let mut command = mesigate(&[&["check", "--show"], &flags[..]].concat());
        if let Some(variable) = variable {
            command.env("MESIGATE_PROFILE", variable);
        }
        let shown = out(&command.output().expect("the program runs"));
        let line = shown.lines().find(|line| line.starts_with("listen.address = ")).unwrap_or_default();
        assert!(line.contains(&format!("\"{listens}\"")), "{flag:?} {variable:?}: {line}");
        let by_profile = line.contains("# profile ");
        assert_eq!(by_profile, listens != "127.0.0.1:8080", "{line}");
    }
    let wrong = run(&["check", "--profile", "sidecars"]);
    assert_ne!(wrong.status.code(), Some(0));
    assert!(err(&wrong).contains("did you mean `sidecar`?"), "{}", err(&wrong));
}

#[tokio::test]
async fn secrets_come_from_the_folder_of_credentials() {
    let folder = tempfile::tempdir().expect("a folder");
    let (own, credentials) = (folder.path().join("own.toml"), folder.path().join("credentials"));
    std::fs::create_dir(&credentials).expect("a folder");
    std::fs::write(credentials.join("shop.key"), "the-key\n").expect("a file");
    std::fs::write(credentials.join("shop.token"), "sandbox-shop\n").expect("a file");
    let settings = "[[app]]\nname = 'shop'\nkeys = [{ file = '$CREDENTIALS_DIRECTORY/shop.key' }]\n\
                    token = { file = '$CREDENTIALS_DIRECTORY/shop.token' }\n";
    std::fs::write(&own, settings).expect("a file");
    let own = own.display().to_string();

    let arguments =
        ["serve", "--sandbox", "--config", &own, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let serving = Serving::of(mesigate(&arguments).env("CREDENTIALS_DIRECTORY", &credentials));
    let added =
        get(serving.address, "/api.php?op=useradd&token=the-key&addr=ana&appid=com.example.app").await;
    assert_eq!(added.json()["user"]["address"], "ana");

    let alone = run(&["check", "--config", &own]);
    assert_eq!(alone.status.code(), Some(1));
    let told = err(&alone);
    assert!(told.contains("own.toml:3: `app.keys.file`: names a credential of systemd"), "{told}");
    assert!(told.contains("own.toml:4: `app.token.file`") && told.contains("LoadCredential="), "{told}");
    // What opens no secret needs none.
    assert_eq!(run(&["ops", "--config", &own, "useradd"]).status.code(), Some(0));
    assert_eq!(run(&["explain", "--config", &own, "op=userdel&token=T&uid=5"]).status.code(), Some(0));
}

#[test]
fn manual_pages_and_completions_know_every_command_and_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man");
    let made = run(&["manual", &pages.display().to_string()]);
    assert_eq!((made.status.code(), err(&made)), (Some(0), String::new()));
    let page = |name: &str| std::fs::read_to_string(pages.join(name)).expect(name);
    let bash = out(&run(&["completions", "bash"]));
    let help = out(&run(&["--help"]));
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 12 && commands.contains(&"health"), "{commands:?}");
    for command in commands {
        assert!(page(&format!("mesigate-{command}.1")).contains(".SH SYNOPSIS"), "{command}");
        assert!(page("mesigate.1").contains(&format!("mesigate\\-{command}(1)")), "{command}");
        assert!(bash.contains(&format!("mesigate__subcmd__{command}")), "{command}");
    }
    let settings = page("mesigate.toml.5");
    for line in mesigate::config::SHIPPED.lines().filter(|line| !line.is_empty()) {
        let written = line.replace('\\', "\\e").replace('-', "\\-");
        assert!(settings.contains(&written), "{line}");
    }
}
