//! Sends what sampled requests have left to a collector, from a thread of its own: no request waits for it.

mod attributes;
mod spans;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::config::TraceConfig;
use crate::policy::seldom::Seldom;
use crate::telemetry::trace::Spans;
use crate::telemetry::trace::exemplars::Exemplars;
use crate::telemetry::trace::tracer::{Left, Ring, Sent};
use crate::upstream::post::Post;
use spans::Resource;

/// OTLP's type of a body (OTLP 1, "OTLP/HTTP Request").
const PROTOBUF: &str = "application/x-protobuf";
/// How often the rings are emptied while something comes.
const TURN: Duration = Duration::from_millis(100);
/// How many spans are sent at once, and after what time fewer are.
const MOST: usize = 512;
const LONGEST: Duration = Duration::from_secs(5);
/// How long the collector may take.
const LIMIT: Duration = Duration::from_secs(2);
/// The same for all that is left when the gateway ends.
const LAST: Duration = Duration::from_secs(1);

/// The thread that sends, until it is stopped.
pub struct Exporter {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Exporter {
    /// Starts the thread; `None` where there are no traces. It empties these rings, counts in `sent`, and keeps
    /// examples.
    ///
    /// # Errors
    /// A sentence that names the setting, or that the thread cannot be started.
    pub fn start(
        settings: &TraceConfig,
        rings: Vec<Arc<Ring>>,
        Spans { sent, exemplars }: Spans,
    ) -> Result<Option<Self>, String> {
        let Some(collector) = settings.collector() else { return Ok(None) };
        let courier = Courier {
            post: Post::new(&collector, PROTOBUF).map_err(|what| TraceConfig::named(&what))?,
            name: collector.url.authority(),
            resource: Resource::new(settings),
            rings,
            waiting: Vec::new(),
            under_way: None,
            since: Instant::now(),
            sent,
            exemplars,
            refused: Seldom::default(),
        };
        let failed = |error: std::io::Error| format!("the thread traces cannot be started: {error}");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            runtime.block_on(courier.run(stopped));
            // A name that is being looked up must not delay the exit.
            runtime.shutdown_timeout(Duration::ZERO);
        };
        let thread = std::thread::Builder::new().name("traces".to_owned()).spawn(run).map_err(failed)?;
        Ok(Some(Self { stop, thread }))
    }

    /// Sends what is left, for a second at most, and ends the thread.
    pub fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

/// Spans as a request to the collector, and how many they are.
struct Batch {
    body: Vec<u8>,
    count: u64,
}

/// Carries spans to the collector.
struct Courier {
    post: Post,
    /// The collector's name in the log.
    name: String,
    resource: Resource,
    rings: Vec<Arc<Ring>>,
    /// The spans that are sent next.
    waiting: Vec<Span>,
    /// The request that is being sent.
    under_way: Option<Batch>,
    /// Since when they wait.
    since: Instant,
    sent: Arc<Sent>,
    exemplars: Arc<Exemplars>,
    refused: Seldom,
}

impl Courier {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        let mut is_over = false;
        while !is_over {
            tokio::select! {
                biased;
                _ = &mut stopped => is_over = true,
                () = self.turn() => {}
            }
        }
        if timeout(LAST, self.finish()).await.is_err() {
            let under_way = self.under_way.as_ref().map_or(0, |batch| batch.count);
            self.sent.came(0, under_way + self.waiting.len() as u64);
            self.tell("it did not answer within the second that the end of the gateway waits for it");
        }
    }

    /// Waits until there is something and a little more, takes what there is, and sends it if it is enough or has waited for
    /// long.
    async fn turn(&mut self) {
        if self.waiting.is_empty() {
            heard(&self.rings).await;
        }
        sleep(TURN).await;
        self.collect();
        while self.waiting.len() >= MOST || (!self.waiting.is_empty() && self.since.elapsed() >= LONGEST) {
            self.send(Instant::now() + LIMIT).await;
            self.collect();
        }
    }

