//! k-prototypes and k-modes: what the package kmodes 0.12.2 finds from the same start.

use ndarray::{Array2, Axis};
use patronage::{
    cluster::{KPrototypes, MixedPoints, Points},
    model::Stop,
};

use super::{Chance, blobs};

/// The blobs of two columns, and three columns of 5, 3 and 7 categories that mostly go by the blob.
#[allow(clippy::cast_sign_loss, reason = "what is drawn is above 0")]
pub(crate) fn mixed(rows: usize) -> (Array2<f64>, [Vec<u32>; 3]) {
    let mut chance = Chance(13);
    let mut codes: [Vec<u32>; 3] = Default::default();
    for row in 0..rows {
        for (column, levels) in codes.iter_mut().zip([5, 3, 7]) {
            let drawn = chance.next();
            let code =
                if drawn < 0.7 { row % 5 % levels } else { (drawn * 1000.0).floor() as usize % levels };
            column.push(code as u32);
        }
    }
    (blobs(rows, 2), codes)
}

/// The first five points.
fn start(numbers: &Array2<f64>, codes: &[Vec<u32>; 3]) -> KPrototypes {
    let modes = (0..5).map(|row| codes.iter().map(|column| column[row]).collect()).collect();
    KPrototypes::starting_at(numbers.select(Axis(0), &[0, 1, 2, 3, 4]), modes)
}

/// `KPrototypes(5, init=[X[:5], C[:5]], n_init=1, gamma=gamma, max_iter=200)`: gamma, cost_, the sizes, and the
/// means of the fifth cluster.
type Known = (Option<f64>, f64, f64, [u64; 5], [f64; 2]);

const KNOWN: [Known; 3] = [
    (
        None,
        1.664_532_066_981_988_7,
        483.619_033_421_830_8,
        [60, 59, 60, 60, 61],
        [5.908_445_856_9, 8.996_820_696_9],
    ),
    (Some(4.0), 4.0, 961.007_535_969_471, [60, 58, 60, 60, 62], [5.928_649_224_4, 9.013_984_207_7]),
    (Some(20.0), 20.0, 4_187.081_371_928_256, [61, 61, 56, 60, 62], [5.860_959_03, 8.971_428_837_1]),
];

#[test]
fn numbers_and_categories() {
    let (numbers, codes) = mixed(300);
    let columns: Vec<&[u32]> = codes.iter().map(Vec::as_slice).collect();
    let points = MixedPoints::new(Points::new(numbers.view()).unwrap(), &columns).unwrap();
    for (gamma, used, cost, sizes, means) in KNOWN {
        let way = start(&numbers, &codes);
        let way = gamma.map_or(way.clone(), |gamma| way.gamma(gamma));
        let found = way.fit(&points).unwrap();
        let model = &found.model;
        assert!((model.gamma() - used).abs() < 1e-12 && model.stop() == Stop::Converged);
        assert!((model.cost() / cost - 1.0).abs() < 1e-12, "{} {cost}", model.cost());
        assert_eq!(found.labels.sizes(), sizes);
        assert!(model.means().row(4).iter().zip(means).all(|(found, known)| (found - known).abs() < 1e-9));
        assert_eq!(model.modes(), [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 0, 3], [4, 1, 4]]);
        assert_eq!(model.assign(&points).unwrap(), found.labels);
    }
    // The best of ten of its starts by Cao's rule, under three seeds each.
    let found = KPrototypes::new(5, 1).gamma(4.0).restarts(10).fit(&points).unwrap();
    assert!((found.model.cost() / 961.007_535_969_470_7 - 1.0).abs() < 1e-12);
    assert!(found.labels.sizes().is_sorted_by(|a, b| a >= b));
}

#[test]
fn weights() {
    // sample_weight = 1 + i % 3.
    let (numbers, codes) = mixed(300);
    let columns: Vec<&[u32]> = codes.iter().map(Vec::as_slice).collect();
    let weights: Vec<f64> = (0..300).map(|row| f64::from(1 + row % 3)).collect();
    let points = Points::new(numbers.view()).unwrap().weighted(&weights).unwrap();
    let points = MixedPoints::new(points, &columns).unwrap();
    for (gamma, cost, sizes, means) in [
        (1.0, 679.793_934_219_049_4, [60, 59, 60, 60, 61], [7.005_566_044_6, 9.908_342_156_3]),
        (2.0, 1_077.793_934_219_049_3, [60, 59, 60, 60, 61], [7.005_566_044_6, 9.908_342_156_3]),
        (8.0, 3_449.427_564_789_856, [60, 58, 60, 60, 62], [7.001_474_239_5, 9.904_325_940_3]),
        (10.0, 4_239.427_564_789_855, [60, 58, 60, 60, 62], [7.001_474_239_5, 9.904_325_940_3]),
    ] {
        let found = start(&numbers, &codes).gamma(gamma).fit(&points).unwrap();
        assert!((found.model.cost() / cost - 1.0).abs() < 1e-12, "{} {cost}", found.model.cost());
        assert_eq!(found.labels.sizes(), sizes);
        assert!(
            found.model.means().row(1).iter().zip(means).all(|(found, known)| (found - known).abs() < 1e-9)
        );
    }
    // Where kmodes moves one point after another, and ends elsewhere, it does not end lower.
    for (gamma, cost) in [(4.0, 1_871.637_186_146_770_3), (20.0, 8_107.164_639_958_902)] {
        let found = start(&numbers, &codes).gamma(gamma).fit(&points).unwrap();
        assert!(found.model.cost() < cost && found.model.cost() > 0.99 * cost, "{}", found.model.cost());
    }
}

#[test]
fn categories_alone() {
    // KModes(5, init=C[:5], n_init=1), and the best of 60 starts by Huang's rule.
    let (_, codes) = mixed(300);
    let columns: Vec<&[u32]> = codes.iter().map(Vec::as_slice).collect();
    let points = MixedPoints::categorical(&columns).unwrap();
    let found = start(&Array2::zeros((300, 0)), &codes).fit(&points).unwrap();
    assert!((found.model.cost() - 186.0).abs() < 1e-9 && (found.model.gamma() - 1.0).abs() < 1e-12);
    assert_eq!(found.labels.sizes(), [70, 66, 52, 50, 62]);
    assert_eq!(found.model.modes(), [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 0, 3], [4, 1, 4]]);
    let drawn = KPrototypes::new(5, 3).restarts(20).fit(&points).unwrap();
    assert!((drawn.model.cost() - 186.0).abs() < 1e-9, "{}", drawn.model.cost());
}
