//! `mesigate brownout --forecast`, of files and of a gateway that runs.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mesigate::ledger::book::{Ledger, Writer};
use mesigate::ledger::calendar::{DAY, HOUR};
use mesigate::ledger::facts::Batch;
use mesigate::ledger::row::{Door, RowKey, Shape};
use mesigate::ledger::text;

use crate::apps::Secrets;
use crate::support::client::get;
use crate::support::program::{Serving, err, out, run};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs()
}

/// Calls of a client on each of the 28 days before today, at some hours.
fn habit(writer: &mut Writer, client: &str, operation: &str, hours: std::ops::Range<u64>) {
    let midnight = now() / DAY * DAY;
    for at in (1..29).flat_map(|day| hours.clone().map(move |hour| midnight - day * DAY + hour * HOUR)) {
        let shape = Shape { operation: operation.to_owned(), ..Shape::others(Door::Old) };
        let key = RowKey { client: client.parse().expect("a client"), shape };
        writer.add(
            key,
            &Batch { hour: at / HOUR, first: at, last: at, endings: [1, 0, 0, 0, 0], ..Batch::default() },
        );
    }
}

/// A file with a nightly job and with an app that calls all day.
fn file(path: &Path) -> String {
    let mut writer = Writer::default();
    habit(&mut writer, "backup/curl", "groupgetmembers", 3..4);
    habit(&mut writer, "shop/okhttp", "message", 7..23);
    let mut ledger = Ledger::default();
    ledger.gateways.insert(1, writer.rows().clone());
    std::fs::write(path, text::write(&ledger, None)).expect("a file");
    path.display().to_string()
}

/// An hour of the day after tomorrow, as RFC 3339 has it, without seconds.
fn at(hour: u64) -> String {
    let at = UNIX_EPOCH + Duration::from_secs((now() / DAY + 2) * DAY + hour * HOUR);
    humantime::format_rfc3339_seconds(at).to_string().replace(":00Z", "Z")
}

fn forecast(flags: &[&str]) -> String {
    let output = run(&[&["brownout", "--forecast"], flags].concat());
    assert!(output.status.success(), "{}", err(&output));
    out(&output)
}

/// The clients with their verdicts, in order.
fn verdicts(flags: &[&str]) -> Vec<(String, String)> {
    let json: serde_json::Value =
        serde_json::from_str(&forecast(&[flags, &["--format", "json"]].concat())).expect("JSON");
    let clients = json["windows"][0]["clients"].as_array().expect("clients").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    clients.map(|client| (text(&client["client"]), text(&client["verdict"]))).collect()
}

#[test]
fn of_a_window_that_is_typed_it_says_who_calls_at_its_hours_how_often_and_who_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = file(&folder.path().join("ledger"));
    let owned = |pairs: [(&str, &str); 2]| pairs.map(|(one, other)| (one.to_owned(), other.to_owned()));
    let (night, morning) = (at(3), at(9));
    let flags = ["--merge", &file, "--from", &night];
    assert_eq!(verdicts(&flags), owned([("backup/curl", "met"), ("shop/okhttp", "not met")]));
    let shown = forecast(&["--merge", &file, "--from", &morning, "--for", "2h"]);
    let line = format!(
        "shop/okhttp  yes                          2      message 2   {}",
        morning.replace('T', " ").replace('Z', "")
    );
    for said in [&line[..], "backup/curl  no: it calls at other hours", "1 of 2 clients would be met"] {
        assert!(shown.contains(said), "{said:?} is not in\n{shown}");
    }
    let flags = ["--merge", &file, "--from", &morning, "--op", "userdel"];
    assert_eq!(verdicts(&flags), owned([("shop/okhttp", "not met"), ("backup/curl", "not met")]));
    let flags = ["--merge", &file, "--from", &night, "--for", "1day", "--app", "backup", "--client", "shop"];
    assert_eq!(verdicts(&flags), [("shop/okhttp".to_owned(), "not met".to_owned())]);
    assert!(forecast(&["--merge", &file]).contains("No brownout is planned"));
    for (flags, why) in [
        (&["--from", "soon"][..], "such as 2027-03-01T08:00:00Z"),
        (&["--from", &night, "--app", "nobody"], "`nobody` is no app that has called"),
        (&["--from", &night, "--op", "dance"], "`dance` is no operation's name"),
        (&["--client", "nobody"], "is called `nobody`"),
        (&["--pause"], "cannot be used with"),
        (&["--for", "1h"], "--from"),
        (&["--from", &night, "--for", "0s"], "--for: no call can fall into this window"),
    ] {
        let output = run(&[&["brownout", "--forecast", "--merge", &file], flags].concat());
        assert!(!output.status.success() && err(&output).contains(why), "{flags:?}: {}", err(&output));
    }
}

#[tokio::test]
async fn of_the_windows_of_the_settings_a_gateway_that_runs_is_asked() {
    let (folder, secrets) = (tempfile::tempdir().expect("a folder"), Secrets::new());
    let settings = folder.path().join("mesigate.toml");
    let rows = "[[brownout]]\nname = 'autumn'\nfrom = '8999-01-01'\nfor = '1h'\n\
                [[brownout]]\nname = 'winter'\nfrom = 2020-01-01\nfor = '1h'\nrehearse = false\n";
    std::fs::write(&settings, secrets.shop("") + rows).expect("a file");
    let settings = settings.display().to_string();
    let serving = Serving::start(&["--config", &settings], &folder.path().join("log"));
    get(serving.address, "/api.php?op=userdel&token=shop-key&uid=5").await;
    let shown = forecast(&["--config", &settings, "--admin", &serving.admin.to_string()]);
    for said in [
        "autumn, a rehearsal: 8999-01-01 00:00 to 8999-01-01 01:00 UTC",
        "shop/none  not known well enough: seen for less than a day",
    ] {
        assert!(shown.contains(said), "{said:?} is not in\n{shown}");
    }
    assert!(!shown.contains("winter"), "{shown}");
}
