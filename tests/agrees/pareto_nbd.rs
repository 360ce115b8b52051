//! Pareto/NBD at given parameters. Where no other source is named the numbers were reckoned twice, by the
//! hypergeometric form and by quadrature, in up to 60 digits.

use patronage::{
    cltv::ParetoNbdModel,
    domain::{Horizon, Rate, Tick},
    model::{AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseForecast},
    summary::{History, HistoryTable},
};

fn model(r: f64, alpha: f64, s: f64, beta: f64) -> ParetoNbdModel {
    ParetoNbdModel::new(Tick::Week, r, alpha, s, beta).unwrap()
}

fn one(x: u32, recency: f64, age: f64) -> HistoryTable {
    HistoryTable::new(Tick::Week, vec![History::new(x, recency, age).unwrap()])
}

#[track_caller]
fn close(found: f64, known: f64, tolerance: f64) {
    assert!((found / known - 1.0).abs() <= tolerance, "{found} is not {known}");
}

/// At the maximum of the likelihood of CDNOW.
fn music() -> ParetoNbdModel {
    model(0.553_277_10, 10.577_684_17, 0.606_239_87, 11.668_730_58)
}

#[test]
fn likelihoods_of_one_customer() {
    let customer = History::new(1, 1.5, 12.0).unwrap();
    for (r, s, known) in
        [(0.55, 0.61, -4.006_948_662_19), (0.45, 0.61, -4.147_702_11), (0.45, 0.71, -4.135_933_16)]
    {
        close(model(r, 10.58, s, 11.67).log_likelihood(&customer), known, 3e-9);
    }
}

#[test]
fn likelihoods_that_overflow_elsewhere() {
    let busy = model(10.465, 0.007_985_651_81, 3.0516, 2.820);
    for (x, recency, age, known) in [
        (40, 5.0, 6.0, -5.719_021_585_223_11),
        (50, 1.0, 37.0, 116.301_264_610_116),
        (50, 4.0, 37.0, 31.849_827_969_107_8),
    ] {
        close(busy.log_likelihood(&History::new(x, recency, age).unwrap()), known, 1e-12);
    }
    close(busy.p_alive(&one(40, 5.0, 6.0))[0], 0.001_885_128_2, 1e-7);
    close(busy.p_alive(&one(50, 1.0, 37.0))[0], 1.417_144_3e-96, 1e-7);
}

#[test]
fn purchases_of_a_new_customer() {
    for (weeks, known) in [
        (1, 0.051_006_377_0),
        (3, 0.146_134_446_8),
        (6, 0.275_080_109_3),
        (9, 0.391_337_083_7),
        (52, 1.473_434_293_2),
    ] {
        close(music().expected_purchases_new(Horizon::weeks(weeks)), known, 1e-9);
    }
}

#[test]
fn purchases_of_a_customer_seen() {
    let customer = one(2, 213.0 / 7.0, 272.0 / 7.0);
    close(music().expected_purchases(&customer, Horizon::weeks(39))[0], 1.455_201_759_87, 1e-9);
    close(music().p_alive(&customer)[0], 0.869_134_274_411, 1e-9);
    let customer = HistoryTable::from_columns(Tick::Day, &[2], &[213.0], &[272.0]).unwrap();
    close(music().expected_purchases(&customer, Horizon::days(273))[0], 1.455_201_759_87, 1e-9);
}

#[test]
fn purchases_of_the_busiest() {
    let music = model(0.55, 10.58, 0.61, 11.67);
    for (x, known) in [(132, 6.206_051_788_963_242), (133, 6.252_872_247_574_811)] {
        close(music.expected_purchases(&one(x, 200.0, 200.0), Horizon::weeks(10))[0], known, 1e-12);
    }
}

#[test]
fn discounted_purchases() {
    let music = model(0.562_996_6, 12.559_037_0, 0.408_109_5, 10.514_804_8);
    let rate = Rate::weekly(0.0027_f64.exp_m1()).unwrap();
    for (recency, known, tolerance) in [
        (35.0, 1.864_183_328_07, 1e-9),
        (20.0, 0.097_466_453, 1e-8),
        (50.0, 9.518_111_6, 1e-8),
        (60.0, 14.784_718, 3e-8),
        (70.0, 17.524_823, 3e-8),
    ] {
        let found = music.discounted_purchases(&one(7, recency, 77.86), rate).unwrap()[0];
        close(found, known, tolerance);
    }
}

#[test]
fn probabilities_of_each_number() {
    // mpmath at 30 digits: quad over the negative binomial of r, alpha at τ times the density of leaving at τ,
    // and the same of (r+x, alpha+T, s, beta+T) times P(alive).
    let new = |model: &ParetoNbdModel, weeks, known: &[(usize, f64)]| {
        let mut found = [0.0; 64];
        model.distribution_new_into(Horizon::weeks(weeks), &mut found);
        for &(k, known) in known {
            close(found[k], known, 1e-11);
        }
    };
    new(
        &music(),
        2,
        &[
            (0, 0.912_799_363_767_430_9),
            (1, 0.076_465_048_803_807_85),
            (2, 0.009_285_001_054_386_298),
            (10, 1.892_709_544_763_217e-9),
        ],
    );
    new(
        &music(),
        39,
        &[
            (0, 0.593_532_378_882_380_1),
            (1, 0.165_585_366_591_652_4),
            (2, 0.082_504_252_604_107_12),
            (10, 0.004_195_413_604_121_844),
        ],
    );
    new(
        &model(40.0, 0.8, 3.5, 0.01),
        2,
        &[
            (0, 0.844_288_162_687_687_5),
            (1, 0.124_402_378_986_582_15),
            (5, 0.000_562_547_666_702_614_8),
            (60, 3.764_350_745_779_267e-9),
        ],
    );
    let seen = |model: &ParetoNbdModel, customer: &HistoryTable, weeks, known: &[(usize, f64)]| {
        let mut found = [0.0; 400];
        model.distribution_into(&customer.rows()[0], Horizon::weeks(weeks), &mut found);
        for &(k, known) in known {
            close(found[k], known, 1e-11);
        }
    };
    seen(
        &music(),
        &one(2, 213.0 / 7.0, 272.0 / 7.0),
        39,
        &[
            (0, 0.408_073_631_066_841_36),
            (1, 0.219_265_165_177_291_05),
            (3, 0.095_656_235_728_168_44),
            (10, 0.001_266_803_071_420_806_8),
        ],
    );
    seen(
        &model(0.55, 10.58, 0.61, 11.67),
        &one(133, 200.0, 200.0),
        300,
        &[
            (0, 0.004_523_673_361_013_282),
            (100, 0.001_848_902_257_972_838_7),
            (180, 0.010_848_401_003_004_009),
            (300, 3.130_894_844_342_847e-7),
        ],
    );
}
