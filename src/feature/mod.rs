//! Named columns with a row for each customer, as of a day and never past it.

mod features;

pub use self::features::Features;
