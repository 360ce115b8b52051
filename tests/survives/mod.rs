//! Does it survive anything?

mod csv;
mod dates;
mod money;
