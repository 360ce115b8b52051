//! A small bakery, day by day.

use super::{
    Books,
    books::{Item, Receipt, Return},
    chance::Chance,
    habit::Habit,
    shelf::{Category, LOAF, Product, ROLL},
};
use crate::{
    Error,
    domain::{CustomerId, Day},
};

/// A small bakery whose books look like a real export.
///
/// It sells bread, cakes and coffee; it is closed on Mondays and busy on Saturdays. Its customers are regulars,
/// occasional guests, people who stopped coming, people who came once, newcomers, and a few cafés that buy more
/// than all others. Some are known by name, most by the number of a card, and passers-by not at all. Some
/// things go back, most with their receipt; now and then a tenth coffee is free; some come twice a day; and the
/// till printed three receipts twice.
///
/// # Example
/// ```
/// use patronage::{domain::{Finding, Policies}, simulate::Bakery};
///
/// let bakery = Bakery::new(1);
/// let ledger = bakery.books()?.ledger(Policies::default())?;
/// assert!(ledger.customers().len() > 290);
/// assert_eq!(ledger.findings().count(Finding::ExactDuplicate), 3);
/// assert_eq!(bakery.last_day().to_string(), "2025-12-31");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bakery {
    seed: u64,
    customers: u32,
    first: Day,
    days: u32,
}

/// Opening hours, in minutes of the day.
const OPENS: u32 = 6 * 60 + 30;
const CLOSES: u32 = 18 * 60;
/// From then on cakes cost half.
const HALF_PRICE: u32 = 17 * 60;
/// Passers-by on an ordinary day.
const PASSERS_BY: f64 = 5.0;
const MOST_CUSTOMER_DAYS: u64 = 10_000_000;

impl Bakery {
    /// A bakery with 300 customers, seen for the 365 days of 2025.
    pub fn new(seed: u64) -> Self {
        let new_year = Day::MIN.plus(739_251);
        Self { seed, customers: 300, first: new_year, days: 365 }
    }

    /// About how many customers it has, passers-by aside.
    #[must_use]
    pub fn customers(self, customers: u32) -> Self {
        Self { customers, ..self }
    }

    /// From which day on, and for how many days, it is seen.
    #[must_use]
    pub fn seen(self, first: Day, days: u32) -> Self {
        Self { first, days, ..self }
    }

    /// The first day seen.
    pub fn first_day(&self) -> Day {
        self.first
    }

    /// The last day seen.
    pub fn last_day(&self) -> Day {
        self.day(self.days.saturating_sub(1))
    }

    /// Lets the days pass.
    ///
    /// # Errors
    /// If customers times days are more than 10 million, or the days leave the calendar.
    pub fn books(&self) -> Result<Books, Error> {
        let size = u64::from(self.customers) * u64::from(self.days);
        if size > MOST_CUSTOMER_DAYS || u64::from(self.days) > MOST_CUSTOMER_DAYS {
            return Err(Error::parameter("customers times days", size, "must be at most 10 million"));
        }
        if self.days > Day::MAX.since(self.first).unsigned_abs() + 1 {
            return Err(Error::parameter("days", self.days, "leave the calendar"));
        }
        let known = (1..=self.customers).flat_map(|number| self.customer(number));
        let unknown = (0..self.days).flat_map(|day| self.passers_by(day));
        let mut till = Chance::of(self.seed, 0);
        Ok(Books::new(known.chain(unknown).collect(), &mut till))
    }

    /// Everything one customer buys.
    fn customer(&self, number: u32) -> Vec<Receipt> {
        let mut chance = Chance::of(self.seed, number.into());
        let habit = Habit::of(number, self.days, &mut chance);
        let mut receipts = Vec::new();
        for day in habit.first..self.days {
            // Everybody comes at least once, on the first open day that is theirs.
            let new = receipts.is_empty();
            if day > habit.last && !new {
                break;
            }
            let crowd = crowd(self.day(day));
            if crowd > 0.0 && (new || chance.happens(habit.visits * crowd)) {
                self.visit(&habit, day, &mut chance, &mut receipts);
            }
        }
        receipts
    }

