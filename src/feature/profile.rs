//! Who customers are, as far as the host says: numbers and categories of their profiles.

use std::collections::BTreeSet;

use super::{Categories, Features, categories::Column, names};
use crate::{
    domain::{AcquisitionChannel, Attribute, Country, Customer, CustomerDirectory, Customers, Day, Label},
    error::{Error, ErrorKind},
};

/// What is wanted of the profiles in a [`CustomerDirectory`]: nothing that the host does not ask for.
///
/// Numbers and flags become [`Features`], texts [`Categories`]; of several texts, such as interests, each becomes a
/// flag `NAME=TEXT`. What is not known of a customer is missing. An attribute that can reveal a protected trait is left
/// out unless it is asked for as such, by [`special`](Self::special).
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Attribute, AttributeValue, Customer, CustomerDirectory, Day, Region, Sensitivity},
///     feature::Profile,
/// };
///
/// let income = Attribute::new("income".parse()?, AttributeValue::number(52_000.0)?);
/// let anna = Customer::new("anna")
///     .with_region(Region::new("DE".parse()?))
///     .with_attribute(Attribute::new("newsletter".parse()?, AttributeValue::flag(true)))
///     .with_attribute(income.sensitivity(Sensitivity::Special));
/// let directory = CustomerDirectory::new([anna, Customer::new("ben")], Default::default())?;
/// let people = directory.iter().map(|customer| customer.id().clone()).collect();
///
/// let profile = Profile::new().country().attribute("newsletter");
/// let (numbers, categories) = profile.read(&directory, Day::ymd(2026, 3, 14)?, &people)?;
/// assert_eq!(numbers.column("newsletter")?.collect::<Vec<_>>(), [Some(1.0), None]);
/// assert_eq!(categories.column("country")?.collect::<Vec<_>>(), [Some("DE"), None]);
/// assert!(Profile::new().attribute("income").read(&directory, Day::ymd(2026, 3, 14)?, &people).is_err());
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    wanted: Vec<Wanted>,
    own: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Wanted {
    Tenure,
    Age,
    Country,
    Channel,
    Ordinary,
    Attribute { name: String, special: bool },
}

impl Profile {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// `tenure_days`: days since the customer was won; missing where that is not known, or lies after the day.
    #[must_use]
    pub fn tenure(self) -> Self {
        self.with(Wanted::Tenure)
    }

    /// `age_years`: the middle of the ages that the customer's band of birth years allows on the day.
    #[must_use]
    pub fn age(self) -> Self {
        self.with(Wanted::Age)
    }

    /// `country`: the country's two letters.
    #[must_use]
    pub fn country(self) -> Self {
        self.with(Wanted::Country)
    }

    /// `channel`: how the customer was won.
    #[must_use]
    pub fn channel(self) -> Self {
        self.with(Wanted::Channel)
    }

    /// All attributes that no customer here has as one that can reveal a protected trait.
    #[must_use]
    pub fn attributes(self) -> Self {
        self.with(Wanted::Ordinary)
    }

    /// An attribute. It is refused if it can reveal a protected trait.
    #[must_use]
    pub fn attribute(self, name: impl Into<String>) -> Self {
        self.with(Wanted::Attribute { name: name.into(), special: false })
    }

    /// An attribute that may reveal a protected trait, and is wanted all the same.
    #[must_use]
    pub fn special(self, name: impl Into<String>) -> Self {
        self.with(Wanted::Attribute { name: name.into(), special: true })
    }

    /// What a third party said is not known.
    #[must_use]
    pub fn without_third_party(self) -> Self {
        Self { own: true, ..self }
    }

    fn with(mut self, wanted: Wanted) -> Self {
        if !self.wanted.contains(&wanted) {
            self.wanted.push(wanted);
        }
        self
    }

