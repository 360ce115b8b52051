//! Decision trees against scikit-learn 1.9.1, `DecisionTreeClassifier`, on examples without ties: it grows the same tree
//! for each of 20 random states, in which it draws the order of the columns.

use patronage::{
    churn::{ChurnModel, Examples, Impurity, Predictors, Tree, TreeModel},
    domain::{CustomerId, Customers, Day},
    feature::Features,
};

/// A linear congruential generator (Knuth's MMIX), which any program can follow: numbers from 0 to 1.
struct Lcg(u64);

impl Lcg {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A table of numbers.
pub(crate) fn predictors(columns: Vec<(String, Vec<f64>)>) -> Predictors {
    let rows = columns.first().map_or(0, |column| column.1.len());
    let people: Customers = (0..rows as u32).map(CustomerId::from).collect();
    let some = |(name, values): (String, Vec<f64>)| (name, values.into_iter().map(Some).collect());
    let features = Features::new(people, Day::default(), columns.into_iter().map(some)).unwrap();
    Predictors::of(&features)
}

/// Columns a, b, c and d of numbers from 0 to 1 (of few digits: scikit-learn halves the precision); who is high in a, or
/// in b and c at once, churns four times in five, others one time in five.
pub(crate) fn examples(rows: usize, seed: u64) -> Examples {
    let mut chance = Lcg(seed);
    let (mut columns, mut churned) = (vec![Vec::new(); 4], Vec::new());
    for _ in 0..rows {
        let row = [(); 4].map(|()| (chance.next() * f64::from(1 << 20)).floor() / f64::from(1 << 20));
        let risk = 0.2 + 0.6 * f64::from(u8::from(row[0] + row[1] * row[2] > 0.8));
        churned.push(chance.next() < risk);
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let names = ["a", "b", "c", "d"].map(str::to_owned);
    Examples::new(predictors(names.into_iter().zip(columns).collect()), churned).unwrap()
}

/// Of 300 later customers the sum of the probabilities, and of each times the row's number.
#[track_caller]
fn forecasts(model: &TreeModel, later: &Predictors, known: [f64; 2]) {
    let found = model.probabilities(later).unwrap();
    let sums =
        [found.iter().sum::<f64>(), found.iter().enumerate().map(|(row, p)| row as f64 * p).sum::<f64>()];
    for (found, known) in sums.iter().zip(known) {
        assert!((found / known - 1.0).abs() < 1e-12, "{found} {known}");
    }
}

/// The leaves from the left: rows and how many churned.
#[track_caller]
fn leaves(model: &TreeModel, known: &[(u32, u32)]) {
    let found =
        model.rules().into_iter().map(|rule| (rule.rows, (rule.share * f64::from(rule.rows)).round()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        known.iter().map(|&(rows, churned)| (rows, f64::from(churned))).collect::<Vec<_>>()
    );
}

#[track_caller]
fn importances(model: &TreeModel, known: [f64; 4]) {
    for ((column, found), known) in model.importance().zip(known) {
        assert!((found - known).abs() < 1e-12, "{column}: {found} {known}");
    }
}

#[test]
fn least_leaves() {
    // min_samples_leaf=35
    let model = Tree::unlimited().leaf_rows(35).fit(&examples(800, 7)).unwrap();
    let known = [
        (59, 15),
        (61, 6),
        (39, 4),
        (42, 11),
        (62, 6),
        (46, 14),
        (57, 21),
        (40, 8),
        (43, 18),
        (39, 18),
        (59, 48),
        (51, 31),
        (36, 29),
        (53, 49),
        (35, 31),
        (38, 27),
        (40, 32),
    ];
    leaves(&model, &known);
    assert_eq!(model.depth(), 8);
    let root = model.rules()[16].conditions[0].to_string();
    assert!(root.starts_with("a > 0."), "{root}");
    importances(
        &model,
        [
            0.691_983_556_313_409_4,
            0.177_586_113_727_740_64,
            0.124_649_164_973_307_44,
            0.005_781_164_985_542_607,
        ],
    );
    forecasts(&model, examples(300, 8).predictors(), [128.716_594_948_818_65, 19_686.317_541_296_972]);
}

#[test]
fn entropy_to_a_depth() {
    // criterion="entropy", max_depth=4, min_samples_leaf=20
    let way = Tree::unlimited().impurity(Impurity::Entropy).depth(4).leaf_rows(20);
    let model = way.fit(&examples(800, 7)).unwrap();
    let known = [
        (49, 5),
        (260, 51),
        (30, 4),
        (27, 17),
        (56, 11),
        (52, 28),
        (36, 20),
        (37, 33),
        (21, 17),
        (30, 14),
        (142, 120),
        (31, 21),
        (29, 27),
    ];
    leaves(&model, &known);
    importances(
        &model,
        [0.685_106_635_646_853_4, 0.155_279_542_037_625, 0.116_742_196_896_095_07, 0.042_871_625_419_426_23],
    );
    forecasts(&model, examples(300, 8).predictors(), [129.069_019_522_863_68, 19_583.004_132_495_24]);
}

#[test]
fn weights_of_rows() {
    // min_samples_leaf=30, sample_weight = 1 + r² % 5
    let weights = (0..800_u32).map(|row| f64::from(1 + row * row % 5)).collect();
    let model = Tree::unlimited().leaf_rows(30).fit(&examples(800, 7).weighted(weights).unwrap()).unwrap();
    let known: [(u32, f64); 20] = [
        (42, 0.259_259_259_259_259_24),
        (52, 0.088_607_594_936_708_86),
        (45, 0.222_222_222_222_222_2),
        (38, 0.016_129_032_258_064_516),
        (30, 0.109_756_097_560_975_61),
        (51, 0.073_825_503_355_704_7),
        (53, 0.295_180_722_891_566_27),
        (33, 0.551_401_869_158_878_5),
        (30, 0.253_012_048_192_771_07),
        (30, 0.083_333_333_333_333_33),
        (32, 0.35),
        (30, 0.626_373_626_373_626_4),
        (41, 0.524_271_844_660_194_2),
        (40, 0.817_391_304_347_826_1),
        (46, 0.598_684_210_526_315_8),
        (59, 0.852_941_176_470_588_2),
        (35, 0.962_616_822_429_906_5),
        (33, 0.936_363_636_363_636_4),
        (35, 0.627_450_980_392_156_9),
        (45, 0.808_823_529_411_764_7),
    ];
    for (rule, (rows, share)) in model.rules().iter().zip(known) {
        assert!(rule.rows == rows && (rule.share - share).abs() < 1e-15, "{rule} {rows} {share}");
    }
    assert_eq!(model.leaves(), 20);
    forecasts(&model, examples(300, 8).predictors(), [122.428_587_536_093_25, 18_820.111_626_279_664]);
}

#[test]
fn a_least_gain() {
    // min_samples_leaf=10, min_impurity_decrease=0.002
    let model = Tree::unlimited().leaf_rows(10).least_gain(0.002).fit(&examples(800, 7)).unwrap();
    let known = [
        (309, 56),
        (30, 4),
        (10, 3),
        (17, 14),
        (16, 0),
        (12, 7),
        (29, 4),
        (14, 5),
        (12, 10),
        (10, 7),
        (10, 5),
        (11, 1),
        (14, 8),
        (53, 45),
        (16, 15),
        (13, 3),
        (22, 13),
        (202, 168),
    ];
    leaves(&model, &known);
    forecasts(&model, examples(300, 8).predictors(), [129.814_154_765_965_2, 19_694.831_129_477_876]);
}

#[test]
fn one_column_without_limit() {
    // Column a alone: 344 leaves, 37 deep.
    let (learn, later) = (examples(800, 7).select(&["a"]).unwrap(), examples(300, 8).select(&["a"]).unwrap());
    let model = Tree::unlimited().fit(&learn).unwrap();
    assert_eq!((model.leaves(), model.depth()), (344, 37));
    forecasts(&model, later.predictors(), [138.0, 21_137.0]);
}
