//! The settings: every layer is laid over the shipped file, and a fault names its place, the key and what would be
//! right; all faults are told at once.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use mesigate::config::{Config, Layers, SHIPPED};
use mesigate::protocol::document::Fault;

/// Stands where a file could hold a secret; no fault may show it.
const SECRET: &str = "HUSH";

/// Loads every file of a folder; its faults must be exactly those of its `# expect:` lines.
pub fn assert_refused_as_said(folder: &str, load: impl Fn(&str, &str) -> Vec<Fault>) {
    let files = files_of(folder);
    assert!(!files.is_empty());
    let wrong = files.iter().filter_map(|(name, text)| {
        let found = lines(load(name, text).iter().map(ToString::to_string));
        let expected = lines(text.lines().filter_map(|line| line.strip_prefix("# expect: ")));
        let same = found == expected && !found.is_empty();
        (!same).then(|| format!("{name}\n  expected\n{expected:#?}\n  found\n{found:#?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} files are not refused as they say:\n{}", wrong.len(), wrong.join("\n"));
}

/// The name and text of each file in a folder of the tests.
fn files_of(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("a text"))
    };
    let paths = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths.map(read).collect();
    files.sort();
    files
}

/// Sorts faults, because the order in which they are found does not matter.
fn lines(lines: impl Iterator<Item = impl Into<String>>) -> Vec<String> {
    let mut lines: Vec<String> = lines.map(Into::into).collect();
    lines.sort();
    lines
}

fn shipped() -> Layers {
    Layers::shipped().expect("the shipped file is TOML")
}

/// The settings with an operator's file over the shipped ones.
fn with_file(text: &str) -> Result<Config, Vec<Fault>> {
    shipped().text("own.toml", text)?.config()
}

/// The settings with environment variables over the shipped ones.
fn with_environment(variables: &[(&str, &str)]) -> Result<Config, Vec<Fault>> {
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    shipped().environment(variables).config()
}

#[track_caller]
fn faults(read: Result<Config, Vec<Fault>>) -> Vec<String> {
    lines(read.expect_err("it has faults").iter().map(ToString::to_string))
}

// ---------------------------------------------------------------------------------- the lowest layer

#[test]
fn the_shipped_file_is_compiled_in_and_loads_without_anything_above_it() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/mesigate.toml");
    assert_eq!(std::fs::read_to_string(file).expect("the file"), SHIPPED);
    let config = shipped().config().expect("it is sound");
    assert_eq!(config.listen.address.to_string(), "127.0.0.1:8080");
    assert_eq!(config.upstream.all.url.to_string(), "https://api.mesibo.com/backend/");
    assert_eq!((config.operations, config.profiles), (None, Vec::new()));
    assert!(config.listen.workers >= 1, "0 stands for one worker on each core");
}

#[test]
fn nothing_listens_beyond_this_host_unless_it_is_told_to() {
    let config = shipped().config().expect("it is sound");
    assert!(config.listen.address.ip().is_loopback());
    assert!(config.admin.address.ip().is_loopback());
    assert!(config.cors.origins.is_empty());
}

#[test]
fn every_key_of_the_shipped_file_has_a_comment_above_it() {
    let mut above = "";
    let mut explained = false;
    for line in SHIPPED.lines() {
        if is_key(line) {
            // One comment may explain two adjacent keys.
            let shared = explained && is_key(above);
            explained = above.starts_with("# ");
            assert!(explained || shared, "nothing is said of `{line}`");
        }
        above = line;
    }
}

fn is_key(line: &str) -> bool {
    line.starts_with(|first: char| first.is_ascii_lowercase()) && line.contains(" = ")
}

#[test]
fn a_key_that_is_written_again_changes_nothing_but_itself() {
    let shipped_config = format!("{:?}", shipped().config().expect("it is sound"));
    let own = with_file("[deadline]\nhead = '3s'").expect("it is sound");
    let changed = format!("{own:?}");
    assert_ne!(changed, shipped_config);
    assert_eq!(changed.replacen("head: 3s", "head: 10s", 1), shipped_config);
}

#[test]
fn an_empty_text_means_that_nothing_is_set() {
    let config =
        with_file("operations = ''\n[upstream]\nca_file = ''\n[log]\nfile = ''").expect("it is sound");
    assert_eq!((config.operations, config.upstream.all.ca_file, config.log.file), (None, None, None));
}

// ------------------------------------------------------------------------------------ the owner's file

