//! What was known on a day, and nothing else.

use crate::{
    domain::{Activity, Customers, Day, Ledger},
    error::Error,
    summary::{Observation, Summaries},
};

/// The world as it was known on the day of a snapshot: all that a recipe of features is given.
///
/// It holds logs of its own that end with the day. There is no way from it to what came later, and none to make one:
/// only a [`Study`](super::Study) does.
///
/// ```compile_fail
/// use patronage::{churn::Past, domain::{Activity, Customers, Day, Ledger}};
///
/// fn a_past_of_all_that_is_known(ledger: Ledger, activity: Activity, customers: Customers) -> Past {
///     Past { day: Day::MAX, ledger, activity, customers }
/// }
/// ```
#[derive(Debug)]
pub struct Past {
    pub(super) day: Day,
    pub(super) ledger: Ledger,
    pub(super) activity: Activity,
    pub(super) customers: Customers,
}

impl Past {
    /// The day of the snapshot, the last that is known.
    pub fn day(&self) -> Day {
        self.day
    }

    /// Whom a row of features is wanted of, ascending: those who are customers on the day.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// The purchases of everybody up to the day.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What everybody did besides up to the day. A ticket that was resolved later is open.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// The purchases of everybody up to the day, summarised. Columns of them are brought to the customers of the
    /// snapshot by [`Features::rows_of`](crate::feature::Features::rows_of).
    ///
    /// # Errors
    /// None: as [`Observation::summarise`] of all days.
    pub fn summaries(&self) -> Result<Summaries, Error> {
        Observation::until(self.day).summarise(&self.ledger)
    }
}