    fn visit(&self, habit: &Habit, day: u32, chance: &mut Chance, receipts: &mut Vec<Receipt>) {
        let mut counter = Counter { bakery: self, day, customer: Some(&habit.id), chance };
        if habit.wholesale {
            return receipts.push(counter.wholesale());
        }
        receipts.push(counter.basket(habit.favourite));
        let thirsty = if habit.favourite == Category::Coffee { 0.12 } else { 0.03 };
        if counter.chance.happens(thirsty) {
            receipts.push(counter.coffee());
        }
    }

    fn passers_by(&self, day: u32) -> Vec<Receipt> {
        let mut chance = Chance::of(self.seed, u64::from(u32::MAX) + 1 + u64::from(day));
        let expected = PASSERS_BY * crowd(self.day(day));
        let mut receipts = Vec::new();
        // Waits of mean 1 that fit into the number expected: a Poisson number of people.
        let mut waited = chance.wait();
        while waited < expected {
            let mut counter = Counter { bakery: self, day, customer: None, chance: &mut chance };
            receipts.push(counter.basket(Category::Coffee));
            waited += chance.wait();
        }
        receipts
    }

    fn day(&self, day: u32) -> Day {
        self.first.plus(i32::try_from(day).unwrap_or(i32::MAX))
    }

    /// The first open day so many days later, if the bakery is still seen then.
    fn open_day_after(&self, day: u32, delay: u32) -> Option<Day> {
        let mut later = (day + delay..self.days).map(|day| self.day(day));
        later.find(|&day| crowd(day) > 0.0)
    }
}

/// How busy a day is, against an ordinary one; 0 if the bakery is closed.
fn crowd(day: Day) -> f64 {
    let (_, month, of_month) = day.to_ymd();
    if matches!((month, of_month), (1, 1) | (12, 25 | 26)) {
        return 0.0;
    }
    // 1970-01-01 was a Thursday; Monday is 0.
    match (day.epoch_days() + 3).rem_euclid(7) {
        0 => 0.0,
        1 | 2 => 0.9,
        4 => 1.2,
        5 => 1.9,
        6 => 0.8,
        _ => 1.0,
    }
}

/// One visit at the counter.
struct Counter<'a> {
    bakery: &'a Bakery,
    day: u32,
    customer: Option<&'a CustomerId>,
    chance: &'a mut Chance,
}

