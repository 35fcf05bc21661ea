use std::time::Duration;

use super::{InForce, ShownHead, write};
use crate::config::Layers;
use crate::http::reply;
use crate::http::request::Came;
use crate::policy::cache::Provenance;
use crate::protocol::ops::Table;
use crate::protocol::outcome::Outcome;
use crate::telemetry::trail::{Asked, Trail};

fn line(is_json: bool) -> String {
    let mut trail = Trail::new([127, 0, 0, 1].into(), false);
    trail.operation = Some(0);
    trail.answered(true, None);
    (trail.bytes_in, trail.upstream) = (195, Some(Duration::from_nanos(1_234_999)));
    trail.cache = Some((Provenance::Bypass, Duration::ZERO));
    let mut out = Vec::new();
    let reply = reply::json(200, "{}".into(), Outcome::Done, reply::JSON);
    let seen = ShownHead {
        came: Came { version: "1.1", is_reused: true },
        path: b"/api.php",
        number: b"0af7651916cd43dd",
        user_agent: Some(b"curl/7.88.1"),
    };
    trail.asked = Asked { times: 2, is_reused: Some(false) };
    let config = Layers::shipped().and_then(|layers| layers.config()).expect("sound settings");
    let in_force = InForce { config: &config, table: &Table::shipped().expect("a table") };
    write(&mut out, is_json, in_force, (&trail, &seen), &reply, Duration::from_millis(2));
    String::from_utf8(out).expect("text")
}

#[test]
fn it_is_json_with_the_time_first() {
    let line = line(true);
    let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let time = read["timestamp"].as_str().expect("a time");
    assert!(humantime::parse_rfc3339(time).is_ok() && time.len() == 27, "{time}");
    let expected = format!(
        "{{\"timestamp\":\"{time}\",\"level\":\"INFO\",\"message\":\"request\",\
         \"request\":\"0af7651916cd43dd\",\"door\":\"unread\",\"op\":\"useradd\",\"outcome\":\"ok\",\"upstream\":\"done\",\"status\":200,\"bytes_in\":195,\
         \"bytes_out\":2,\"dropped\":0,\"upstream_us\":1234,\"attempts\":2,\
         \"upstream_connection\":\"new\",\"took_us\":2000,\"client\":\"127.0.0.1\",\"http\":\"1.1\",\
         \"connection\":\"reused\",\"cache\":\"bypass\",\"path\":\"/api.php\",\"program\":\"curl\",\"user_agent\":\"curl/7.88.1\",\"target\":\"mesigate::access\"}}\n"
    );
    assert_eq!(line, expected);
}

#[test]
fn or_text_for_people() {
    let line = line(false);
    let expected = "  INFO mesigate::access: request request=\"0af7651916cd43dd\" door=\"unread\" \
                    op=\"useradd\" outcome=\"ok\" upstream=\"done\" status=200 bytes_in=195 bytes_out=2 dropped=0 upstream_us=1234 attempts=2 \
                    upstream_connection=\"new\" took_us=2000 client=127.0.0.1 http=\"1.1\" connection=\"reused\" \
                    cache=\"bypass\" path=\"/api.php\" program=\"curl\" user_agent=\"curl/7.88.1\"\n";
    assert_eq!(&line[27..], expected);
}
