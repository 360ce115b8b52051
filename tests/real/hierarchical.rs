//! Hierarchical clustering of real customers: the trees that scipy builds.

use std::fs;

use ndarray::{Array2, Axis};
use patronage::cluster::{
    Cut, Hierarchical,
    Linkage::{self, Average, Complete, Single, Ward},
    Points,
};

use super::data;

/// Columns of a file with a header: the logarithms of 1 more, less their mean, in standard deviations.
fn standard(file: &str, columns: &[usize]) -> Array2<f64> {
    let text = fs::read_to_string(data(file)).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        columns.iter().map(|&column| fields[column].parse::<f64>().unwrap().ln_1p()).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<f64>> = text.lines().skip(1).map(row).collect();
    let rows = Array2::from_shape_fn((rows.len(), columns.len()), |(row, column)| rows[row][column]);
    (&rows - &rows.mean_axis(Axis(0)).unwrap()) / &rows.std_axis(Axis(0), 0.0)
}

/// Of `Z = linkage(X, method)` in scipy 1.17.1, with h = Z[:, 2]: h[-4], h[-1], the sum of h times 1, 2
/// ... n - 1, and the sizes of `fcluster(Z, 4, "maxclust")`.
type Known = (Linkage, [f64; 3], [u64; 4]);

fn agrees(rows: &Array2<f64>, known: &[Known]) {
    let points = Points::new(rows.view()).unwrap();
    for &(linkage, heights, sizes) in known {
        let tree = Hierarchical::new(linkage).tree(&points).unwrap();
        let found: Vec<f64> = tree.heights().collect();
        let sum = (1_u32..).zip(&found).map(|(k, height)| f64::from(k) * height).sum();
        let last = found.len() - 1;
        for (found, known) in [found[last - 3], found[last], sum].iter().zip(heights) {
            assert!((found - known).abs() <= 1e-9 * known, "{linkage:?}: {found} {known}");
        }
        assert_eq!(tree.cut(Cut::Clusters(4)).unwrap().sizes(), sizes, "{linkage:?}");
    }
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn wholesale_customers() {
    agrees(
        &standard("wholesale_customers.csv", &[2, 3, 4, 5, 6, 7]),
        &[
            (Ward, [16.472_680_28, 35.232_543_878, 278_112.497_104], [208, 125, 54, 53]),
            (Average, [5.265_878_939_07, 7.524_661_815_89, 156_446.902_751], [437, 1, 1, 1]),
            (Complete, [7.933_923_933_79, 11.798_209_241_6, 203_095.485_033], [391, 33, 11, 5]),
            (Single, [2.850_299_231_82, 4.114_043_686_7, 102_243.077_781], [437, 1, 1, 1]),
        ],
    );
}

/// Of whom 1,411 have bought once, and are equal.
#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn customers_of_cdnow() {
    agrees(
        &standard("cdnow_customers_summary_with_transactions.csv", &[1, 2, 4]),
        &[
            (Ward, [11.875_780_158_8, 109.162_240_446, 1_078_998.554_54], [1411, 369, 306, 271]),
            (Average, [1.651_576_461_29, 5.048_664_136_19, 319_499.312_091], [1411, 678, 267, 1]),
            (Complete, [3.085_933_476_92, 6.267_229_899_42, 465_120.180_431], [1411, 689, 250, 7]),
            (Single, [0.613_701_020_807, 1.631_348_157_48, 172_781.957_767], [1411, 506, 439, 1]),
        ],
    );
}