impl Counter<'_> {
    /// One to four things, most of them of the favourite category; more on busy days.
    fn basket(&mut self, favourite: Category) -> Receipt {
        let minute = OPENS + self.chance.below(CLOSES - OPENS);
        let more = [0.55, 0.3, 0.25 * crowd(self.bakery.day(self.day))];
        let things = 1 + more.iter().filter(|&&often| self.chance.happens(often)).count();
        let mut items: Vec<Item> = Vec::with_capacity(things);
        for _ in 0..things {
            if let Some(product) = self.choose(favourite)
                && items.iter().all(|item| item.product != product)
            {
                let pieces = 1 + self.chance.below(product.most).min(self.chance.below(product.most));
                let half = minute >= HALF_PRICE && product.category == Category::Cakes;
                items.push(Item::new(product, pieces).percent_off(if half { 50 } else { 0 }));
            }
        }
        self.receipt(minute, items)
    }

    /// A coffee in the afternoon, by itself. With a full card it is free.
    fn coffee(&mut self) -> Receipt {
        let minute = HALF_PRICE - 60 + self.chance.below(CLOSES - HALF_PRICE + 60);
        let coffee = self.chance.pick(Category::Coffee.shelf(), |product| product.weight.into());
        let free = self.chance.happens(0.1);
        let items = coffee.map(|product| {
            let item = Item::new(product, 1);
            if free { item.free() } else { item }
        });
        self.receipt(minute, items.into_iter().collect())
    }

    /// What a café sells on, at 15 % off.
    fn wholesale(&mut self) -> Receipt {
        let rolls = Item::new(&ROLL, 25 + self.chance.below(30)).percent_off(15);
        let loaves = Item::new(&LOAF, 3 + self.chance.below(5)).percent_off(15);
        let receipt = self.receipt(OPENS, vec![rolls, loaves]);
        Receipt { online: true, ..receipt }
    }

    fn choose(&mut self, favourite: Category) -> Option<&'static Product> {
        let other = self.chance.pick(&Category::ALL, |_| 1.0).copied();
        let category = if self.chance.happens(0.5) { Some(favourite) } else { other };
        self.chance.pick(category?.shelf(), |product| product.weight.into())
    }

    fn receipt(&mut self, minute: u32, items: Vec<Item>) -> Receipt {
        Receipt {
            number: 0,
            day: self.bakery.day(self.day),
            minute,
            customer: self.customer.cloned(),
            online: false,
            returned: self.goes_back(&items),
            items,
        }
    }

    /// Now and then one thing goes back on the same day or soon after, most often with the receipt.
    fn goes_back(&mut self, items: &[Item]) -> Option<Return> {
        let happens = self.chance.happens(0.012);
        let item = self.chance.pick(items, |item| item.amount() as f64)?;
        let (delay, named) = (self.chance.below(4), self.chance.happens(0.8));
        let day = self.bakery.open_day_after(self.day, delay)?;
        (happens && item.amount() > 0).then_some(Return { day, item: *item, named })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Finding, Ledger, Policies};

    fn ledger(seed: u64) -> Ledger {
        Bakery::new(seed).books().unwrap().ledger(Policies::default()).unwrap()
    }

    #[test]
    fn the_calendar_is_where_it_should_be() {
        let bakery = Bakery::new(1);
        assert_eq!(
            (bakery.first_day().to_string(), bakery.last_day().to_string()),
            ("2025-01-01".into(), "2025-12-31".into())
        );
        let open: Vec<i8> = (1..=14).filter(|&day| crowd(Day::ymd(2025, 12, day).unwrap()) > 0.0).collect();
        assert_eq!(open, [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]);
    }

    #[test]
    fn the_week_has_its_rhythm() {
        let mut by_weekday = [0_u32; 7];
        for sale in Bakery::new(3).books().unwrap().transactions().unwrap() {
            by_weekday[usize::try_from((sale.day().epoch_days() + 3).rem_euclid(7)).unwrap()] += 1;
        }
        assert_eq!(by_weekday[0], 0);
        assert!((1..7).all(|day| day == 5 || by_weekday[day] * 4 < by_weekday[5] * 3), "{by_weekday:?}");
    }

    #[test]
    fn the_books_have_what_real_ones_have() {
        for seed in 1..=5 {
            let findings = ledger(seed).findings().clone();
            let count = |finding| findings.count(finding);
            assert_eq!(count(Finding::ExactDuplicate), 3);
            assert!((20..200).contains(&count(Finding::Refund)), "{findings}");
            assert!((3..60).contains(&count(Finding::ZeroAmount)), "{findings}");
            let rows = findings.rows();
            assert!((5_000..40_000).contains(&rows), "{findings}");
            assert!((rows / 10..rows / 2).contains(&count(Finding::MissingCustomer)), "{findings}");
        }
    }

    #[test]
    fn the_best_tenth_of_customers_bring_most_of_the_revenue() {
        let ledger = ledger(2);
        let mut totals: Vec<i64> =
            ledger.histories().map(|history| history.iter().map(|row| row.amount.minor()).sum()).collect();
        totals.sort_unstable_by(|a, b| b.cmp(a));
        let (best, all): (i64, i64) = (totals[..totals.len() / 10].iter().sum(), totals.iter().sum());
        assert!(best * 100 > all * 40 && best * 100 < all * 90, "{best} of {all}");
    }

    #[test]
    fn one_seed_one_year() {
        assert_eq!(ledger(4), ledger(4));
        assert_ne!(ledger(4), ledger(5));
    }

    #[test]
    fn small_and_large_bakeries_open() {
        for (customers, days) in [(0, 0), (0, 30), (1, 1), (3, 2), (40, 20)] {
            let books = Bakery::new(1)
                .customers(customers)
                .seen(Day::ymd(2025, 3, 1).unwrap(), days)
                .books()
                .unwrap();
            books.ledger(Policies::default()).unwrap();
        }
        let end = |days| Bakery::new(1).customers(2).seen(Day::MAX.plus(-9), days).books();
        assert!(end(10).is_ok() && end(11).is_err());
        assert!(Bakery::new(1).customers(u32::MAX).seen(Day::MIN, u32::MAX).books().is_err());
        assert!(Bakery::new(1).customers(0).seen(Day::MIN, u32::MAX).books().is_err());
    }
}
