//! Scaling of the wholesale customers, as scikit-learn does it.

use std::fs;

use patronage::{
    domain::{CustomerId, Customers, Day},
    feature::{Features, Scaling, Step},
};

use super::data;

/// The six spend columns of 440 customers.
fn wholesale() -> Features {
    let text = fs::read_to_string(data("wholesale_customers.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.trim().split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |at: usize| rows.iter().map(|row| Some(row[at].parse().unwrap())).collect();
    let columns = (2..names.len()).map(|at| (names[at].to_owned(), column(at)));
    let people: Customers = (0..rows.len() as u32).map(CustomerId::from).collect();
    Features::new(people, Day::MIN, columns).unwrap()
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
#[allow(clippy::unreadable_literal, clippy::too_many_lines, reason = "numbers stand as they were printed")]
fn wholesale_customers_are_scaled_as_by_scikit_learn() {
    // scikit-learn 1.9.1, StandardScaler, RobustScaler and MinMaxScaler, of the columns or of numpy's log1p of them;
    // scipy 1.17, (rankdata - 1) / 439. The first row, the last, and the sum of all absolute values.
    let table = wholesale();
    assert_eq!((table.len(), table.width()), (440, 6));
    for (scaling, first, last, sum) in [
        (
            Scaling::standard(),
            [
                0.052933189809386286,
                0.5235677732188025,
                -0.04111489343644868,
                -0.589367155775102,
                -0.043568731904070554,
                -0.06633905751821152,
            ],
            [
                -0.7293069834787547,
                -0.5559242957008661,
                -0.5732271665808385,
                -0.620094168103324,
                -0.5048875239457252,
                -0.5228693751435086,
            ],
            1586.1299051214949,
        ),
        (
            Scaling::robust(),
            [
                0.30168042879907286,
                1.0657121392902913,
                0.3299520743288936,
                -0.4665718349928876,
                0.5067867130482232,
                0.2638101983002833,
            ],
            [
                -0.4140953208749819,
                -0.3409783905607848,
                -0.26409102937284995,
                -0.5195590327169275,
                -0.09262669667826205,
                -0.6469546742209632,
            ],
            1895.5345861088308,
        ),
        (
            Scaling::min_max(),
            [
                0.11294004351392802,
                0.1307272306414498,
                0.08146415598693642,
                0.0031063046479521397,
                0.06542719968645895,
                0.02784730913642053,
            ],
            [
                0.02482433926596997,
                0.022371090505562134,
                0.0270217834161484,
                0.0006574189731115639,
                0.011610817166372722,
                0.0010221109720483937,
            ],
            186.18782057270755,
        ),
        (
            Scaling::by([Step::Log1p, Step::Standard]),
            [
                0.48618449672121283,
                0.9762988362768859,
                0.4401546843627022,
                -1.5092498076062226,
                0.6441432714571971,
                0.4089659506182248,
            ],
            [
                -0.5444266345993306,
                -0.633515316886038,
                -0.5528153881913255,
                -2.4315827640552174,
                -0.36435895139607055,
                -2.089613903563435,
            ],
            2064.948805339184,
        ),
        (
            Scaling::by([Step::SignedLog, Step::Robust]),
            [
                0.2360265585588009,
                0.633664958062489,
                0.2899701252413614,
                -1.252532217922472,
                0.43541465688382575,
                0.21835750376278049,
            ],
            [
                -0.660445578466684,
                -0.4910335240912232,
                -0.39955230251758533,
                -2.007080224233191,
                -0.1971019091024689,
                -1.9447239146647357,
            ],
            1553.1469651723182,
        ),
        (
            Scaling::rank(),
            [
                0.662870159453303,
                0.8382687927107062,
                0.6492027334851936,
                0.07289293849658314,
                0.6810933940774487,
                0.6287015945330297,
            ],
            [
                0.214123006833713,
                0.27107061503416857,
                0.3120728929384966,
                0.018223234624145785,
                0.3940774487471526,
                0.03644646924829157,
            ],
            1320.0,
        ),
    ] {
        let scaler = scaling.fit(&table).unwrap();
        assert_eq!(scaler.constant().count(), 0);
        let applied = scaler.apply(&table).unwrap();
        let rows = applied.matrix().unwrap();
        for (row, known) in [(0, first), (439, last)] {
            for (found, known) in rows.row(row).iter().zip(known) {
                assert!((found - known).abs() < 1e-12, "{scaling:?}, row {row}: {found} is not {known}");
            }
        }
        let found = rows.iter().map(|value| value.abs()).sum::<f64>();
        assert!((found / sum - 1.0).abs() < 1e-12, "{scaling:?}: {found} is not {sum}");
        let back = scaler.invert(rows).unwrap();
        for (back, original) in back.iter().zip(table.matrix().unwrap().iter()) {
            assert!((back / original - 1.0).abs() < 1e-9, "{scaling:?}: {back} is not {original}");
        }
    }
}
