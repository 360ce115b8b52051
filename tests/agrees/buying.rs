//! NBD, BG/NBD and MBG/NBD at given parameters: published values, and mpmath.

use patronage::{
    cltv::{BgNbdModel, MbgNbdModel, NbdModel},
    domain::{Horizon, Rate, Tick},
    model::PurchaseModel,
    summary::History,
};

#[track_caller]
fn close(found: f64, known: f64, tolerance: f64) {
    assert!((found - known).abs() <= tolerance * known.abs(), "{found} is not {known}");
}

fn history(repeats: u32, recency: f64, age: f64) -> History {
    History::new(repeats, recency, age).unwrap()
}

/// The parameters printed in Fader, Hardie & Lee (2005).
fn paper() -> BgNbdModel {
    BgNbdModel::new(Tick::Week, 0.243, 4.414, 0.793, 2.426).unwrap()
}

/// P(alive) and E[Y(t)] of one customer.
fn forecasts(model: &dyn PurchaseModel, row: History, horizon: Horizon) -> [f64; 2] {
    let (mut alive, mut ahead) = ([0.0], [0.0]);
    model.p_alive_into(&[row], &mut alive);
    model.expected_purchases_into(&[row], horizon, &mut ahead);
    [alive[0], ahead[0]]
}

fn worth(model: &dyn PurchaseModel, row: History) -> f64 {
    let mut out = [0.0];
    model.discounted_purchases_into(&[row], Rate::yearly(0.1).unwrap(), &mut out);
    out[0]
}

fn probability(model: &dyn PurchaseModel, row: History, horizon: Horizon, k: usize) -> f64 {
    let mut room = vec![0.0; k + 1];
    model.distribution_into(&row, horizon, &mut room);
    room[k]
}

#[test]
fn the_papers_customer() {
    let row = history(2, 30.43, 38.86);
    let [alive, ahead] = forecasts(&paper(), row, Horizon::weeks(39));
    close(alive, 0.726_578_570_080_673, 1e-12);
    close(ahead, 1.226_028_174_767_14, 1e-12);
    // The published forms have a pole here; this is the mean of a = 1 - 1e-6 and 1 + 1e-6.
    let at_one = BgNbdModel::new(Tick::Week, 0.243, 4.414, 1.0, 2.426).unwrap();
    close(forecasts(&at_one, row, Horizon::weeks(39))[1], 1.102_136_79, 5e-9);
}

#[test]
fn log_likelihoods_of_single_customers() {
    let example = BgNbdModel::new(Tick::Week, 0.25, 4.0, 0.8, 2.5).unwrap();
    assert!((example.log_likelihood(&history(0, 0.0, 40.0)) + 0.599_473_82).abs() < 5e-9);
    assert!((example.log_likelihood(&history(200, 38.0, 40.0)) - 100.7957).abs() < 5e-5);
    let fitted = BgNbdModel::new(Tick::Day, 0.242_594_53, 7.0 * 4.413_602_08, 0.792_922_12, 2.425_907_34);
    let fitted = fitted.unwrap();
    // In days; a purchase has a density by week.
    let published = [
        (2, 213.0, -9.4596),
        (1, 12.0, -4.4711),
        (0, 0.0, -0.5538),
        (7, 206.0, -21.8644),
        (5, 171.0, -17.3593),
        (10, 239.0, -27.3144),
    ];
    for (repeats, recency, known) in published {
        let by_day = fitted.log_likelihood(&history(repeats, recency, 272.0));
        let found = by_day + f64::from(repeats) * 7_f64.ln();
        assert!((found - known).abs() < 5.1e-5, "{repeats} {recency}: {found} {known}");
    }
    let published = [(0.55, 0.61, -4.110_316_73), (0.45, 0.61, -4.242_031_29), (0.45, 0.71, -4.240_328_09)];
    for (r, a, known) in published {
        let modified = MbgNbdModel::new(Tick::Week, r, 10.58, a, 11.67).unwrap();
        assert!((modified.log_likelihood(&history(1, 1.5, 12.0)) - known).abs() < 1e-8);
    }
}

#[test]
fn repeat_purchases_of_a_new_customer() {
    let known = [
        (0.1429, 0.007_828_347_516),
        (1.0, 0.053_267_891_17),
        (3.0, 0.150_865_230_9),
        (31.8571, 1.041_996_061),
        (32.0, 1.045_243_328),
        (78.0, 1.860_519_058),
    ];
    for (weeks, known) in known {
        // The answer depends on t / alpha alone.
        let scaled = BgNbdModel::new(Tick::Week, 0.243, 4.414 / weeks, 0.793, 2.426).unwrap();
        let model: &dyn PurchaseModel = &scaled;
        close(model.expected_purchases_new(Horizon::weeks(1)), known, 1e-9);
    }
    let mut room = [0.0; 11];
    let model: &dyn PurchaseModel = &paper();
    model.distribution_new_into(Horizon::weeks(2), &mut room);
    close(room[10], 1.078_689_64e-7, 5e-9);
    model.distribution_new_into(Horizon::weeks(39), &mut room);
    close(room[0], 0.573_786_352_1, 1e-10);
}