    /// Reads the profiles of customers, in the columns wanted. A directory says what is known now: of its fields only
    /// the day of being won is held against `as_of`.
    ///
    /// # Errors
    /// If no customer has an attribute that was asked for, one that was asked for as ordinary can reveal a protected
    /// trait, an attribute is a number of one customer and a text of another, or two columns have one name.
    pub fn read(
        &self,
        directory: &CustomerDirectory,
        as_of: Day,
        customers: &Customers,
    ) -> Result<(Features, Categories), Error> {
        let mut table = Table { own: self.own, as_of, rows: rows(directory, customers), ..Table::default() };
        for wanted in &self.wanted {
            table.add(wanted)?;
        }
        let Table { numbers, texts, .. } = table;
        let (all_names, values): (Vec<String>, Vec<Vec<f64>>) = numbers.into_iter().unzip();
        names::check(&all_names)?;
        let values = values.concat();
        let numbers = Features { as_of, customers: customers.clone(), names: all_names, values };
        Ok((numbers, Categories::of_columns(customers.clone(), as_of, texts)?))
    }
}

/// The customers' profiles, in the order of their rows. Both are in the order of ids.
fn rows<'a>(directory: &'a CustomerDirectory, customers: &Customers) -> Vec<Option<&'a Customer>> {
    let mut known = directory.iter().peekable();
    let row = |id| {
        while known.next_if(|customer| *customer.id() < id).is_some() {}
        known.next_if(|customer| *customer.id() == id)
    };
    customers.iter().map(row).collect()
}

/// Columns in the making.
#[derive(Default)]
struct Table<'a> {
    own: bool,
    as_of: Day,
    rows: Vec<Option<&'a Customer>>,
    numbers: Vec<(String, Vec<f64>)>,
    texts: Vec<(String, Column)>,
}

impl<'a> Table<'a> {
    fn add(&mut self, wanted: &Wanted) -> Result<(), Error> {
        let (as_of, own) = (self.as_of, self.own);
        match wanted {
            Wanted::Tenure => self.number("tenure_days", |one| {
                one.acquired_on().filter(|&day| day <= as_of).map(|day| as_of.since(day).into())
            }),
            Wanted::Age => self.number("age_years", |one| {
                let known = one.birth_years().filter(|known| !(own && known.provenance.is_third_party()))?;
                let (youngest, oldest) = known.value.ages_on(as_of);
                Some(f64::midpoint(youngest.into(), oldest.into()))
            }),
            Wanted::Country => {
                let known = |one: &'a Customer| {
                    one.region().filter(|known| !(own && known.provenance.is_third_party()))
                };
                let codes: Vec<_> = self.each(|one| Some(known(one)?.value.country()));
                let texts: Vec<_> = codes.iter().map(|code| code.as_ref().map(Country::code)).collect();
                self.texts.push(("country".to_owned(), Column::of(&texts)));
            }
            Wanted::Channel => {
                let texts = self.each(|one| Some(channel(one.source()?.channel())));
                self.texts.push(("channel".to_owned(), Column::of(&texts)));
            }
            Wanted::Ordinary => {
                for name in self.ordinary() {
                    self.attribute(&name, false)?;
                }
            }
            Wanted::Attribute { name, special } => self.attribute(name, *special)?,
        }
        Ok(())
    }

    fn each<T>(&self, of: impl Fn(&'a Customer) -> Option<T>) -> Vec<Option<T>> {
        self.rows.iter().map(|row| row.and_then(&of)).collect()
    }

    fn number(&mut self, name: &str, of: impl Fn(&'a Customer) -> Option<f64>) {
        let values = self.rows.iter().map(|row| row.and_then(&of).unwrap_or(f64::NAN)).collect();
        self.numbers.push((name.to_owned(), values));
    }

    /// All attributes that are known.
    fn known(&self) -> impl Iterator<Item = &'a Attribute> {
        let own = self.own;
        let all = self.rows.iter().flatten().flat_map(|customer| customer.attributes());
        all.filter(move |attribute| !(own && attribute.is_third_party()))
    }

    /// The names of the attributes that are never special, ascending, without those that have a column already.
    fn ordinary(&self) -> BTreeSet<String> {
        let name = |attribute: &Attribute| attribute.name().to_string();
        let mut names: BTreeSet<String> = self.known().map(name).collect();
        for special in self.rows.iter().flatten().flat_map(|customer| customer.attributes()) {
            if special.is_special() {
                names.remove(special.name().as_str());
            }
        }
        names
    }

    /// A column for an attribute, or a flag for each text where there are several.
    fn attribute(&mut self, name: &str, special: bool) -> Result<(), Error> {
        let own = self.own;
        let attributes =
            self.each(|one| one.attribute(name).filter(|known| !(own && known.is_third_party())));
        let Some(first) = attributes.iter().flatten().next() else {
            let known: BTreeSet<&str> = self.known().map(|attribute| attribute.name().as_str()).collect();
            let present = known.into_iter().collect::<Vec<_>>().join(", ");
            return Err(ErrorKind::MissingColumn { name: name.to_owned(), present }.into());
        };
        if !special && attributes.iter().flatten().any(|attribute| attribute.is_special()) {
            return Err(Error::parameter(
                "attribute",
                name,
                "can reveal a protected trait: ask for it as special",
            ));
        }
        let kind = Kind::of(first);
        if attributes.iter().flatten().any(|attribute| Kind::of(attribute) != kind) {
            return Err(Error::parameter("attribute", name, "has values of several kinds"));
        }
        match kind {
            Kind::Number => self.numbers.push((name.to_owned(), numbers(&attributes))),
            Kind::Text => {
                let text = |known: &&'a Attribute| known.value().as_text().map(Label::as_str);
                self.texts.push((
                    name.to_owned(),
                    Column::of(
                        &attributes.iter().map(|known| known.as_ref().and_then(text)).collect::<Vec<_>>(),
                    ),
                ));
            }
            Kind::Several => self.numbers.extend(flags(name, &attributes)),
        }
        Ok(())
    }
}

