//! A year with five clients, told day by day with a calendar of the test's own: what the report says of each was written
//! down beforehand. Two restarts, a crash and a second gateway on the way change no number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Method;
use mesigate::ledger::book::{Decided, Decision, Ledger, Window};
use mesigate::ledger::calendar::{DAY, HOUR};
use mesigate::ledger::client::{Caller, Client};
use mesigate::ledger::facts::Ending;
use mesigate::ledger::gate::{Gate, Passage};
use mesigate::ledger::keeper::Keeper;
use mesigate::ledger::naming::{IN_BODY, IN_QUERY, named};
use mesigate::ledger::row::Door;
use mesigate::ledger::sight::Sight;
use mesigate::ledger::store::read_only;
use mesigate::ledger::tally::Tally;
use mesigate::protocol::ops::Table;
use mesigate::protocol::translate::envelope::{Json, read};
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::shape::CallShape;
use mesigate::report::{Clients, Forecast, Planned, State, Verdict};

/// The year's first day: 2026-01-01, in days since 1970.
const FIRST: u64 = 20_454;

/// A gateway that runs in this test: what a worker sees, and the ledger's file.
struct Running {
    path: PathBuf,
    keeper: Keeper,
    tally: Arc<Tally>,
    started: Instant,
    writes: u32,
}

impl Running {
    fn start(path: &Path) -> Self {
        let (keeper, tally) = (Keeper::new(Some(path.to_owned()), Some(1)), Arc::new(Tally::default()));
        keeper.start(vec![tally.clone()]);
        Self { path: path.to_owned(), keeper, tally, started: Instant::now(), writes: 0 }
    }

    /// Sums, and writes the file: it is time to, each time.
    fn write(&mut self) {
        self.writes += 1;
        self.keeper.tick(self.started + self.writes * Duration::from_secs(11));
    }

    fn restart(self) -> Self {
        self.keeper.finish();
        self.crash()
    }

    /// Ends without a word.
    fn crash(self) -> Self {
        let path = self.path.clone();
        drop(self);
        Self::start(&path)
    }
}

/// The table, and how requests are seen.
struct World {
    table: Table,
}

impl World {
    fn see(&self, gateway: &Running, (app, program): (&str, &str), at: u64, request: &str, ending: Ending) {
        let is_json = request.starts_with('{');
        let (operation, shape) = if is_json { self.json(request) } else { self.form(request) };
        let sight = Sight {
            era: 0,
            caller: app.bytes().fold(0, |number, byte| number * 31 + u64::from(byte)),
            agent: program.as_bytes(),
            door: if is_json { Door::Json } else { Door::Old },
            operation,
            shape: shape.as_ref(),
            style: if is_json {
                (&Method::POST, b"/backend/", IN_BODY)
            } else {
                (&Method::GET, b"/api.php", IN_QUERY)
            },
            at,
            ending,
        };
        let caller = if app.is_empty() { Caller::Token(0xfeed) } else { Caller::App(app.to_owned()) };
        let window = rehearsal();
        if !is_json && (window.from..window.to).contains(&at) {
            gateway.tally.meet(window, Client { caller: caller.clone(), program: program.to_owned() });
        }
        gateway.tally.add(&sight, || named(&self.table, caller, &sight));
    }

    fn form(&self, query: &str) -> (Option<usize>, Option<CallShape>) {
        let form = Form::read(query.as_bytes(), b"", 64).expect("a form");
        let operation =
            self.table.find(form.single("op").expect("one").expect("an op")).expect("an operation");
        let Ok(understood) = Understood::understand(operation, &self.table, &form) else {
            panic!("no sound request: {query}");
        };
        (Some(operation.number), Some(CallShape::of_form(operation, &understood, &form)))
    }

    fn json(&self, payload: &str) -> (Option<usize>, Option<CallShape>) {
        let Ok(Json::Envelope(envelope)) = read(payload.as_bytes(), &Form::default()) else {
            panic!("no request: {payload}");
        };
        let number = self.table.json.find(&envelope.op).expect("an operation");
        (Some(number), self.table.json.get(number).map(|call| CallShape::of_json(call, &envelope)))
    }
}

const NIGHTLY: (&str, &str) = ("backup", "curl");
const MONTHLY: (&str, &str) = ("billing", "GuzzleHttp");
const PHONE: (&str, &str) = ("phone", "okhttp");
const STEPS: (&str, &str) = ("shop", "python-requests");
/// Nobody knows who this is: it has a token of its own.
const UNKNOWN: (&str, &str) = ("", "none");