#[test]
fn every_way_to_be_wrong_is_told_with_its_place_and_what_would_be_right() {
    assert_refused_as_said("bad-config", |name, text| {
        let read = shipped().text(name, text).and_then(|layers| layers.config());
        read.err().unwrap_or_default()
    });
}

#[test]
fn a_file_that_is_not_there_is_told_by_its_name() {
    let read = shipped().file(Path::new("/nowhere/own.toml")).and_then(|layers| layers.config());
    let faults = faults(read);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("/nowhere/own.toml: cannot be read: "), "{faults:?}");
}

#[test]
fn times_have_units_and_sizes_are_bytes() {
    let config = with_file("[deadline]\nhead = '500ms'\nbody = '2m'\nidle = '1h 30m'\n[cap]\nbody = 2048")
        .expect("it is sound");
    let deadline = config.deadline;
    assert_eq!(deadline.head, Duration::from_millis(500));
    assert_eq!(deadline.body, Duration::from_mins(2));
    assert_eq!(deadline.idle, Duration::from_mins(90));
    assert_eq!(config.cap.body, 2048);
}

#[test]
fn an_upstream_is_taken_apart_into_scheme_host_port_and_path() {
    for (text, host, port, path) in [
        ("https://api.mesibo.com/backend/", "api.mesibo.com", 443, "/backend/"),
        ("http://10.0.0.5/backend", "10.0.0.5", 80, "/backend"),
        ("http://[::1]:8081/backend/", "::1", 8081, "/backend/"),
    ] {
        let url = with_file(&format!("upstream.url = '{text}'")).expect("it is sound").upstream.all.url;
        assert_eq!((&*url.host, url.port, &*url.path), (host, port, path));
        assert_eq!(url.to_string(), text);
    }
}

// ---------------------------------------------------------------------------------- the environment

#[test]
fn the_environment_has_every_section_and_key_under_one_prefix() {
    let config = with_environment(&[
        ("MESIGATE__DEADLINE__HEAD", "3s"),
        ("MESIGATE__UPSTREAM__URL", "http://10.0.0.5/backend"),
        ("MESIGATE__LOG__FORMAT", "text"),
        ("MESIGATE__OPERATIONS", "own-operations.toml"),
    ])
    .expect("it is sound");
    assert_eq!(config.deadline.head, Duration::from_secs(3));
    assert_eq!(config.upstream.all.url.host, "10.0.0.5");
    assert!(!config.log.json);
    assert_eq!(config.operations.as_deref(), Some(Path::new("own-operations.toml")));
}

#[test]
fn lists_are_texts_with_commas_in_the_environment() {
    let config = with_environment(&[
        ("MESIGATE__LISTEN__PATHS", "/api.php, /backend/,"),
        ("MESIGATE__PROFILES", "group.permissions,members.type"),
        ("MESIGATE__CORS__ORIGINS", "https://a.example"),
    ])
    .expect("it is sound");
    assert_eq!(config.listen.paths, ["/api.php", "/backend/"]);
    assert_eq!(config.profiles, ["group.permissions", "members.type"]);
    assert_eq!(config.cors.origins, ["https://a.example"]);
}

#[test]
fn numbers_and_booleans_are_texts_in_the_environment() {
    let config = with_environment(&[("MESIGATE__CAP__BODY", "2048"), ("MESIGATE__LOG__ACCESS", "false")])
        .expect("it is sound");
    assert_eq!((config.cap.body, config.log.access), (2048, false));
}

#[test]
fn a_fault_in_the_environment_is_told_by_the_variable() {
    let read = with_environment(&[
        ("MESIGATE__DEADLINE__HAED", "3s"),
        ("MESIGATE__DEADLINES__HEAD", "3s"),
        ("MESIGATE__DEADLINE__BODY", "3"),
        ("MESIGATE__CAP__BODY", "much"),
        ("MESIGATE__LISTEN__PATHS", "api.php"),
    ]);
    assert_eq!(
        faults(read),
        [
            "MESIGATE__CAP__BODY: `cap.body`: expected a whole number of 0 or more, found a text",
            "MESIGATE__DEADLINES__HEAD: `deadlines`: is not a setting; did you mean `deadline`?",
            "MESIGATE__DEADLINE__BODY: `deadline.body`: `3` is no time: give a number above 0 with a unit, \
             such as 500ms, 10s or 2m, a day at most",
            "MESIGATE__DEADLINE__HAED: `deadline.haed`: is not a setting; did you mean `head`?",
            "MESIGATE__LISTEN__PATHS: `listen.paths`: is a list of paths, each beginning with `/` and without `?`, `#` and spaces",
        ]
    );
}