fn channel(channel: &AcquisitionChannel) -> &str {
    match channel {
        AcquisitionChannel::Direct => "direct",
        AcquisitionChannel::Store => "store",
        AcquisitionChannel::OrganicSearch => "organic search",
        AcquisitionChannel::PaidSearch => "paid search",
        AcquisitionChannel::Social => "social",
        AcquisitionChannel::Advertisement => "advertisement",
        AcquisitionChannel::Email => "email",
        AcquisitionChannel::Referral => "referral",
        AcquisitionChannel::Partner => "partner",
        AcquisitionChannel::Gathering => "gathering",
        AcquisitionChannel::Other(name) => name.as_str(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Or a flag, which is 0 or 1.
    Number,
    Text,
    Several,
}

impl Kind {
    fn of(attribute: &Attribute) -> Self {
        if attribute.value().as_text().is_some() {
            Self::Text
        } else if attribute.value().as_several().is_some() {
            Self::Several
        } else {
            Self::Number
        }
    }
}

fn numbers(attributes: &[Option<&Attribute>]) -> Vec<f64> {
    let number = |attribute: &&Attribute| {
        let value = attribute.value();
        value.as_number().or_else(|| value.as_flag().map(|flag| f64::from(u8::from(flag))))
    };
    attributes.iter().map(|known| known.as_ref().and_then(number).unwrap_or(f64::NAN)).collect()
}

/// For each text whether a customer has it.
fn flags(name: &str, attributes: &[Option<&Attribute>]) -> Vec<(String, Vec<f64>)> {
    let texts = |attribute: &Attribute| -> BTreeSet<String> {
        attribute.value().as_several().into_iter().flatten().map(ToString::to_string).collect()
    };
    let held: Vec<Option<BTreeSet<String>>> = attributes.iter().map(|known| known.map(texts)).collect();
    let all: BTreeSet<&String> = held.iter().flatten().flatten().collect();
    let flag = |text: &String| {
        let value = |held: &Option<BTreeSet<String>>| {
            held.as_ref().map_or(f64::NAN, |held| f64::from(u8::from(held.contains(text))))
        };
        (format!("{name}={text}"), held.iter().map(value).collect())
    };
    all.into_iter().map(flag).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::domain::{
        AcquisitionSource, AttributeValue, BirthYears, Known, Provenance, Region, Sensitivity,
    };

    fn attribute(name: &str, value: AttributeValue) -> Attribute {
        Attribute::new(name.parse().unwrap(), value)
    }

    fn day() -> Day {
        Day::ymd(2025, 6, 1).unwrap()
    }

    fn several(texts: &[&str]) -> AttributeValue {
        AttributeValue::several(texts.iter().map(|text| text.parse().unwrap()))
    }

    fn broker() -> Provenance {
        Provenance::ThirdParty { source: "a broker".parse().unwrap() }
    }

    fn directory() -> CustomerDirectory {
        let number = |number| AttributeValue::number(number).unwrap();
        let people = [
            Customer::new(1_u64)
                .with_acquired_on(day().plus(-40))
                .with_birth_years(BirthYears::decade(1987).unwrap())
                .with_region(Region::new("DE".parse().unwrap()))
                .with_source(AcquisitionSource::new(AcquisitionChannel::PaidSearch))
                .with_attribute(attribute("size", number(4.5)))
                .with_attribute(attribute("likes", several(&["tea", "bread"])))
                .with_attribute(attribute("tier", AttributeValue::text("gold").unwrap()))
                .with_attribute(
                    attribute("faith", AttributeValue::text("x").unwrap()).sensitivity(Sensitivity::Special),
                ),
            Customer::new(3_u64)
                .with_acquired_on(day().plus(1))
                .with_region(Known::new(Region::new("FR".parse().unwrap()), broker()))
                .with_attribute(attribute("size", AttributeValue::flag(true)).provenance(broker()))
                .with_attribute(attribute("likes", several(&["tea"]))),
        ];
        CustomerDirectory::new(people, crate::domain::Accounts::default()).unwrap()
    }

    fn people() -> Customers {
        [1_u64, 2, 3].map(crate::domain::CustomerId::from).into_iter().collect()
    }

    #[test]
    fn what_was_asked_for_is_read_and_the_rest_is_missing() {
        let profile = Profile::new().tenure().age().country().channel().attributes().attributes();
        let (numbers, texts) = profile.read(&directory(), day(), &people()).unwrap();
        let known = ["tenure_days", "age_years", "likes=bread", "likes=tea", "size"];
        assert_eq!(numbers.names().collect::<Vec<_>>(), known);
        let rows = |row| (0..5).map(|column| numbers.get(row, column)).collect::<Vec<_>>();
        assert_eq!(rows(0), [40.0, 40.0, 1.0, 1.0, 4.5].map(Some));
        assert_eq!(rows(1), [None; 5]);
        // Who is won tomorrow has no tenure today.
        assert_eq!(rows(2), [None, None, Some(0.0), Some(1.0), Some(1.0)]);
        assert_eq!(texts.names().collect::<Vec<_>>(), ["country", "channel", "tier"]);
        assert_eq!(texts.column("country").unwrap().collect::<Vec<_>>(), [Some("DE"), None, Some("FR")]);
        assert_eq!(texts.column("channel").unwrap().next(), Some(Some("paid search")));
        let (numbers, texts) = profile.without_third_party().read(&directory(), day(), &people()).unwrap();
        assert_eq!(numbers.column("size").unwrap().collect::<Vec<_>>(), [Some(4.5), None, None]);
        assert_eq!(texts.column("country").unwrap().nth(2), Some(None));
    }

    #[test]
    fn what_reveals_a_trait_must_be_asked_for_as_such() {
        let read = |profile: Profile| profile.read(&directory(), day(), &people());
        let error = read(Profile::new().attribute("faith")).unwrap_err().to_string();
        assert!(error.contains("ask for it as special"), "{error}");
        let (_, texts) = read(Profile::new().special("faith")).unwrap();
        assert_eq!(texts.column("faith").unwrap().next(), Some(Some("x")));
        assert_eq!(read(Profile::new().attribute("shoe")).unwrap_err().column(), Some("shoe"));
        assert!(
            read(Profile::new().attribute("size").special("size")).unwrap_err().to_string().contains("twice")
        );
        let mixed =
            Customer::new(2_u64).with_attribute(attribute("size", AttributeValue::text("L").unwrap()));
        let mut all = directory();
        all.insert(mixed).unwrap();
        let error = Profile::new().attribute("size").read(&all, day(), &people()).unwrap_err();
        assert!(error.to_string().contains("several kinds"));
        let (numbers, texts) = read(Profile::new()).unwrap();
        assert_eq!((numbers.width(), texts.width(), numbers.len()), (0, 0, 3));
    }
}
