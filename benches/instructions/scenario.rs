//! The scenarios that are counted.

use crate::exchanges::{self, Exchange};
use crate::many::Many;

/// One kind of request, and how many requests suffice.
pub struct Scenario {
    /// The name in the record.
    pub name: &'static str,
    /// The request that is sent again and again, with its answer.
    pub exchange: Exchange,
    /// Whether the answer is cached, so that upstream is asked only once.
    pub is_kept: bool,
    /// Settings besides those of all scenarios.
    pub settings: Settings,
    /// The number of requests in the short run: by its end all connections and buffers are there.
    pub short: u32,
    /// The number of requests in the long run.
    pub long: u32,
}

/// Settings of a scenario's own.
pub enum Settings {
    /// As TOML.
    Text(&'static str),
    /// Settings with many apps.
    Many(Many),
}

/// One app, and the same app among as many as a reseller has: the second may cost a twentieth more.
pub const ONE_APP: &str = "message by a key, of the only app";
pub const MANY_APPS: &str = "message by a key, of one of 10,000";

/// What old programs send most, with the ledger and without it.
pub const MESSAGE: &str = "message by GET";
pub const UNCOUNTED: &str = "message by GET, without a ledger";

/// The same with traces: at a ratio of 0 and of a hundredth. The collector is one that nobody is.
pub const TRACED_NONE: &str = "message by GET, traces at 0";
pub const TRACED: &str = "message by GET, traces at 1 %";

/// All scenarios.
pub fn all() -> [Scenario; 9] {
    [
        Scenario {
            name: UNCOUNTED,
            exchange: exchanges::message(),
            is_kept: false,
            settings: Settings::Text("ledger.on = false"),
            short: 1000,
            long: 11_000,
        },
        Scenario {
            name: MESSAGE,
            exchange: exchanges::message(),
            is_kept: false,
            settings: Settings::Text(""),
            short: 1000,
            long: 11_000,
        },
        traced(TRACED_NONE, "trace.endpoint = 'http://127.0.0.1:9'\ntrace.ratio = 0"),
        traced(TRACED, "trace.endpoint = 'http://127.0.0.1:9'\ntrace.ratio = 0.01"),
        Scenario {
            name: "message through the JSON door",
            exchange: exchanges::json_message(),
            is_kept: false,
            settings: Settings::Text(""),
            short: 500,
            long: 5500,
        },
        Scenario {
            name: "1,000 members by POST",
            exchange: exchanges::groupeditmembers(),
            is_kept: false,
            settings: Settings::Text(""),
            short: 100,
            long: 1100,
        },
        Scenario {
            name: "20 members from the cache",
            exchange: exchanges::groupgetmembers(),
            is_kept: true,
            // mesibo's cloud may be asked 30 times a minute only; and a run must not outlive the cached answer.
            settings: Settings::Text("upstream.kind = 'on-premise'\ncache.fresh = '1h'"),
            short: 500,
            long: 5500,
        },
        of_many(ONE_APP, Many { apps: 1, limits: 1, routes: 1 }),
        of_many(MANY_APPS, Many { apps: 10_000, limits: 100, routes: 50 }),
    ]
}

fn traced(name: &'static str, settings: &'static str) -> Scenario {
    let settings = Settings::Text(settings);
    Scenario { name, exchange: exchanges::message(), is_kept: false, settings, short: 1000, long: 11_000 }
}

fn of_many(name: &'static str, many: Many) -> Scenario {
    let settings = Settings::Many(many);
    Scenario { name, exchange: exchanges::message(), is_kept: false, settings, short: 500, long: 5500 }
}