#[test]
fn other_programs_variables_are_none_of_our_settings() {
    let other = [("PATH", "/bin"), ("MESIGATE_CONFIG", "own.toml"), ("XMESIGATE__CAP__BODY", "0")];
    let config = with_environment(&other).expect("it is sound");
    assert_eq!(format!("{config:?}"), format!("{:?}", shipped().config().expect("it is sound")));
}

// ------------------------------------------------------------------------------------- one over another

/// The settings with the first `layers` of file, environment and flag over the shipped ones.
fn first(count: usize) -> Config {
    let mut layers = shipped();
    if count > 0 {
        layers = layers.text("own.toml", "[listen]\naddress = '127.0.0.1:1'\nworkers = 3").expect("TOML");
    }
    if count > 1 {
        let variable = ("MESIGATE__LISTEN__ADDRESS".to_owned(), "127.0.0.1:2".to_owned());
        layers = layers.environment([variable].into_iter());
    }
    if count > 2 {
        layers = layers.flag("--listen", &["listen", "address"], Some("127.0.0.1:3".to_owned()));
    }
    layers.config().expect("it is sound")
}

#[test]
fn flags_lie_over_the_environment_over_the_file_over_the_shipped_settings() {
    for (count, port) in [(0, 8080), (1, 1), (2, 2), (3, 3)] {
        assert_eq!(first(count).listen.address.port(), port);
    }
    assert_eq!(first(3).listen.workers, 3, "what upper layers leave out stays");
}

#[test]
fn a_flag_that_was_not_given_changes_nothing() {
    let config = shipped().flag("--listen", &["listen", "address"], None).config().expect("it is sound");
    assert_eq!(config.listen.address.port(), 8080);
}

#[test]
fn every_fault_is_told_by_the_layer_that_has_it() {
    let read = shipped()
        .text("own.toml", "[cap]\nbody = 0\n\n[log]\nlevel = 'loud'")
        .expect("TOML")
        .environment([("MESIGATE__LOG__FORMAT".to_owned(), "xml".to_owned())].into_iter())
        .flag("--admin", &["admin", "address"], Some("9090".to_owned()))
        .config();
    assert_eq!(
        faults(read),
        [
            "--admin: `admin.address`: `9090` is no address: give IP and port, as in 127.0.0.1:8080 or [::1]:8080",
            "MESIGATE__LOG__FORMAT: `log.format`: `xml` is none of json, text",
            "own.toml:2: `cap.body`: must be 1 or more: nothing works without",
            "own.toml:5: `log.level`: `loud` is none of error, warn, info, debug, trace",
        ]
    );
}

#[test]
fn a_fault_that_a_layer_above_corrects_is_none() {
    let layers = shipped().text("own.toml", "[cap]\nbody = 0").expect("TOML");
    let corrected = layers.environment([("MESIGATE__CAP__BODY".to_owned(), "1".to_owned())].into_iter());
    assert_eq!(corrected.config().expect("it is sound").cap.body, 1);
}

// -------------------------------------------------------------------------------------------- secrets

#[test]
fn no_fault_shows_what_could_be_a_secret() {
    for text in [
        "[upstream]\nurl = 'https://user:HUSH@api.example.com/backend/'",
        "[upstream]\nurl = 'https://api.example.com/backend/?token=HUSH'",
        "[upstream]\nurl = 'HUSH'",
        "[upstream]\nurl = 'https://HUSH /'",
        "[upstream]\nurl = ['HUSH']",
        "[upstream]\ntoken = 'HUSH'",
        "token = 'HUSH'",
        "tokens = ['HUSH']\n[app]\nkey = 'HUSH'",
        "[cap]\nbody = 'HUSH'",
        "[log]\naccess = 'HUSH'",
        "token = HUSH",
        "token = 'HUSH",
        "'token' 'HUSH'",
        "token = 'HUSH' 'HUSH'",
        "token = 'a'\ntoken = 'HUSH'",
        "token = \"HUSH\\q\"",
    ] {
        let told = faults(with_file(text)).join("\n");
        assert!(!told.contains(SECRET), "{text} is told as {told}");
    }
}

#[test]
fn the_files_of_wrong_settings_show_no_secret_either() {
    let holding: BTreeSet<String> = files_of("bad-config")
        .into_iter()
        .filter(|(_, text)| text.contains(SECRET))
        .inspect(|(name, text)| {
            let told = text.lines().filter(|line| line.starts_with("# expect: "));
            assert!(told.clone().all(|line| !line.contains(SECRET)), "{name} shows it");
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(holding.len(), 6, "{holding:?}");
}
