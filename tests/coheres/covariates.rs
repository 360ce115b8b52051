//! Models with covariates against the plain ones, and customers whose effects are known.

#![allow(clippy::float_cmp, reason = "the same bits are asked for")]

use patronage::{
    cltv::{
        BgNbd, BgNbdModel, CovariateBase, CovariateModel, Covariates, ParetoNbd, ParetoNbdModel,
        WithCovariates,
    },
    domain::{Currency, Day, Horizon, Tick},
    model::{AliveProbability, Fit, Parametric, PurchaseEstimator, PurchaseForecast},
    simulate::{Cohort, Population, Process, Spend},
    summary::{Histories, History, HistoryTable, Observation},
};

/// Customers of four kinds, by two covariates of 0 and 1: one bears on purchase, the other on dropout.
struct Shop {
    people: HistoryTable,
    online: Vec<f64>,
    member: Vec<f64>,
}

impl Shop {
    fn of(customers: u32, process: impl Fn(f64, f64) -> Process) -> Self {
        let first = Day::ymd(2024, 1, 1).unwrap();
        let (mut rows, mut online, mut member) = (Vec::new(), Vec::new(), Vec::new());
        for (seed, (z, w)) in (100..).zip([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]) {
            let kind = Population::new(
                Cohort::new(customers, first, first.plus(83)).unwrap(),
                process(z, w),
                Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::EUR).unwrap(),
                first.plus(600),
                seed,
            )
            .unwrap();
            let observed = Observation::until(kind.end()).every(Tick::Week);
            let people = observed.summarise(&kind.ledger().unwrap()).unwrap();
            let mut room = vec![History::default(); people.len()];
            people.read(0, Tick::Week, &mut room);
            online.resize(online.len() + room.len(), z);
            member.resize(member.len() + room.len(), w);
            rows.extend(room);
        }
        Self { people: HistoryTable::new(Tick::Week, rows), online, member }
    }

    fn covariates(&self) -> [Covariates; 2] {
        let none = Covariates::none(self.people.len());
        [none.clone().column("online", &self.online), none.column("member", &self.member)].map(Result::unwrap)
    }
}

fn music(customers: u32) -> Shop {
    Shop::of(customers, |z, w| {
        let (alpha, beta) = (20.0 * f64::exp(-0.5 * z), 15.0 * f64::exp(0.7 * w));
        Process::pareto_nbd(0.8, alpha, 0.7, beta, Tick::Week).unwrap()
    })
}

#[track_caller]
fn come_back<M>(fit: &Fit<M>, truth: [f64; 6]) {
    assert!(fit.stop().is_converged());
    for (estimate, truth) in fit.estimates().iter().zip(truth) {
        let error = estimate.std_error.unwrap();
        assert!((estimate.value - truth).abs() < 3.0 * error, "{estimate:?}: not {truth}");
        assert!(error < 0.35 * truth.abs(), "{estimate:?}");
    }
}

#[test]
fn effects_on_pareto_nbd_come_back() {
    let shop = music(1500);
    let [purchase, dropout] = shop.covariates();
    let fit = WithCovariates::new(ParetoNbd::default(), &purchase, &dropout).fit(&shop.people).unwrap();
    come_back(&fit, [0.8, 20.0, 0.7, 15.0, 0.5, -0.7]);
    let names: Vec<&str> = fit.estimates().iter().map(|estimate| &*estimate.name).collect();
    assert_eq!(names, ["r", "alpha", "s", "beta", "purchase.online", "dropout.member"]);

    let plain = ParetoNbd::default().fit(&shop.people).unwrap();
    // Chi squared with 2 degrees of freedom is above 13.8 once in a thousand times.
    assert!(2.0 * (fit.log_likelihood() - plain.log_likelihood()) > 13.8);
}

#[test]
fn effects_on_bg_nbd_come_back() {
    let shop = Shop::of(2500, |z, w| {
        let (alpha, size) = (12.0 * f64::exp(-0.4 * z), f64::exp(-0.9 * w));
        Process::bg_nbd(1.0, alpha, 0.9 * size, 2.5 * size, Tick::Week).unwrap()
    });
    let [purchase, dropout] = shop.covariates();
    let fit = WithCovariates::new(BgNbd::default(), &purchase, &dropout).fit(&shop.people).unwrap();
    come_back(&fit, [1.0, 12.0, 0.9, 2.5, 0.4, -0.9]);
}

fn nothing_known_is_the_plain_model<B>(base: B, people: &HistoryTable)
where
    B: CovariateBase + Clone,
    B::Model: Parametric,
    CovariateModel<B::Model>: Parametric,
{
    let none = Covariates::none(people.len());
    let (plain, fit) =
        (base.fit(people).unwrap(), WithCovariates::new(base, &none, &none).fit(people).unwrap());
    assert!((plain.log_likelihood() - fit.log_likelihood()).abs() < 1e-6);
    for (a, b) in plain.model.parameters().iter().zip(fit.model.parameters()) {
        assert!((a.value / b.value - 1.0).abs() < 1e-6, "{a:?} {b:?}");
    }
}

