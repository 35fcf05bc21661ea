//! What is counted.

use crate::exchanges::{self, Exchange};

/// One kind of request, and how many of them are enough.
pub struct Scenario {
    /// What the record calls it.
    pub name: &'static str,
    /// The request, again and again.
    pub exchange: Exchange,
    /// Whether upstream is asked only once.
    pub is_kept: bool,
    /// Settings besides those of all scenarios, as TOML.
    pub settings: &'static str,
    /// The number of requests in the short run: by its end all connections and buffers are there.
    pub short: u32,
    /// The number of requests in the long one.
    pub long: u32,
}

/// All of them.
pub fn all() -> [Scenario; 4] {
    [
        Scenario {
            name: "message by GET",
            exchange: exchanges::message(),
            is_kept: false,
            settings: "",
            short: 1000,
            long: 11_000,
        },
        Scenario {
            name: "message through the JSON door",
            exchange: exchanges::json_message(),
            is_kept: false,
            settings: "",
            short: 500,
            long: 5500,
        },
        Scenario {
            name: "1,000 members by POST",
            exchange: exchanges::groupeditmembers(),
            is_kept: false,
            settings: "",
            short: 100,
            long: 1100,
        },
        Scenario {
            name: "20 members from the cache",
            exchange: exchanges::groupgetmembers(),
            is_kept: true,
            // mesibo's own may be asked 30 times a minute; and a run must not outlive the answer.
            settings: "upstream.kind = 'on-premise'\ncache.fresh = '1h'",
            short: 500,
            long: 5500,
        },
    ]
}