const OLD_MEMBERS: &str = "op=groupgetmembers&token=T&gid=7&count=20";
const OLD_MESSAGE: &str = "op=message&token=T&from=a&to=b&msg=hello&flag=0x6";
const OLD_ADD: &str = "op=useradd&token=T&addr=ana&appid=com.example.app&active=1";
const OLD_DELETE: &str = "op=userdel&token=T&uid=5";
const JSON_ADD: &str = r#"{"op":"useradd","token":"T","user":{"address":"ana","active":true,"token":{"appid":"com.example.app"}}}"#;
const JSON_DELETE: &str = r#"{"op":"userdel","token":"T","user":{"uid":5}}"#;
/// Differs in one flag: 2 in place of 6.
const JSON_MESSAGE_WRONG: &str =
    r#"{"op":"message","token":"T","message":{"from":"a","to":"b","message":"hello","flags":2}}"#;
const JSON_MESSAGE: &str =
    r#"{"op":"message","token":"T","message":{"from":"a","to":"b","message":"hello","flags":6}}"#;

/// What happens on a day of the year, 0 to 364.
fn day(world: &World, gateways: [&Running; 2], number: u64) {
    let morning = (FIRST + number) * DAY;
    let [one, other] = gateways;
    let ok = |gateway: &Running, who, hour: u64, request: &str| {
        world.see(gateway, who, morning + hour * HOUR, request, Ending::Ok);
    };
    // Each night at 3, until the end.
    ok(one, NIGHTLY, 3, OLD_MEMBERS);
    // On the first of each month, as days 0, 31, 59 and so on are.
    if [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334].contains(&number) {
        ok(other, MONTHLY, 8, OLD_DELETE);
    }
    // Three a day by whichever gateway, until day 200; then JSON, first with another flag.
    for hour in [9, 13, 20] {
        let gateway = if hour == 13 { other } else { one };
        ok(gateway, PHONE, hour, if number < 200 { OLD_MESSAGE } else { JSON_MESSAGE_WRONG });
    }
    // In steps: deletes move on day 50, adds on day 100.
    ok(one, STEPS, 10, if number < 50 { OLD_DELETE } else { JSON_DELETE });
    ok(other, STEPS, 11, if number < 100 { OLD_ADD } else { JSON_ADD });
    if number == 30 {
        world.see(one, UNKNOWN, morning, OLD_ADD, Ending::Failed);
    }
}

fn rehearsal() -> Window {
    let from = (FIRST + 110) * DAY;
    Window { from, to: from + 7 * DAY, name: "week".to_owned(), ..Window::default() }
}

fn state(clients: &Clients, (app, program): (&str, &str)) -> State {
    let caller = if app.is_empty() { "token:000000000000feed" } else { app };
    let name = format!("{caller}/{program}");
    let found = clients.all.iter().find(|client| client.client.to_string() == name);
    found.unwrap_or_else(|| panic!("no {name}")).readiness.state
}

fn client((app, program): (&str, &str)) -> Client {
    format!("{app}/{program}").parse().expect("a client")
}

/// Two gateways over the year; with restarts and a crash on the way, or without.
fn year(world: &World, folder: &Path, disturbed: bool) -> Ledger {
    until(365, world, folder, disturbed)
}

/// The same up to a day.
fn until(end: u64, world: &World, folder: &Path, disturbed: bool) -> Ledger {
    let paths = ["one", "other"].map(|name| folder.join(name));
    let [mut one, mut other] = paths.each_ref().map(|path| Running::start(path));
    for number in 0..end {
        let window = rehearsal();
        let morning = (FIRST + number) * DAY;
        if (window.from..window.to).contains(&morning) {
            one.keeper.begin(std::slice::from_ref(&window));
        }
        day(world, [&one, &other], number);
        one.write();
        other.write();
        if disturbed {
            match number {
                70 | 250 => one = one.restart(),
                180 => other = other.crash(),
                _ => {}
            }
        }
    }
    one.keeper.finish();
    other.keeper.finish();
    let mut all = Ledger::default();
    // In any order, and some of it twice.
    for path in [&paths[1], &paths[0], &paths[1]] {
        all.join(&read_only(path).expect("a ledger"));
    }
    all
}

#[test]
fn each_client_ends_where_it_was_written_down_and_restarts_change_no_number() {
    let (world, folder) =
        (World { table: Table::shipped().expect("a table") }, tempfile::tempdir().expect("a folder"));
    let [quiet, disturbed] = ["quiet", "disturbed"].map(|name| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        year(&world, &folder, name == "disturbed")
    });
    assert_eq!(quiet.rows(), disturbed.rows());
    assert_eq!(quiet.windows, disturbed.windows);
    let at = |number: u64| (FIRST + number) * DAY + DAY - 1;

    let clients = Clients::of(&disturbed, &world.table, at(364));
    let totals: BTreeMap<String, u64> =
        clients.all.iter().map(|client| (client.client.to_string(), client.all.total())).collect();
    let expected = [
        ("backup/curl", 365),
        ("billing/GuzzleHttp", 12),
        ("phone/okhttp", 600),
        ("shop/python-requests", 150),
        ("token:000000000000feed/none", 1),
    ];
    assert_eq!(totals, expected.map(|(name, total)| (name.to_owned(), total)).into());
    for (who, expected) in [
        (NIGHTLY, State::Calling),
        (MONTHLY, State::Calling),
        // Its JSON has another flag.
        (PHONE, State::Twinned),
        // All moved by day 100, met by no rehearsal, silent ever since.
        (STEPS, State::Done),
    ] {
        assert_eq!(state(&clients, who), expected, "{who:?}");
    }
    let of = |who| clients.all.iter().find(|known| known.client == client(who)).expect("it is there");
    assert_eq!(
        of(PHONE).readiness.facts[1].lacks,
        ["message (from, to, type, flag, msg)".replace("type, ", "")
            + ": message.flags never has 0x4 set, as old calls do"]
    );
    assert_eq!(of(NIGHTLY).all.active.longest_silence(), 1);
    assert_eq!(of(MONTHLY).all.active.longest_silence(), 31);
    let silent = &of(MONTHLY).readiness.facts[3].lacks;
    assert!(silent[0].contains("it called 30 days ago, and 62 are needed"), "{silent:?}");
    assert_eq!(of(NIGHTLY).all.hours.keys().map(|hour| hour % 24).collect::<Vec<_>>(), [3; 7]);
}