/// By mpmath at 25 digits. The log-likelihood and P(alive) from gamma functions; E[Y(t)] as P(alive) times the
/// integral of (1 - (1 + p t/(alpha + T))^-(r + x)) / p over the beta density of p; DERT at 10 % a year as
/// P(alive) times that of λ/δ 2F1(1, a; a + b; -λ/δ) over the gamma density of λ; probabilities by
/// `betainc`. Times are in days.
#[test]
fn forecasts_agree_with_mpmath() {
    for (modified, [r, alpha, a, b], (repeats, recency, age), days, known, k, chance) in KNOWN {
        let row = history(repeats, recency, age);
        let bg = BgNbdModel::new(Tick::Day, r, alpha, a, b).unwrap();
        let mbg = MbgNbdModel::new(Tick::Day, r, alpha, a, b).unwrap();
        let model: &dyn PurchaseModel = if modified { &mbg } else { &bg };
        let log = if modified { mbg.log_likelihood(&row) } else { bg.log_likelihood(&row) };
        let horizon = Horizon::days(days);
        let [alive, ahead] = forecasts(model, row, horizon);
        assert!((log - known[0]).abs() < 1e-11, "{log} {}", known[0]);
        close(alive, known[1], 1e-11);
        close(ahead, known[2], 1e-11);
        close(worth(model, row), known[3], 1e-11);
        close(probability(model, row, horizon, k), chance, 1e-11);
    }
}

type Known = (bool, [f64; 4], (u32, f64, f64), u32, [f64; 4], usize, f64);

/// Whether MBG/NBD; r, alpha, a, b; x, `t_x`, T; days ahead; log-likelihood, P(alive), E[Y], DERT; k, P(Y = k).
#[allow(clippy::unreadable_literal, clippy::excessive_precision, reason = "as mpmath prints them")]
const KNOWN: [Known; 12] = [
    (
        false,
        [0.243, 4.414, 0.793, 2.426],
        (2, 30.43, 38.86),
        39,
        [-9.4586063070662712, 0.72657857008067291, 1.2260281747671445, 15.212697717282294],
        3,
        0.08085005599575532,
    ),
    (
        false,
        [0.25, 4.0, 0.3, 0.5],
        (0, 0.0, 40.0),
        52,
        [-0.59947381819959264, 1.0, 0.24359685899099911, 5.5618145170439067],
        0,
        0.82280204204069039,
    ),
    (
        false,
        [0.25, 4.0, 1.0, 2.5],
        (3, 20.0, 40.0),
        39,
        [-12.139754686005761, 0.38559565367375241, 0.87941763529205499, 7.191009877546656],
        1,
        0.11511992311357139,
    ),
    (
        false,
        [0.25, 4.0, 1.000000001, 2.5],
        (3, 20.0, 40.0),
        39,
        [-12.139754686081112, 0.38559565343684074, 0.87941763458228881, 7.1910098603837158],
        2,
        0.084338605987239243,
    ),
    (
        false,
        [0.25, 4.0, 0.8, 2.5],
        (400, 199.0, 200.0),
        52,
        [-137.59351084002202, 0.98595738723267332, 91.70883494927134, 1376.4263448093511],
        40,
        0.0016561197242035666,
    ),
    (
        false,
        [6.5, 0.01, 0.05, 30.0],
        (0, 0.0, 0.0001),
        7,
        [-0.06467715054559254, 1.0, 3666.938464915834, 1438262.950099795],
        20,
        0.00099435820708771821,
    ),
    (
        false,
        [0.6, 12.0, 25.0, 400.0],
        (12, 50.0, 60.0),
        5000,
        [-34.191302439061203, 0.7141483086979696, 12.973693981896954, 12.589627998520225],
        30,
        0.0073255318798706921,
    ),
    (
        false,
        [30.0, 100.0, 0.02, 0.01],
        (5, 10.0, 30.0),
        260,
        [-15.02152347734871, 0.36677465434860109, 24.679180132012849, 343.26784609007888],
        4,
        0.00090428090554600172,
    ),
    (
        true,
        [0.525, 6.183, 0.891, 1.614],
        (2, 30.43, 38.86),
        39,
        [-9.4855513145339315, 0.70620226511848728, 1.2629606232673657, 12.969800482165172],
        1,
        0.23422405642628645,
    ),
    (
        true,
        [0.25, 4.0, 0.3, 0.5],
        (0, 0.0, 40.0),
        52,
        [-0.33102417834927341, 0.47785245337129308, 0.12844798206142331, 3.9537563833062243],
        2,
        0.016217796729227269,
    ),
    (
        true,
        [0.25, 4.0, 1.0, 0.02],
        (0, 0.0, 0.0),
        1000,
        [0.0, 0.019607843137254902, 0.057091147503100492, 0.069870897474438109],
        1,
        0.0078875370799909857,
    ),
    (
        true,
        [12.0, 3.0, 0.9999999, 5.0],
        (250, 70.0, 75.0),
        365,
        [57.145014961753641, 7.3848293382272948e-6, 0.0033197815013675024, 0.0064802160327310565],
        60,
        1.8992527238016269e-8,
    ),
];

#[test]
fn nbd_is_a_negative_binomial_distribution() {
    // scipy.stats.nbinom(2.5, (10 + 7) / (10 + 7 + 4)): mean, and pmf at 0 and 3.
    let model: &dyn PurchaseModel = &NbdModel::new(Tick::Week, 0.5, 10.0).unwrap();
    let row = history(2, 6.0, 7.0);
    close(forecasts(model, row, Horizon::weeks(4))[0], 1.0, 0.0);
    close(forecasts(model, row, Horizon::weeks(4))[1], 0.588_235_294_117_647, 1e-14);
    close(probability(model, row, Horizon::weeks(4), 0), 0.589_622_525_472_708_3, 1e-13);
    close(probability(model, row, Horizon::weeks(4), 3), 0.026_740_250_588_331_43, 1e-13);
    // The rate of purchase over the continuous discount, ln 1.1 a year of 365.2425 days.
    close(worth(model, row), 2.5 / 17.0 / (1.1_f64.ln() * 7.0 / 365.2425), 1e-14);
}
