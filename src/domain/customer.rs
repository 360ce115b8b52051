//! Who a customer is, as far as the host says.

use super::{AccountId, AcquisitionSource, Attribute, BirthYears, CustomerId, Day, Known, Label, Region};

/// A customer: an id, and what the host knows and is willing to share. Every field but the id is optional,
/// and no model reads one unless the host asks for it.
///
/// # Example
/// ```
/// use patronage::domain::{Attribute, AttributeValue, BirthYears, Customer, Day, Region};
///
/// let anna = Customer::new("anna")
///     .with_acquired_on(Day::ymd(2024, 3, 1)?)
///     .with_birth_years(BirthYears::decade(1987)?)
///     .with_region(Region::new("DE".parse()?))
///     .with_attribute(Attribute::new("vegan".parse()?, AttributeValue::flag(true)));
/// let vegan = anna.attribute("vegan").and_then(|vegan| vegan.value().as_flag());
/// assert_eq!(vegan, Some(true));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Customer {
    id: CustomerId,
    acquired_on: Option<Day>,
    source: Option<AcquisitionSource>,
    birth_years: Option<Known<BirthYears>>,
    region: Option<Known<Region>>,
    account: Option<AccountId>,
    attributes: Attributes,
}

impl Customer {
    /// A customer of whom nothing else is known.
    pub fn new(id: impl Into<CustomerId>) -> Self {
        Self {
            id: id.into(),
            acquired_on: None,
            source: None,
            birth_years: None,
            region: None,
            account: None,
            attributes: Attributes::default(),
        }
    }

    /// States the day on which the customer was won, which may be before the first purchase.
    #[must_use]
    pub fn with_acquired_on(self, day: Day) -> Self {
        Self { acquired_on: Some(day), ..self }
    }

    /// States how the customer was won.
    #[must_use]
    pub fn with_source(self, source: AcquisitionSource) -> Self {
        Self { source: Some(source), ..self }
    }

    /// States between which years the customer was born.
    #[must_use]
    pub fn with_birth_years(self, band: impl Into<Known<BirthYears>>) -> Self {
        Self { birth_years: Some(band.into()), ..self }
    }

    /// States where the customer lives.
    #[must_use]
    pub fn with_region(self, region: impl Into<Known<Region>>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// States the account to which the customer belongs.
    #[must_use]
    pub fn with_account(self, account: impl Into<AccountId>) -> Self {
        Self { account: Some(account.into()), ..self }
    }

    /// Adds an attribute, in place of one of the same name.
    #[must_use]
    pub fn with_attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.insert(attribute);
        self
    }

    /// The id.
    pub fn id(&self) -> &CustomerId {
        &self.id
    }

    /// The day on which the customer was won.
    pub fn acquired_on(&self) -> Option<Day> {
        self.acquired_on
    }

    /// How the customer was won.
    pub fn source(&self) -> Option<&AcquisitionSource> {
        self.source.as_ref()
    }

    /// Between which years the customer was born.
    pub fn birth_years(&self) -> Option<&Known<BirthYears>> {
        self.birth_years.as_ref()
    }

    /// Where the customer lives.
    pub fn region(&self) -> Option<&Known<Region>> {
        self.region.as_ref()
    }

    /// The account to which the customer belongs.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The attribute of a name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        let place = self.attributes.place(name).ok()?;
        self.attributes.0.get(place)
    }

    /// All attributes, in the order of their names.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = &Attribute> {
        self.attributes.0.iter()
    }

    /// The customer without what a third party said.
    #[must_use]
    pub fn without_third_party(mut self) -> Self {
        self.birth_years.take_if(|band| band.provenance.is_third_party());
        self.region.take_if(|region| region.provenance.is_third_party());
        self.attributes.0.retain(|attribute| !attribute.is_third_party());
        self
    }

    /// The customer without attributes that can reveal a protected trait.
    #[must_use]
    pub fn without_special(mut self) -> Self {
        self.attributes.0.retain(|attribute| !attribute.is_special());
        self
    }

    pub(crate) fn is_referred_by(&self, id: &CustomerId) -> bool {
        self.source.as_ref().and_then(AcquisitionSource::referred_by) == Some(id)
    }

    pub(crate) fn forget_referrer(&mut self) {
        if let Some(source) = &mut self.source {
            source.forget_referrer();
        }
    }
}

/// Attributes with distinct names, in the order of these.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<Attribute>", into = "Vec<Attribute>"))]
struct Attributes(Vec<Attribute>);

impl Attributes {
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|attribute| attribute.name().as_str().cmp(name))
    }

    fn insert(&mut self, attribute: Attribute) {
        match self.place(attribute.name().as_str()) {
            Ok(place) => self.0[place] = attribute,
            Err(place) => self.0.insert(place, attribute),
        }
    }
}

impl TryFrom<Vec<Attribute>> for Attributes {
    type Error = crate::Error;

    fn try_from(mut attributes: Vec<Attribute>) -> Result<Self, crate::Error> {
        attributes.sort_by(|a, b| a.name().cmp(b.name()));
        // Which of two was meant cannot be told from a saved customer.
        let twice = |pair: &&[Attribute]| pair[0].name() == pair[1].name();
        if let Some(pair) = attributes.windows(2).find(twice) {
            let name: &Label = pair[0].name();
            return Err(crate::Error::parameter("attribute", name, "is there twice"));
        }
        Ok(Self(attributes))
    }
}

impl From<Attributes> for Vec<Attribute> {
    fn from(attributes: Attributes) -> Self {
        attributes.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AttributeValue, Provenance, Sensitivity};

    fn attribute(name: &str) -> Attribute {
        Attribute::new(name.parse().unwrap(), AttributeValue::flag(true))
    }

    fn broker() -> Provenance {
        Provenance::ThirdParty { source: "a broker".parse().unwrap() }
    }

    #[test]
    fn the_later_of_two_attributes_of_a_name_stands() {
        let no = Attribute::new("vip".parse().unwrap(), AttributeValue::flag(false));
        let customer = Customer::new(1_u64).with_attribute(attribute("vip")).with_attribute(no.clone());
        assert_eq!(customer.attributes().collect::<Vec<_>>(), [&no]);
    }

    #[test]
    fn what_may_not_be_used_goes_in_one_call() {
        let customer = Customer::new("anna")
            .with_birth_years(Known::new(BirthYears::decade(1980).unwrap(), broker()))
            .with_region(Region::new("DE".parse().unwrap()))
            .with_attribute(attribute("bought").provenance(broker()))
            .with_attribute(attribute("faith").sensitivity(Sensitivity::Special))
            .with_attribute(attribute("plain"));
        let names = |customer: &Customer| -> Vec<String> {
            customer.attributes().map(|attribute| attribute.name().to_string()).collect()
        };
        let own = customer.clone().without_third_party();
        assert_eq!(names(&own), ["faith", "plain"]);
        assert!(own.birth_years().is_none() && own.region().is_some());
        assert_eq!(names(&customer.without_special()), ["bought", "plain"]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_saved_customer_has_each_attribute_once() {
        let customer = Customer::new("anna").with_attribute(attribute("a")).with_attribute(attribute("b"));
        let json = serde_json::to_string(&customer).unwrap();
        assert_eq!(serde_json::from_str::<Customer>(&json).unwrap(), customer);
        let twice = json.replace(r#""name":"b""#, r#""name":"a""#);
        assert!(serde_json::from_str::<Customer>(&twice).unwrap_err().to_string().contains("twice"));
    }
}
