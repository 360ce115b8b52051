//! A name for a cluster, suggested by what sets it apart. Hosts know better ones.

use super::Profiles;

/// Features that a name speaks of at the most.
const MOST_WORDS: usize = 3;

/// What customers are called who have much or little of a feature.
///
/// # Example
/// ```
/// use patronage::cluster::Words;
///
/// let words = Words::default().with("visits", "browsing", "seldom seen");
/// assert_eq!(words.of("visits", 1.2), "browsing");
/// assert_eq!(words.of("orders", -0.9), "rare");
/// assert_eq!(words.of("tickets", 2.0), "high tickets");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(Vec<(String, String, String)>);

impl Default for Words {
    /// Words for the features that [`Features`](crate::feature::Features) makes of purchases.
    fn default() -> Self {
        let known = [
            ("idle_days", "lapsed", "recent"),
            ("orders", "frequent", "rare"),
            ("purchases", "frequent", "rare"),
            ("purchase_days", "frequent", "rare"),
            ("repeats", "frequent", "rare"),
            ("total", "high spend", "low spend"),
            ("mean_per_order", "large orders", "small orders"),
            ("mean_repeat_spend", "large orders", "small orders"),
            ("margin", "high margin", "low margin"),
            ("age_days", "long known", "new"),
            ("gap_mean", "slow to return", "quick to return"),
        ];
        Self(known.map(|(feature, high, low)| (feature.into(), high.into(), low.into())).into())
    }
}

impl Words {
    /// Says `high` of much of a feature and `low` of little, in place of what was said before.
    #[must_use]
    pub fn with(mut self, feature: &str, high: &str, low: &str) -> Self {
        self.0.retain(|known| known.0 != feature);
        self.0.push((feature.to_owned(), high.to_owned(), low.to_owned()));
        self
    }

    /// What is said of a cluster that differs so in a feature: "high x" and "low x" where nothing else is known.
    pub fn of(&self, feature: &str, difference: f64) -> String {
        match (self.0.iter().find(|known| known.0 == feature), difference > 0.0) {
            (Some((_, high, _)), true) => high.clone(),
            (Some((_, _, low)), false) => low.clone(),
            (None, true) => format!("high {feature}"),
            (None, false) => format!("low {feature}"),
        }
    }
}

impl Profiles {
    /// A name for each cluster, such as "frequent, low spend, recent": what sets it apart most, in up to three
    /// words, and "average" where nothing does. Clusters of one name are numbered, so that no two are alike.
    pub fn names(&self, words: &Words) -> Vec<String> {
        let name = |cluster| {
            let apart = self.sets_apart(cluster);
            let mut said: Vec<String> = Vec::new();
            for (feature, difference) in apart {
                let word = words.of(feature, difference);
                if said.len() < MOST_WORDS && !said.contains(&word) {
                    said.push(word);
                }
            }
            if said.is_empty() { "average".to_owned() } else { said.join(", ") }
        };
        let mut names: Vec<String> = Vec::new();
        for name in (0..self.clusters.len()).map(name) {
            let numbered = (2..).map(|number| format!("{name} ({number})"));
            let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
            names.extend(free);
        }
        names
    }
}
