//! Who comes to the bakery, how often, and for what.

use super::{chance::Chance, shelf::Category};
use crate::domain::CustomerId;

/// How one customer treats the bakery. Days count from its first day.
pub(super) struct Habit {
    pub(super) id: CustomerId,
    pub(super) first: u32,
    pub(super) last: u32,
    /// How likely a visit is on an ordinary open day between them.
    pub(super) visits: f64,
    pub(super) favourite: Category,
    /// A café that orders online what it sells on.
    pub(super) wholesale: bool,
}

/// A kind of customer. Days are shares of the days that the bakery is seen.
struct Kind {
    share: f64,
    first: (f64, f64),
    last: (f64, f64),
    visits: (f64, f64),
}

const REGULAR: Kind = Kind { share: 0.14, first: (0.0, 0.25), last: (1.0, 1.0), visits: (0.2, 0.6) };
const OCCASIONAL: Kind = Kind { share: 0.30, first: (0.0, 0.6), last: (1.0, 1.0), visits: (0.02, 0.09) };
const LAPSED: Kind = Kind { share: 0.18, first: (0.0, 0.25), last: (0.35, 0.75), visits: (0.04, 0.3) };
const ONE_TIMER: Kind = Kind { share: 0.26, first: (0.0, 1.0), last: (0.0, 0.0), visits: (0.0, 0.0) };
const NEWCOMER: Kind = Kind { share: 0.12, first: (0.85, 0.98), last: (1.0, 1.0), visits: (0.1, 0.4) };
const KINDS: [Kind; 5] = [REGULAR, OCCASIONAL, LAPSED, ONE_TIMER, NEWCOMER];

const FAVOURITES: [(Category, f64); 3] =
    [(Category::Bread, 0.45), (Category::Coffee, 0.3), (Category::Cakes, 0.25)];

/// Every so many customers one is a café.
const CAFES: u32 = 150;

/// Who has no card is known by name: every fourth, while there are names.
const NAMES: &str = "anna ben clara david elif felix greta hugo ida jonas klara leon mia noah olga paul quentin \
     rosa samir tilda uwe vera willi xenia yusuf zoe agnes bruno carla dario edith frieda georg hanna igor \
     julia karim lena marek nora oskar petra ralf sofia tarek ursula viktor wanda yara zita";
const FIRST_CARD: u64 = 1000;

impl Habit {
    /// The habit of a customer by number, counting from 1.
    pub(super) fn of(number: u32, days: u32, chance: &mut Chance) -> Self {
        let kind = chance.pick(&KINDS, |kind| kind.share).unwrap_or(&OCCASIONAL);
        let mut day = |(from, to): (f64, f64)| share_of(days, chance.between(from, to));
        let (first, last) = (day(kind.first), day(kind.last));
        let favourite = chance.pick(&FAVOURITES, |&(_, weight)| weight);
        let habit = Self {
            id: id(number),
            first,
            last: last.max(first),
            visits: chance.between(kind.visits.0, kind.visits.1),
            favourite: favourite.map_or(Category::Bread, |&(category, _)| category),
            wholesale: false,
        };
        if number.is_multiple_of(CAFES) { habit.into_cafe(number, days) } else { habit }
    }

    fn into_cafe(self, number: u32, days: u32) -> Self {
        let id = format!("cafe {}", number / CAFES).into();
        Self { id, first: 0, last: days.saturating_sub(1), visits: 0.85, wholesale: true, ..self }
    }
}

/// The day at a share of all days; the last of them at most.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between 0 and `days`.
fn share_of(days: u32, share: f64) -> u32 {
    let day = (f64::from(days) * share) as u32;
    day.min(days.saturating_sub(1))
}

fn id(number: u32) -> CustomerId {
    let name = if number % 4 == 1 { NAMES.split_whitespace().nth((number / 4) as usize) } else { None };
    name.map_or_else(|| (FIRST_CARD + u64::from(number)).into(), CustomerId::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        let mut ids: Vec<CustomerId> =
            (1..=5000).map(|number| Habit::of(number, 365, &mut Chance::of(1, 1)).id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5000);
        assert_eq!(ids.iter().filter(|id| id.as_integer().is_none()).count(), 50 + 33);
    }

    #[test]
    fn habits_lie_within_the_days() {
        for days in [1, 2, 365] {
            for number in 1..=400 {
                let habit = Habit::of(number, days, &mut Chance::of(1, number.into()));
                assert!(habit.first <= habit.last && habit.last < days);
            }
        }
    }
}
