//! What a byte of a request can cost before the first limit is checked: never more than a fixed amount of work, and a
//! request of twice the length never costs more than about twice as much.
//!
//! An input is a recipe for a long request: a letter for the place of the long text (see [`Place`]), then four parts
//! between bytes 0x1f: the query, the text's beginning, the repeated part, and the text's end. Work is counted, not
//! timed (`count.c`), so that an input is a finding everywhere or nowhere. With `TELL=1` in the environment the target
//! prints what each input costs.
#![no_main]

#[path = "dearest/gateway.rs"]
mod gateway;

use std::sync::atomic::{AtomicU8, Ordering};

use libfuzzer_sys::fuzz_target;

/// Three requests are made from each recipe, of about these lengths.
const LENGTHS: [usize; 3] = [6 * 1024, 12 * 1024, 24 * 1024];

/// The most work for a byte of the longest request. The costliest inputs known need half of it.
const MOST: u64 = 300;
/// The fixed work of a request, whatever its length.
const START: u64 = 20_000;
/// When the length doubles again, linear work grows by twice its last growth, and quadratic work by four times. An
/// input with a cheap beginning grows that fast once: growth by more than this many quarters is tried on longer
/// requests, and is a finding if it lasts to the end, however cheap the input is so far.
/// and is a finding if it still does at the end, however cheap it is so far.
const QUARTERS: u64 = 9;
const DOUBLINGS: u32 = 4;

/// The place of a request's long text.
#[derive(Clone, Copy)]
enum Place {
    /// `q`: after the query.
    Query,
    /// `f`: in the body.
    Body,
    /// `m`: in a body that claims to be multipart, with the boundary `b`.
    Multipart,
    /// `h`: among the headers.
    Headers,
    /// `l`: as the request line up to the version.
    Line,
    /// `c`: after a head that announces chunks.
    Chunks,
}

const PLACES: [(u8, Place); 6] = [
    (b'q', Place::Query),
    (b'f', Place::Body),
    (b'm', Place::Multipart),
    (b'h', Place::Headers),
    (b'l', Place::Line),
    (b'c', Place::Chunks),
];

struct Recipe<'i> {
    number: usize,
    place: Place,
    query: &'i [u8],
    parts: [&'i [u8]; 3],
}

fuzz_target!(|input: &[u8]| {
    let Some(recipe) = Recipe::read(input) else {
        return;
    };
    let [two, four, eight] = LENGTHS.map(|length| cost(&recipe.request(length)));
    let length = recipe.request(LENGTHS[2]).len() as u64;
    hint(recipe.number, eight / length);
    if std::env::var_os("TELL").is_some() {
        eprintln!("TELL {} {length} {two} {four} {eight}", eight / length);
    }
    assert!(eight <= MOST * length + START, "{eight} of {length} bytes: over {MOST} a byte");
    assert!(
        !recipe.is_superlinear([two, four, eight]),
        "{two}, {four}, {eight} of {length} bytes: worse than linear"
    );
});

impl<'i> Recipe<'i> {
    fn read(input: &'i [u8]) -> Option<Self> {
        let (letter, rest) = input.split_first()?;
        let number = PLACES.iter().position(|(known, _)| known == letter)?;
        let mut parts = rest.splitn(4, |byte| *byte == 0x1f);
        let query = parts.next()?;
        let parts = [parts.next()?, parts.next()?, parts.next()?];
        let recipe = Self { number, place: PLACES[number].1, query, parts };
        // Something must be repeated, and make up most of the request.
        (!parts[1].is_empty() && input.len() <= LENGTHS[0] / 2).then_some(recipe)
    }

    /// Whether work grows faster than the request.
    fn is_superlinear(&self, [two, four, eight]: [u64; 3]) -> bool {
        let is_fast = |before: u64, after: u64| after > before * QUARTERS / 4 + START / 10;
        let (mut last, mut before, mut growth) =
            (eight, four.saturating_sub(two), eight.saturating_sub(four));
        if !is_fast(before, growth) {
            return false;
        }
        for doubling in 1..=DOUBLINGS {
            let now = cost(&self.request(LENGTHS[2] << doubling));
            (before, growth, last) = (growth, now.saturating_sub(last), now);
        }
        is_fast(before, growth)
    }

    /// A request of about this length.
    fn request(&self, length: usize) -> Vec<u8> {
        let [begin, part, end] = self.parts;
        let times = length.saturating_sub(begin.len() + end.len()) / part.len();
        let text = [begin, &part.repeat(times), end].concat();
        let query = self.query;
        match self.place {
            Place::Query => [b"GET /api.php?", query, &text, REST].concat(),
            Place::Body => post(query, b"", &text),
            Place::Multipart => post(query, b"Content-Type:multipart/form-data;boundary=b\r\n", &text),
            Place::Headers => post(query, &[&text[..], b"\r\n"].concat(), b"op=otp"),
            Place::Line => [&text[..], REST].concat(),
            Place::Chunks => {
                let head = b" HTTP/1.1\r\nHost:g\r\nTransfer-Encoding:chunked\r\n\r\n";
                [b"POST /api.php?", query, &head[..], &text].concat()
            }
        }
    }
}

const REST: &[u8] = b" HTTP/1.1\r\nHost:g\r\n\r\n";

fn post(query: &[u8], headers: &[u8], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length:{}\r\n\r\n", body.len());
    [b"POST /api.php?", query, b" HTTP/1.1\r\nHost:g\r\n", headers, length.as_bytes(), body].concat()
}

/// The work that a request causes.
fn cost(request: &[u8]) -> u64 {
    // What is made once is not charged to this request.
    gateway::ready();
    let before = work();
    gateway::answer(request);
    work() - before
}

/// The work so far.
fn work() -> u64 {
    unsafe extern "C" {
        /// Defined in `count.c`.
        safe fn mesigate_work() -> u64;
    }
    mesigate_work()
}

/// libFuzzer keeps an input that makes a byte here nonzero for the first time, so costlier inputs are kept and grow
/// costlier still. Each place has bytes of its own, so that no place hides another's inputs.
// SAFETY: a section holds these bytes and no others, as libFuzzer expects of one with this name.
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static HINTS: [AtomicU8; PLACES.len() * STEPS] = [const { AtomicU8::new(0) }; PLACES.len() * STEPS];

/// Work for a byte is reported in steps of two.
const STEPS: usize = 64;

fn hint(place: usize, of_byte: u64) {
    let step = usize::try_from(of_byte / 2).unwrap_or(STEPS).min(STEPS - 1);
    HINTS[place * STEPS + step].store(1, Ordering::Relaxed);
}
