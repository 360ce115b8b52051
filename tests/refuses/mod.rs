//! Does it refuse bad input, and say where and which rule?

mod intake;
#[cfg(feature = "serde")]
mod saved;
