//! BG/BB at given parameters, as reckoned from the formulas of the paper by mpmath at 40 digits: P(alive) by
//! equation 11, expected purchases by 13, DERT by 14 with 2F1, the distributions by 8 and 12.

use patronage::{
    cltv::BgBbModel,
    domain::{Horizon, Rate, Tick},
    model::{AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseForecast},
    summary::{History, HistoryTable},
};

fn close(found: f64, known: f64) {
    assert!((found / known - 1.0).abs() < 1e-9, "{found} {known}");
}

struct Known {
    repeats: u32,
    last: f64,
    alive: f64,
    /// In the next five years.
    expected: f64,
    /// At 10 % a year.
    discounted: f64,
    /// Of 0 to 5 purchases in the next five years.
    distribution: [f64; 6],
}

const KNOWN: [Known; 3] = [
    Known {
        repeats: 0,
        last: 0.0,
        alive: 0.108_016_584_168_674_2,
        expected: 0.072_802_877_475_043,
        discounted: 0.114_646_996_181_764_1,
        distribution: [
            0.952_234_608_300_2,
            0.029_828_187_024_81,
            0.012_318_629_046_091,
            0.004_309_092_253_819_1,
            0.001_137_261_278_828_7,
            0.000_172_222_096_255_87,
        ],
    },
    Known {
        repeats: 2,
        last: 4.0,
        alive: 0.589_514_116_433_697_8,
        expected: 1.057_348_941_909_681,
        discounted: 1.665_069_902_593_707,
        distribution: [
            0.519_568_102_057_33,
            0.161_683_881_772_62,
            0.145_780_824_142_28,
            0.103_596_054_003_76,
            0.053_540_440_278_82,
            0.015_830_697_745_188,
        ],
    },
    Known {
        repeats: 6,
        last: 6.0,
        alive: 0.930_402_542_372_881_4,
        expected: 3.752_115_607_599_815,
        discounted: 5.908_678_319_555_381,
        distribution: [
            0.076_841_143_774_012,
            0.066_761_688_241_224,
            0.068_984_902_209_57,
            0.098_238_201_132_722,
            0.193_200_811_671_07,
            0.495_973_252_971_4,
        ],
    },
];

#[test]
fn donors_do_what_the_paper_says() {
    let donors = BgBbModel::new(Tick::Year, 1.204, 0.750, 0.657, 2.783).unwrap();
    let (five, rate) = (Horizon::years(5), Rate::yearly(0.10).unwrap());
    for known in KNOWN {
        let history = History::new(known.repeats, known.last, 6.0).unwrap();
        let one = HistoryTable::new(Tick::Year, vec![history]);
        close(donors.p_alive(&one)[0], known.alive);
        close(donors.expected_purchases(&one, five)[0], known.expected);
        close(donors.discounted_purchases(&one, rate).unwrap()[0], known.discounted);
        let mut distribution = [0.0; 6];
        donors.distribution_into(&history, five, &mut distribution);
        distribution.iter().zip(known.distribution).for_each(|(&found, known)| close(found, known));
    }
    let mut new = [0.0; 5];
    donors.distribution_new_into(Horizon::years(4), &mut new);
    let known = [
        0.330_794_325_097_410_1,
        0.196_322_606_580_784_6,
        0.155_032_530_228_327_4,
        0.145_805_355_968_541,
        0.172_045_182_124_936_9,
    ];
    new.iter().zip(known).for_each(|(&found, known)| close(found, known));
}

#[test]
fn gamma_of_one_is_no_hole() {
    // By the sum of the terms that the formula with gamma - 1 below the line stands for.
    let model = |gamma| BgBbModel::new(Tick::Year, 1.204, 0.750, gamma, 2.783).unwrap();
    let one = HistoryTable::from_columns(Tick::Year, &[2], &[4.0], &[6.0]).unwrap();
    let expected = |gamma| model(gamma).expected_purchases(&one, Horizon::years(10))[0];
    close(expected(1.0), 1.356_111_673_246_665);
    for near in [1e-14, 1e-11, 1e-8] {
        assert!((expected(1.0 + near) - expected(1.0 - near)).abs() < 3.0 * near + 1e-14);
    }
}
