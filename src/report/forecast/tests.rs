//! Who would be met by a window, for clients of different habits.

use std::ops::Range;

use super::{Forecast, Planned, Verdict};
use crate::ledger::book::{Ledger, Window, Writer};
use crate::ledger::calendar::{DAY, HOUR};
use crate::ledger::facts::Batch;
use crate::ledger::row::{Door, RowKey, Shape};
use crate::protocol::ops::Table;
use crate::report::{Clients, text};

/// 2024-01-01, a Monday; all is told in the last second of day 111.
const MONDAY: u64 = 1_704_067_200;
const NOW: u64 = MONDAY + 112 * DAY - 1;

/// A client with an operation, the days on which it calls, and the hours.
type Habit<'h> = (&'h str, &'h str, &'h dyn Fn(u64) -> bool, Range<u64>);

/// The clients of a ledger.
fn clients(habits: &[Habit<'_>]) -> Clients {
    let mut writer = Writer::default();
    for (client, operation, is_day, hours) in habits {
        for day in (0..112).filter(|day| is_day(*day)) {
            for at in hours.clone().map(|hour| MONDAY + day * DAY + hour * HOUR + 60) {
                let shape = Shape { operation: (*operation).to_owned(), ..Shape::others(Door::Old) };
                let key = RowKey { client: client.parse().expect("a client"), shape };
                let endings = [1, 0, 0, 0, 0];
                writer.add(key, &Batch { hour: at / HOUR, first: at, last: at, endings, ..Batch::default() });
            }
        }
    }
    let mut ledger = Ledger::default();
    ledger.gateways.insert(1, writer.rows().clone());
    Clients::of(&ledger, &Table::shipped().expect("a table"), NOW)
}

fn all() -> Clients {
    clients(&[
        ("backup/curl", "groupgetmembers", &|_| true, 3..4),
        ("billing/guzzle", "userdel", &|day| day % 30 == 0, 8..9),
        ("phone/okhttp", "message", &|_| true, 7..23),
        ("phone/okhttp", "useradd", &|day| day % 7 == 2, 9..10),
        ("shop/python", "useradd", &|day| day < 100, 9..10),
        ("new/go", "message", &|day| day > 108, 0..24),
        ("once/none", "message", &|day| day == 100, 9..10),
        ("gone/none", "message", &|day| day == 10, 9..10),
    ])
}

fn forecast(window: Window) -> Forecast {
    Forecast::of(&all(), Planned { window, rehearse: None })
}

/// A window on the Wednesday of the week after the next one, from an hour on.
fn wednesday(hour: u64, hours: u64) -> Window {
    let from = MONDAY + 121 * DAY + hour * HOUR;
    Window { from, to: from + hours * HOUR, ..Window::default() }
}

fn verdict(forecast: &Forecast, client: &str) -> (Verdict, u64) {
    let found = forecast.clients.iter().find(|it| it.client == client).expect("a client");
    (found.verdict, found.calls)
}

#[test]
fn an_hour_of_the_morning_meets_the_phone_and_whoever_is_not_met_is_told_why() {
    let forecast = forecast(wednesday(9, 1));
    assert_eq!(forecast.met().collect::<Vec<_>>(), ["phone/okhttp"]);
    let first_day = u32::try_from(MONDAY / DAY).expect("a day");
    for (client, expected) in [
        ("phone/okhttp", (Verdict::Met, 2000)),
        ("backup/curl", (Verdict::OtherHours, 0)),
        ("billing/guzzle", (Verdict::OtherHours, 0)),
        ("shop/python", (Verdict::Silent(first_day + 99), 0)),
        ("gone/none", (Verdict::Silent(first_day + 10), 0)),
        ("new/go", (Verdict::Unknown(2), 0)),
    ] {
        assert_eq!(verdict(&forecast, client), expected, "{client}");
    }
    assert_eq!(verdict(&forecast, "once/none").0, Verdict::Unknown(7));
    let phone = &forecast.clients[0];
    assert_eq!(phone.operations, [("message".to_owned(), 1000), ("useradd".to_owned(), 1000)]);
    assert_eq!(phone.next, Some(MONDAY + 121 * DAY + 9 * HOUR));
}

#[test]
fn a_week_meets_the_nightly_job_and_the_monthly_one_perhaps() {
    let from = MONDAY + 112 * DAY;
    let forecast = forecast(Window { from, to: from + 7 * DAY, ..Window::default() });
    assert_eq!(forecast.met().collect::<Vec<_>>(), ["phone/okhttp", "backup/curl"]);
    assert_eq!(verdict(&forecast, "backup/curl"), (Verdict::Met, 7000));
    assert_eq!(verdict(&forecast, "billing/guzzle").0, Verdict::Perhaps);
    let shown = text(&forecast.blocks());
    for line in [
        "backup/curl     yes ",
        "billing/guzzle  perhaps: 25 %",
        "no: silent since 2024-04-09",
        "not known well enough: seen for 2 days",
        "2 of 7 clients would be met, 1 perhaps, 2 not; 2 not known well enough.",
    ] {
        assert!(shown.contains(line), "{line:?} is not in\n{shown}");
    }
    let json = forecast.json();
    assert_eq!(json["clients"][1]["client"], "backup/curl");
    assert_eq!(json["clients"][1]["operations_thousandths"]["groupgetmembers"], 7000);
    assert_eq!((&json["clients"][0]["verdict"], &json["name"]), (&"met".into(), &serde_json::Value::Null));
}

#[test]
fn a_window_is_for_its_own_calls_and_of_one_that_has_begun_the_rest_counts() {
    let selects = [vec![], vec!["useradd".to_owned()], vec!["OkHttp".to_owned()]];
    let forecast = forecast(Window { selects, ..wednesday(0, 24) });
    assert_eq!(verdict(&forecast, "phone/okhttp"), (Verdict::Met, 1000));
    assert_eq!(verdict(&forecast, "backup/curl").0, Verdict::NotForIt);
    let begun = Window { from: NOW - DAY, to: NOW + 1 + 9 * HOUR, ..Window::default() };
    let forecast = self::forecast(begun);
    assert_eq!(verdict(&forecast, "phone/okhttp"), (Verdict::Met, 2000));
    let over = Window { from: NOW - DAY, to: NOW, ..Window::default() };
    assert!(text(&self::forecast(over).blocks()).contains("It is over"));
}
