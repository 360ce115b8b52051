//! What each customer will be worth: models of how often they buy, until when, and what they spend.

mod collapse;
mod prior;
mod readiness;
mod search;

use self::collapse::Collapsed;
pub use self::{prior::Prior, readiness::Needs};
