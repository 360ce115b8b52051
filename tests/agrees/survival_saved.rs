//! Saved curves and models of the first schema stay readable. Their numbers are those of the tests beside: lifelines
//! 0.30.3, and for Weibull its likelihood climbed to the top.

use patronage::churn::survival::{Covariates, CumulativeIncidence, KaplanMeier, NelsonAalen, WeibullModel};
use serde::{Serialize, de::DeserializeOwned};

use super::survival::{TIMES, at, close, flat};

macro_rules! golden {
    ($name:literal) => {
        read(include_str!(concat!("../golden/", $name, "-1.json")).trim_end())
    };
}

#[track_caller]
fn read<T: Serialize + DeserializeOwned>(saved: &str) -> T {
    let read = serde_json::from_str(saved).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), saved);
    read
}

#[test]
fn curves() {
    let curve: KaplanMeier = golden!("kaplan_meier");
    close(
        TIMES.map(|time| curve.survival_at(time)),
        [0.872_635_975_826_520_1, 0.658_937_829_254_201_5, 0.501_210_185_651_421_1, 0.306_703_311_903_157_3],
    );
    let hazard: NelsonAalen = golden!("nelson_aalen");
    close(
        TIMES.map(|time| hazard.hazard_at(time)),
        [0.132_832_681_597_345_65, 0.401_705_523_080_481_24, 0.667_640_846_248_037, 1.138_333_922_329_044],
    );
    let first_two = flat(at(hazard.times(), &hazard.intervals(0.95).unwrap()));
    close(
        [first_two[0], first_two[1], first_two[2], first_two[3]],
        [0.090_584_701_434_175_17, 0.194_784_781_767_630_9, 0.314_911_839_815_847_3, 0.512_420_642_449_412_8],
    );
    let incidence: CumulativeIncidence = golden!("incidence");
    close(
        TIMES.map(|time| incidence.incidence_at(time)),
        [0.096_798_791_325_986_48, 0.264_166_465_620_235_7, 0.388_475_977_926_031_3, 0.514_831_255_429_555],
    );
}

#[test]
fn weibull_lifetimes() {
    let model: WeibullModel = golden!("weibull");
    let new =
        Covariates::new([("x0", vec![0.1, 0.9]), ("x1", vec![0.0, 1.0]), ("x2", vec![3.0, -2.0])]).unwrap();
    let of = |found: Vec<f64>| [found[0], found[1]];
    close(of(model.median(&new).unwrap()), [9.855_245_153_258_739, 18.527_139_364_455_64]);
    close(of(model.survival(&new, 3.0).unwrap()), [0.878_523_741_719_027_8, 0.948_217_867_796_011_7]);
    close([model.log_shape().std_error], [0.082_573_768_168_099_78]);
}
