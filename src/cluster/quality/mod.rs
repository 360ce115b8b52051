//! Whether groups are any good: how compact they are and how far apart, and how like those of another labelling.

mod agreement;
mod gap;
mod grouped;
mod judged;
mod silhouette;
mod spread;
mod stability;
mod stream;
mod taken;
mod valley;

pub use self::{
    agreement::Agreement,
    gap::{Family, Gap, GapCurve, GapStatistic},
    silhouette::Silhouette,
    spread::Spread,
    stability::{Bootstrap, Stability},
    valley::Valley,
};
pub(super) use self::{stability::MOST_REPEATS, stream::stream, taken::Taken};
