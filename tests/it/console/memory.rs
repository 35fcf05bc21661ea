//! What the console takes of memory, beside the same gateway without it.

use super::watching::Events;
use super::{Console, VIEW};
use crate::support::client::Client;

/// In KiB.
const MOST: u64 = 4096;
const CALLS: usize = 2000;
const PAGES: [&str; 8] =
    ["state", "operations", "history", "history?of=minutes", "languages", "clients", "brownouts", "settings"];

#[tokio::test]
async fn with_eight_who_look_on_and_every_page_read_it_takes_four_mebibytes_at_most() {
    let without = Console::start("console.on = false\n");
    calls(&without).await;
    let without = without.program.memory("RssAnon");

    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let mut dead = Vec::new();
    for _ in 0..4 {
        dead.push(Events::open(&person).await);
    }
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut events = Events::open(&person).await;
        readers.spawn(async move {
            loop {
                events.line().await;
            }
        });
    }
    calls(&console).await;
    for page in PAGES {
        assert_eq!(person.get(&format!("/console/api/{page}")).await.status, 200, "{page}");
    }
    let taken = console.program.memory("RssAnon").saturating_sub(without);
    assert!(taken <= MOST, "{taken} KiB more than {without} KiB");
    assert!(taken > 0, "the console is there");
    assert!(readers.try_join_next().is_none(), "all read on");
}

/// Calls of many programs, for the ledger and for those who look on.
async fn calls(console: &Console) {
    let mut client = Client::connect(console.program.address).await;
    for number in 0..CALLS {
        let request = format!(
            "GET /api.php?op=useradd&token=sandbox&addr=a{}&appid=a HTTP/1.1\r\nHost: a\r\nUser-Agent: PHP/8.{}\r\n\r\n",
            number % 50,
            number % 30
        );
        client.send(request.as_bytes()).await;
        assert_eq!(client.answer().await.expect("an answer").status, 200);
    }
}
