//! Does it agree with an independent reckoning?

mod summaries;
