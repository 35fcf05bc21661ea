//! Who is logged in: sessions by the digest of their cookie, few of them, each with an end.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::time::Instant;

use crate::config::secret::Digest;

/// The cookie that holds a session.
pub const COOKIE: &str = "mesigate_console";
/// How long a session lasts.
const LIFE: Duration = Duration::from_hours(12);
/// How many there are at once; a new one ends the oldest.
const MOST: usize = 64;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Look, and try in the sandbox.
    View,
    /// Also change something.
    Operate,
}

impl Role {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Operate => "operate",
        }
    }
}

/// A session.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// What its owner may do.
    pub role: Role,
    /// A number by which the log tells one session from another; it opens nothing.
    pub number: u64,
    ends: Instant,
}

/// All sessions. Ids are kept as digests, so that nothing in memory opens one, and a lookup's time tells nothing.
#[derive(Default)]
pub struct Sessions {
    all: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<Digest, Session>,
    numbers: u64,
}

/// 256 random bits, as text that goes into a cookie, a link and a header.
///
/// # Errors
/// A sentence, if the system has no randomness.
pub fn secret() -> Result<String, String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| "this system gives no random bytes".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl Sessions {
    /// Begins a session; returns its id, which is always a new one.
    ///
    /// # Errors
    /// A sentence, if the system has no randomness.
    pub fn begin(&self, role: Role, now: Instant) -> Result<(String, Session), String> {
        let id = secret()?;
        let mut known = self.known(now);
        if known.by_id.len() >= MOST
            && let Some(oldest) = known.by_id.iter().min_by_key(|(_, session)| session.ends)
        {
            let oldest = oldest.0.clone();
            known.by_id.remove(&oldest);
        }
        known.numbers += 1;
        let session = Session { role, number: known.numbers, ends: now + LIFE };
        known.by_id.insert(Digest::of(&id), session);
        Ok((id, session))
    }

    /// The session of a request's cookies.
    pub fn of(&self, cookies: Option<&[u8]>, now: Instant) -> Option<Session> {
        let id = id(cookies?)?;
        self.known(now).by_id.get(&Digest::of(id)).copied()
    }

    /// Ends the session of a request's cookies.
    pub fn end(&self, cookies: Option<&[u8]>, now: Instant) {
        if let Some(id) = cookies.and_then(id) {
            self.known(now).by_id.remove(&Digest::of(id));
        }
    }

    /// How many have not ended.
    pub fn count(&self, now: Instant) -> usize {
        self.known(now).by_id.len()
    }

    /// Those that have not ended.
    fn known(&self, now: Instant) -> MutexGuard<'_, Known> {
        let mut known = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        known.by_id.retain(|_, session| session.ends > now);
        known
    }
}

/// The id in a list of cookies. Of two, none counts: one of them was planted.
fn id(cookies: &[u8]) -> Option<&str> {
    let cookies = str::from_utf8(cookies).ok()?;
    let mut ids = cookies.split(';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    });
    let id = ids.next()?;
    ids.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{COOKIE, LIFE, MOST, Role, Sessions};

    fn cookie(id: &str) -> Vec<u8> {
        format!("a=b; {COOKIE}={id}; c=d").into_bytes()
    }

    #[test]
    fn a_session_ends_by_word_and_by_time() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (id, _) = sessions.begin(Role::View, now).expect("a session");
        let role = |now| sessions.of(Some(&cookie(&id)), now).map(|session| session.role);
        assert_eq!(role(now), Some(Role::View));
        assert_eq!(role(now + LIFE), None);
        let (id, _) = sessions.begin(Role::Operate, now).expect("a session");
        sessions.end(Some(&cookie(&id)), now);
        assert!(sessions.of(Some(&cookie(&id)), now).is_none());
    }

    #[test]
    fn there_are_few_and_a_new_one_ends_the_oldest() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (first, _) = sessions.begin(Role::View, now).expect("a session");
        let mut ids: Vec<String> = (1..=u32::try_from(MOST).expect("few"))
            .map(|at| sessions.begin(Role::View, now + LIFE / 1000 * at).expect("a session").0)
            .collect();
        assert!(sessions.of(Some(&cookie(&first)), now).is_none());
        assert!(ids.iter().all(|id| sessions.of(Some(&cookie(id)), now).is_some()));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), MOST, "each is another");
    }

    #[test]
    fn of_two_cookies_none_counts() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (id, _) = sessions.begin(Role::View, now).expect("a session");
        let two = format!("{COOKIE}=planted; {COOKIE}={id}");
        assert!(sessions.of(Some(two.as_bytes()), now).is_none());
        assert!(sessions.of(Some(id.as_bytes()), now).is_none() && sessions.of(None, now).is_none());
    }
}
