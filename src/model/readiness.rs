//! How far the data carries an answer.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Whether there was enough data for an answer.
///
/// An answer carries its readiness; it is the host's to decide what to do with a poor one.
/// [`Readiness::require`] makes a refusal an error.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Readiness {
    /// There was enough.
    Ready,
    /// There was little: usable, with care.
    Degraded {
        /// What is weak about the answer.
        why: String,
        /// How many would be enough.
        needed: u64,
        /// How many there were.
        found: u64,
    },
    /// There was too little: the answer is arithmetic and not to be acted upon.
    Refused {
        /// What is wrong with the answer.
        why: String,
        /// How many are the least.
        needed: u64,
        /// How many there were.
        found: u64,
    },
}

impl Readiness {
    /// Whether there was enough data.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether there was too little data to act upon the answer.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// Makes a refusal an error.
    ///
    /// # Errors
    /// [`ErrorKind::TooFew`] if there was too little data. Degraded passes.
    pub fn require(&self) -> Result<(), Error> {
        match self {
            Self::Ready | Self::Degraded { .. } => Ok(()),
            Self::Refused { why, needed, found } => {
                Err(ErrorKind::TooFew { why: why.clone(), needed: *needed, found: *found }.into())
            }
        }
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, why, needed, found) = match self {
            Self::Ready => return f.write_str("ready"),
            Self::Degraded { why, needed, found } => ("degraded", why, needed, found),
            Self::Refused { why, needed, found } => ("refused", why, needed, found),
        };
        write!(f, "{word}: {why} (needed {needed}, found {found})")
    }
}
