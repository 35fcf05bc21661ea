//! An upstream for development and tests: mesibo's JSON API as it is publicly known, with real state.
//!
//! It holds users, access tokens, groups, rights and messages in memory and forgets them when it ends. It was written
//! from the description of the JSON API alone, independently of the gateway's translation, and refuses every member,
//! type and value that the description does not have: a wrong translation fails here before it fails at mesibo. It is
//! no replacement for mesibo, and has no protection of any kind.
//!
//! An app token that begins with `sandbox` is an app of its own (`sandbox`, `sandbox-two`); `sandbox-breached` is one
//! that was disabled (`TOKENBREACH`); every other token is refused (`AUTHFAIL`).
//!
//! # Choices of the sandbox
//! Where the public material is silent the sandbox chooses, and a choice is not a fact about mesibo:
//! - the names of all error codes but `BADOP`, `AUTHFAIL` and `TOKENBREACH`, and every number but 400 and 401;
//! - the token is checked before the operation, the operation before its payload;
//! - a JSON content type with a body that is no JSON object is answered by the API (`BADJSON`), not by the old API;
//! - an address that names no user is refused in `group.members.m`, `message.from` and `message.to`, and the others in
//!   the list are left alone; addresses are compared byte for byte, spaces included;
//! - `message.to` together with a `message.gid` other than 0 is refused;
//! - rights that were not sent when a member was added count as given, except in groups of *selected* senders or
//!   receivers; adding a member again changes only the rights that were sent;
//! - `group.type` 0 is the same as none; rights for a type make a member for that type alone; flags for a type replace
//!   the group's for that type;
//! - an expiry of 0 is the default (one year), an `expiryext` of 0 is none, and activity never shortens a group's life;
//! - a new access token replaces the former one of the same appid; `expiry` counts minutes from its making;
//! - rights of a member for a type replace all five general ones, also those that were not sent;
//! - in turn-taking groups the turns follow the order of joining, and skip members who cannot be reached when nothing
//!   is stored;
//! - the sender's rights are checked when a message is accepted, its receivers determined when it is delivered; it is
//!   removed from every inbox `expiry` seconds after its delivery, since the sandbox has no read marks;
//! - `user.groups`, `restrictions`, `permissions` and `otp`, and of a group `start`, `duration`, `call` and the rights
//!   for calls, are stored and shown without effect.

mod app;
mod clock;
mod control;
mod fault;
mod fields;
mod flags;
mod group;
mod http;
mod ids;
mod json;
mod members;
mod message;
mod read;
mod refusal;
mod reply;
mod rights;
#[cfg(test)]
mod tests;
mod user;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;

pub use self::fault::InjectedFault;
pub use self::message::Delivery;
pub use self::user::LoginRefused;

use self::clock::Clock;
use self::fault::Queue;
use self::world::World;

/// Handle on one sandbox; clones share one state.
#[derive(Clone)]
pub struct Sandbox(Arc<Shared>);

struct Shared {
    clock: Clock,
    world: Mutex<World>,
    faults: Mutex<Queue>,
    requests: AtomicU64,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty sandbox whose clock is at zero. Uids, gids and tokens come from counters, so that the same requests get
    /// the same ones in every run.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            clock: Clock::new(),
            world: Mutex::default(),
            faults: Mutex::default(),
            requests: AtomicU64::new(0),
        }))
    }

    /// Answers one request's bytes with JSON: the API itself, without HTTP and without faults.
    #[must_use]
    pub fn answer(&self, body: &[u8]) -> Vec<u8> {
        self.count();
        self.world().answer(self.now(), body)
    }

    /// Serves HTTP/1.1 on a bound listener until `stop` resolves, then lets the requests in flight end.
    ///
    /// # Errors
    /// An error if the listener has no local address, that is, if it is not usable.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send,
    ) -> std::io::Result<()> {
        http::serve(self, listener, stop).await
    }

    /// Moves the clock, for expiry and schedules.
    pub fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    /// Orders a fault for the next `times` API requests over HTTP, behind those that are ordered already.
    pub fn fault(&self, fault: InjectedFault, times: u32) {
        self.faults().push(fault, times);
    }

    /// Logs a user's device in, as the real-time API does with an access token; returns the uid.
    ///
    /// # Errors
    /// If the token is unknown, expired or another app's, or the user is not active.
    pub fn login(&self, access_token: &str, appid: &str) -> Result<u64, LoginRefused> {
        self.world().login(self.now(), access_token, appid)
    }

    /// The messages that a user received and still has, oldest first, also those stored while the user was logged out.
    /// Empty for an unknown app or address.
    #[must_use]
    pub fn inbox(&self, app_token: &str, address: &str) -> Vec<Delivery> {
        self.world().inbox(self.now(), app_token, address)
    }

    /// The whole state of one app: `now`, `users`, `groups` with their members and rights, also for single message
    /// types, the newest 1000 `messages`, and `otps`. Times are seconds of the sandbox's clock.
    #[must_use]
    pub fn state(&self, app_token: &str) -> Value {
        self.world().shown(self.now(), app_token)
    }

    /// The number of API requests so far, those with a fault included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    fn now(&self) -> Duration {
        self.0.clock.now()
    }

    fn count(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    fn next_fault(&self) -> Option<InjectedFault> {
        self.faults().take()
    }

    // A poisoned lock is used as it is, so that one panic does not turn every later request into another.
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Queue> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
