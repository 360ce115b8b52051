//! How a customer was won.

use super::{CustomerId, Label};

/// The kind of place where a customer first came from.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum AcquisitionChannel {
    /// On their own, by name or address.
    Direct,
    /// In a shop.
    Store,
    /// A search engine, unpaid.
    OrganicSearch,
    /// A search engine, paid.
    PaidSearch,
    /// A social network, unpaid.
    Social,
    /// Any other advertisement.
    Advertisement,
    /// An email.
    Email,
    /// Another customer.
    Referral,
    /// A partner or reseller.
    Partner,
    /// A fair or another gathering.
    Gathering,
    /// A channel that the host names.
    Other(Label),
}

/// How a customer was won: the first touch.
///
/// # Example
/// ```
/// use patronage::domain::{AcquisitionChannel, AcquisitionSource};
///
/// let friend = AcquisitionSource::new(AcquisitionChannel::Referral)
///     .campaign("spring 2025".parse()?)
///     .referrer("anna".into());
/// assert_eq!(friend.referred_by(), Some(&"anna".into()));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AcquisitionSource {
    channel: AcquisitionChannel,
    campaign: Option<Label>,
    referrer: Option<CustomerId>,
}

impl AcquisitionSource {
    /// A channel, without a campaign or a referrer.
    pub const fn new(channel: AcquisitionChannel) -> Self {
        Self { channel, campaign: None, referrer: None }
    }

    /// The campaign that won the customer.
    #[must_use]
    pub fn campaign(self, campaign: Label) -> Self {
        Self { campaign: Some(campaign), ..self }
    }

    /// The customer who referred this one.
    #[must_use]
    pub fn referrer(self, referrer: CustomerId) -> Self {
        Self { referrer: Some(referrer), ..self }
    }

    /// The channel.
    pub fn channel(&self) -> &AcquisitionChannel {
        &self.channel
    }

    /// The campaign, where it is known.
    pub fn campaign_name(&self) -> Option<&Label> {
        self.campaign.as_ref()
    }

    /// The customer who referred this one, where there is one.
    pub fn referred_by(&self) -> Option<&CustomerId> {
        self.referrer.as_ref()
    }

    pub(crate) fn forget_referrer(&mut self) {
        self.referrer = None;
    }
}
