//! Boosting on any table.

use patronage::{
    ErrorKind,
    churn::{Boosting, BoostingModel, Monotone},
};
use proptest::prelude::*;

use super::trees::{check, table};

proptest! {
    #[test]
    fn every_table_has_an_answer(
        table in table(),
        other in table(),
        way in (1_u32..9, 1_u32..6, prop_oneof![Just(0.0), 0.01..10.0, Just(1e300)], 0.1..1.0),
        bound: bool,
        seed: u64,
    ) {
        let (depth, leaf, ridge, share) = way;
        let way = Boosting::new(seed).rounds_by_folds(2, 20).learning_rate(1.0).depth(depth).leaf_rows(leaf);
        let mut way = way.ridge(ridge).rows(share).columns(share);
        if bound && !table.numbers.is_empty() {
            way = way.monotone("n0", Monotone::Decreasing);
        }
        let examples = table.examples();
        for way in [way.clone(), way.rounds(20)] {
            let found = way.fit(&examples);
            if !table.both() {
                let refused = found.unwrap_err();
                prop_assert!(matches!(refused.kind(), ErrorKind::TooFew { .. }), "{}", refused);
                continue;
            }
            let model = found.unwrap();
            check(&model, examples.predictors());
            let parts: f64 = model.importance().map(|(_, part)| part).sum();
            prop_assert!((parts - 1.0).abs() < 1e-12 || parts == 0.0, "{}", parts);
            prop_assert!(way.held_out_losses(&examples).unwrap().iter().all(|loss| loss.is_finite()));
            if (other.numbers.len(), other.texts.len()) == (table.numbers.len(), table.texts.len()) {
                check(&model, &other.predictors());
            }
            #[cfg(feature = "serde")]
            {
                let saved = serde_json::to_string(&model).unwrap();
                prop_assert_eq!(serde_json::from_str::<BoostingModel>(&saved).unwrap(), model);
            }
        }
    }
}
