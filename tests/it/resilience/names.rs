//! Upstream's name, and which kind of address is used.

use super::{DONE, WRITE, is_done};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn names_are_resolved_where_only_ipv4_is_wanted_too() {
    let stub = Stub::start().await;
    let url = format!("upstream.url = 'http://localhost:{}/backend/'", stub.address.port());
    for ipv4_only in [true, false] {
        let gateway = Gateway::start(&format!("{url}\nupstream.ipv4_only = {ipv4_only}"));
        stub.will_say(DONE);
        is_done(&get(gateway.address, WRITE).await);
        stub.take_calls();
    }
}
