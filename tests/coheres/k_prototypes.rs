//! k-prototypes: its cost recounted, on any number of threads, with missing categories, saved.

use ndarray::{Array2, array};
use patronage::cluster::{KPrototypes, KPrototypesModel, MixedPoints, Points};
use proptest::prelude::*;

use crate::agrees::mixed;

/// The distance, as it is defined.
fn distance(model: &KPrototypesModel, cluster: usize, numbers: &[f64], codes: &[u32]) -> f64 {
    let squares: f64 =
        model.means().row(cluster).iter().zip(numbers).map(|(mean, x)| (x - mean).powi(2)).sum();
    let differs = |(mode, code): &(&u32, &u32)| **code != MixedPoints::MISSING && mode != code;
    squares + model.gamma() * model.modes()[cluster].iter().zip(codes).filter(differs).count() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn labels_and_cost_are_of_the_prototypes(
        rows in prop::collection::vec(
            (-3..3_i8, prop_oneof![0..4_u32, Just(MixedPoints::MISSING)], prop_oneof![0..2_u32, Just(u32::MAX - 1)]),
            1..60,
        ),
        clusters in 1..6_usize,
        seed in any::<u64>(),
        max_steps in 1..30_u32,
    ) {
        let clusters = clusters.min(rows.len());
        let numbers = Array2::from_shape_fn((rows.len(), 1), |(row, _)| f64::from(rows[row].0));
        let (first, second): (Vec<u32>, Vec<u32>) = rows.iter().map(|row| (row.1, row.2)).unzip();
        let weights: Vec<f64> = (0..rows.len()).map(|row| 1.0 + (row % 3) as f64).collect();
        let points = Points::new(numbers.view()).unwrap().weighted(&weights).unwrap();
        let points = MixedPoints::new(points, &[&first, &second]).unwrap();
        let found = KPrototypes::new(clusters, seed).gamma(1.5).restarts(2).max_steps(max_steps).fit(&points).unwrap();
        prop_assert!(found.model.clusters() <= clusters && found.labels.noise() == 0);
        prop_assert!(found.labels.sizes().iter().all(|size| *size > 0));
        let assigned = found.model.assign(&points).unwrap();
        let mut cost = 0.0;
        for row in 0..rows.len() {
            let apart = |cluster| distance(&found.model, cluster, &[numbers[(row, 0)]], &[first[row], second[row]]);
            let own = apart(found.labels.get(row).unwrap());
            prop_assert!((0..found.model.clusters()).all(|cluster| own <= apart(cluster) + 1e-9));
            // Of two as near either may be taken.
            prop_assert!((apart(assigned.get(row).unwrap()) - own).abs() < 1e-9);
            cost += weights[row] * own;
        }
        prop_assert!((found.model.cost() - cost).abs() <= 1e-9 * (1.0 + cost));
    }
}

#[test]
fn what_is_missing_says_nothing() {
    let numbers = array![[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]];
    let missing = MixedPoints::MISSING;
    let fit = |codes: &[u32]| {
        let points = Points::new(numbers.view()).unwrap();
        KPrototypes::new(2, 1)
            .gamma(1.0)
            .restarts(5)
            .fit(&MixedPoints::new(points, &[codes]).unwrap())
            .unwrap()
    };
    let some = fit(&[4, 4, missing, missing, missing, missing]);
    assert_eq!(some.model.modes(), [[4], [missing]]);
    assert!((some.model.cost() - 0.04).abs() < 1e-12, "{}", some.model.cost());
    // What all lack changes nothing.
    let none = fit(&[missing; 6]);
    assert_eq!((none.model.means(), &none.labels), (some.model.means(), &some.labels));
    // A known category differs from one that no point of the cluster has.
    let other = array![[9.1], [4.6]];
    let at = |code: u32| {
        let codes = [code; 2];
        let points = MixedPoints::new(Points::new(other.view()).unwrap(), &[&codes]).unwrap();
        some.model.assign(&points).unwrap().iter().collect::<Vec<_>>()
    };
    assert_eq!((at(4), at(missing)), (vec![Some(1), Some(0)], vec![Some(1), Some(0)]));
    assert_eq!(at(7), [Some(1), Some(0)]);
}

#[test]
fn threads_change_no_bit() {
    let (numbers, codes) = mixed(3000);
    let columns: Vec<&[u32]> = codes.iter().map(Vec::as_slice).collect();
    let points = MixedPoints::new(Points::new(numbers.view()).unwrap(), &columns).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| KPrototypes::new(7, 5).restarts(3).fit(&points).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[cfg(feature = "serde")]
#[test]
fn a_saved_model_assigns_as_it_did() {
    let saved = include_str!("../golden/k_prototypes-1.json").trim_end();
    let model: KPrototypesModel = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&model).unwrap(), saved);
    // That of `numbers_and_categories` with a gamma of 4, where kmodes finds these sizes.
    let (numbers, codes) = mixed(300);
    let columns: Vec<&[u32]> = codes.iter().map(Vec::as_slice).collect();
    let points = MixedPoints::new(Points::new(numbers.view()).unwrap(), &columns).unwrap();
    assert_eq!(model.assign(&points).unwrap().sizes(), [60, 58, 60, 60, 62]);
    for (from, to) in [
        (r#""schema":1"#, r#""schema":2"#),
        (r#""k-prototypes""#, r#""k-means""#),
        (r#""gamma":""#, r#""gamma":"-"#),
        (r#""means":["#, r#""means":[[],"#),
        (r#""modes":["#, r#""modes":[[],"#),
        (r#""modes":[["#, r#""modes":[[1,"#),
    ] {
        assert!(saved.contains(from), "{from}");
        assert!(serde_json::from_str::<KPrototypesModel>(&saved.replace(from, to)).is_err(), "{to}");
    }
    let unknown = saved.replacen("[[0,", "[[null,", 1);
    let model: KPrototypesModel = serde_json::from_str(&unknown).unwrap();
    assert_eq!(model.modes()[0][0], MixedPoints::MISSING);
}
