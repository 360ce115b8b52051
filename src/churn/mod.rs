//! Who is leaving, how sure we are, and why.

pub mod survival;
