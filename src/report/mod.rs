//! What the ledger says, for people: who still calls by the old door, what each has to write instead, and when it is
//! done.

mod block;
mod clients;
pub mod decide;
mod forecast;
mod hours;
mod json;
mod language;
mod markdown;
mod page;
mod readiness;
mod summary;
mod text;
mod twin;

pub use block::Block;
pub use clients::{Clients, OfClient, Selection};
pub use forecast::{Expected, Forecast, Planned, Verdict};
pub use markdown::markdown;
pub use page::{Context, page};
pub use readiness::State;
pub use text::text;