#[test]
fn without_covariates_it_is_the_plain_model() {
    let shop = music(100);
    nothing_known_is_the_plain_model(ParetoNbd::default(), &shop.people);
    nothing_known_is_the_plain_model(BgNbd::default(), &shop.people);
}

#[test]
fn the_unit_of_a_covariate_does_not_matter() {
    let shop = music(200);
    let [purchase, dropout] = shop.covariates();
    let moved: Vec<f64> = shop.online.iter().map(|z| 1000.0 * z + 3000.0).collect();
    let moved = Covariates::none(shop.people.len()).column("online", &moved).unwrap();
    let fit =
        |purchase| WithCovariates::new(ParetoNbd::default(), purchase, &dropout).fit(&shop.people).unwrap();
    let (a, b) = (fit(&purchase), fit(&moved));
    assert!((a.log_likelihood() - b.log_likelihood()).abs() < 1e-7);
    let (a_effect, b_effect) = (&a.estimates()[4], &b.estimates()[4]);
    assert!((a_effect.value / b_effect.value / 1000.0 - 1.0).abs() < 1e-6);
    assert!((a_effect.std_error.unwrap() / b_effect.std_error.unwrap() / 1000.0 - 1.0).abs() < 1e-6);
    let (a, b) = (a.model.at(&[1.0], &[0.0]).unwrap(), b.model.at(&[4000.0], &[0.0]).unwrap());
    assert!((a.alpha() / b.alpha() - 1.0).abs() < 1e-6);
}

#[test]
fn customers_are_scored_by_their_own_covariates() {
    let shop = music(400);
    let [purchase, dropout] = shop.covariates();
    let fit = WithCovariates::new(ParetoNbd::default(), &purchase, &dropout).fit(&shop.people).unwrap();
    let alive = fit.model.p_alive(&shop.people, &purchase, &dropout).unwrap();
    let year = Horizon::weeks(52);
    let expected = fit.model.expected_purchases(&shop.people, &purchase, &dropout, year).unwrap();
    for row in [0, 399, 400, 900, 1599] {
        let one = HistoryTable::new(Tick::Week, vec![shop.people.rows()[row]]);
        let model: ParetoNbdModel = fit.model.at(&[shop.online[row]], &[shop.member[row]]).unwrap();
        assert_eq!(model.p_alive(&one)[0], alive[row]);
        assert_eq!(model.expected_purchases(&one, year)[0], expected[row]);
    }
    let refused =
        |purchase, dropout| fit.model.p_alive(&shop.people, purchase, dropout).unwrap_err().to_string();
    assert_eq!(refused(&dropout, &dropout), "covariates: `member` are not those of the model");
    assert_eq!(refused(&purchase, &Covariates::none(3)), "covariates: expected 1600 rows, found 3");
    assert!(fit.model.at(&[], &[1.0]).is_err() && fit.model.at(&[f64::NAN], &[1.0]).is_err());
}

#[test]
fn covariates_that_say_nothing_are_refused() {
    let shop = music(25);
    let [purchase, _] = shop.covariates();
    let twice: Vec<f64> = shop.online.iter().map(|z| 7.0 - 2.0 * z).collect();
    let twice = purchase.clone().column("offline", &twice).unwrap();
    let none = Covariates::none(100);
    let constant = none.clone().column("country", &[4.0; 100]).unwrap();
    let fit = |purchase, dropout| {
        let refused = WithCovariates::new(BgNbd::default(), purchase, dropout).fit(&shop.people);
        refused.unwrap_err().to_string()
    };
    let known = "purchase covariate: `offline` is a linear combination of those before it";
    assert_eq!(fit(&twice, &none), known);
    assert_eq!(fit(&purchase, &constant), "dropout covariate: `country` is the same for all customers");
    assert_eq!(fit(&Covariates::none(99), &none), "covariates: expected 100 rows, found 99");
}

#[cfg(feature = "serde")]
#[test]
fn is_saved_to_the_bit_and_refused_when_newer() {
    let shop = music(100);
    let [purchase, dropout] = shop.covariates();
    let fit = WithCovariates::new(BgNbd::default(), &purchase, &dropout).fit(&shop.people).unwrap();
    let text = serde_json::to_string(&fit.model).unwrap();
    assert!(text.len() < 1000 && text.starts_with(r#"{"schema":1,"#), "{text}");
    let read = |text: &str| serde_json::from_str::<CovariateModel<BgNbdModel>>(text);
    assert_eq!(read(&text).unwrap(), fit.model);
    let newer = text.replacen(r#""schema":1"#, r#""schema":2"#, 1);
    assert!(read(&newer).unwrap_err().to_string().contains("saved with schema 2"));
    let whole = serde_json::to_string(&fit).unwrap();
    assert_eq!(serde_json::from_str::<Fit<CovariateModel<BgNbdModel>>>(&whole).unwrap(), fit);
}