    async fn finish(&mut self) {
        self.collect();
        while self.under_way.is_some() || !self.waiting.is_empty() {
            self.send(Instant::now() + LAST).await;
            self.collect();
        }
    }

    /// Takes spans from the rings, up to as many as are sent at once.
    fn collect(&mut self) {
        if self.waiting.is_empty() {
            self.since = Instant::now();
        }
        for ring in &self.rings {
            while self.waiting.len() < MOST
                && let Some(left) = ring.take()
            {
                if let Left::Request(record) = &left {
                    self.exemplars.keep(record);
                }
                spans::of(&left, &mut self.waiting);
            }
        }
        self.sent.lost(self.rings.iter().map(|ring| ring.lost()).sum());
    }

    /// Sends what waits, once: what the collector does not take is counted and forgotten, since a collector in distress
    /// needs no more of it.
    async fn send(&mut self, until: Instant) {
        let batch = self.under_way.get_or_insert_with(|| Batch {
            count: self.waiting.len() as u64,
            body: self.resource.request(std::mem::take(&mut self.waiting)),
        });
        let count = batch.count;
        let answered = self.post.post(&batch.body, until).await;
        // If the end of the gateway comes before this, it is sent once more.
        self.under_way = None;
        match answered.and_then(|answer| taken(answer.status, &answer.bytes)) {
            Ok(rejected) => {
                self.sent.came(count.saturating_sub(rejected), rejected);
                if rejected > 0 {
                    self.tell(&format!("it has rejected {rejected} of {count} spans"));
                }
            }
            Err(why) => {
                self.sent.came(0, count);
                self.tell(&TraceConfig::named(&why));
            }
        }
    }

    /// Says once in a while that spans were not taken, and why.
    fn tell(&self, why: &str) {
        if let Some(untold) = self.refused.now() {
            tracing::warn!(
                collector = self.name,
                why,
                untold,
                "spans were not taken, and are lost (trace.endpoint)"
            );
        }
    }
}

/// Waits until something has been left in one of these.
async fn heard(rings: &[Arc<Ring>]) {
    let mut bells: Vec<_> = rings.iter().map(|ring| Box::pin(ring.heard())).collect();
    poll_fn(|cx| {
        let rings = bells.iter_mut().any(|bell| bell.as_mut().poll(cx).is_ready());
        if rings { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// How many spans a collector has rejected of those that it was sent (OTLP 1, "Partial Success").
///
/// # Errors
/// Why it has taken none.
fn taken(status: u16, body: &[u8]) -> Result<u64, String> {
    match status {
        200..=299 => {}
        404 => {
            return Err(
                "it answered 404: does trace.endpoint lead to its port for OTLP over HTTP, mostly 4318?"
                    .to_owned(),
            );
        }
        415 => return Err("it answered 415: it does not take protobuf over HTTP".to_owned()),
        status => return Err(format!("it answered {status}")),
    }
    let response = ExportTraceServiceResponse::decode(body)
        .map_err(|_| "its answer is none of OTLP's: does trace.endpoint lead to a collector?".to_owned())?;
    let rejected = response.partial_success.map_or(0, |partial| partial.rejected_spans);
    Ok(u64::try_from(rejected).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceResponse,
    };
    use prost::Message as _;

    use super::taken;

    #[test]
    fn what_a_collector_rejects_is_counted() {
        assert_eq!(taken(200, b""), Ok(0), "an empty message says that all was taken");
        let partial = ExportTracePartialSuccess { rejected_spans: 3, error_message: "full".to_owned() };
        let answer = ExportTraceServiceResponse { partial_success: Some(partial) };
        assert_eq!(taken(200, &answer.encode_to_vec()), Ok(3));
        for (status, body) in [(200, &b"<html>"[..]), (404, b""), (415, b""), (429, b""), (503, b"")] {
            assert!(taken(status, body).is_err(), "{status}");
        }
    }
}