#[test]
fn the_forecast_of_the_evening_before_names_those_whom_the_rehearsal_meets_and_no_one_else() {
    let (world, folder) =
        (World { table: Table::shipped().expect("a table") }, tempfile::tempdir().expect("a folder"));
    let [before, behind] = [110, 118].map(|end| {
        let folder = folder.path().join(end.to_string());
        std::fs::create_dir(&folder).expect("a folder");
        until(end, &world, &folder, false)
    });
    let evening = (FIRST + 110) * DAY - 1;
    let planned = Planned { window: rehearsal(), rehearse: Some(true) };
    let forecast = Forecast::of(&Clients::of(&before, &world.table, evening), planned);
    let met: BTreeSet<String> = behind.windows[&rehearsal()].iter().map(ToString::to_string).collect();
    assert_eq!(forecast.met().map(str::to_owned).collect::<BTreeSet<_>>(), met);
    assert_eq!(met, ["backup/curl", "phone/okhttp"].map(str::to_owned).into());
    let of = |who: &str| {
        let found = forecast.clients.iter().find(|client| client.client == who).expect("a client");
        (found.verdict, found.calls)
    };
    let day = |number: u64| u32::try_from(FIRST + number).expect("a day");
    for (who, expected) in [
        ("backup/curl", (Verdict::Met, 7000)),
        ("phone/okhttp", (Verdict::Met, 21_000)),
        ("shop/python-requests", (Verdict::Silent(day(99)), 0)),
        ("token:000000000000feed/none", (Verdict::Silent(day(30)), 0)),
    ] {
        assert_eq!(of(who), expected, "{who}");
    }
    // Its next call comes on day 120, three days behind the window.
    assert_eq!(of("billing/GuzzleHttp").0, Verdict::Perhaps);
}

#[test]
fn a_client_is_done_only_after_its_silence_and_its_retirement_can_be_taken_back() {
    let (world, folder) =
        (World { table: Table::shipped().expect("a table") }, tempfile::tempdir().expect("a folder"));
    let ledger = year(&world, folder.path(), false);
    let judged =
        |number: u64| state(&Clients::of(&ledger, &world.table, (FIRST + number) * DAY + HOUR), STEPS);
    // Its last old call was on day 99, 10 April; the rehearsal ends with day 116.
    assert_eq!(judged(116), State::Agreeing);
    assert_eq!(judged(117), State::Rehearsed);
    // 14 days were over by day 113, but not the end of a month: 30 April is day 119.
    assert_eq!(judged(119), State::Rehearsed);
    assert_eq!(judged(120), State::Done);

    let mut ledger = ledger;
    let shop = client(STEPS);
    let decide = |ledger: &mut Ledger, at, what| {
        ledger.decide(shop.clone(), Decision { at, what, reason: "moved".to_owned() });
        Gate::of(ledger, None).passage(&shop, "userdel", &["uid".to_owned()])
    };
    let at = (FIRST + 130) * DAY;
    assert_eq!(decide(&mut ledger, at, Decided::Retired), Passage::Retired(at));
    assert_eq!(decide(&mut ledger, at + 1, Decided::Open), Passage::Open);
}

#[test]
fn the_right_flag_makes_the_phone_agree() {
    let world = World { table: Table::shipped().expect("a table") };
    let folder = tempfile::tempdir().expect("a folder");
    let mut gateway = Running::start(&folder.path().join("ledger"));
    world.see(&gateway, PHONE, FIRST * DAY, OLD_MESSAGE, Ending::Ok);
    world.see(&gateway, PHONE, FIRST * DAY + 1, JSON_MESSAGE, Ending::Ok);
    gateway.write();
    let clients = Clients::of(&gateway.keeper.ledger(), &world.table, FIRST * DAY + 2);
    assert_eq!(state(&clients, PHONE), State::Agreeing);
}
