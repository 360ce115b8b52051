//! k-means agrees with itself.

use ndarray::{Array2, Axis, ShapeBuilder, concatenate};
use patronage::{
    cluster::{ClusterModel, Clustered, KMeans, KMeansModel, KMeansStart, LabelOrder, MiniBatch, Points},
    domain::{Columns, Currency, Day, Ledger, Policies},
    feature::{Features, Scaling},
    summary::Observation,
};

use crate::agrees::k_means::{blobs, moons, start, ties, uniform};

fn fit(how: &KMeans, rows: &Array2<f64>) -> Clustered<KMeansModel> {
    how.fit(&Points::new(rows.view()).unwrap()).unwrap()
}

/// Lloyd's method as it is told: no bounds, no moves, no collapsing.
fn plain(rows: &Array2<f64>, mut centroids: Array2<f64>) -> (Array2<f64>, Vec<usize>) {
    let mut labels = Vec::new();
    loop {
        let nearest = |row: ndarray::ArrayView1<'_, f64>| {
            let square = |centroid: ndarray::ArrayView1<'_, f64>| -> f64 {
                row.iter().zip(centroid).map(|(x, c)| (x - c) * (x - c)).sum()
            };
            let squares: Vec<f64> = centroids.rows().into_iter().map(square).collect();
            (0..squares.len()).min_by(|&a, &b| squares[a].total_cmp(&squares[b])).unwrap()
        };
        let new: Vec<usize> = rows.rows().into_iter().map(nearest).collect();
        if new == labels {
            return (centroids, labels);
        }
        labels = new;
        for (cluster, mut centroid) in centroids.rows_mut().into_iter().enumerate() {
            let of: Vec<usize> = (0..labels.len()).filter(|&row| labels[row] == cluster).collect();
            assert!(!of.is_empty(), "{cluster} of {:?}", rows.dim());
            centroid.assign(&rows.select(Axis(0), &of).mean_axis(Axis(0)).unwrap());
        }
    }
}

#[test]
fn rows_that_are_passed_over_change_nothing() {
    for (rows, k) in [
        (uniform(5_000, 3, 11), 8),
        (blobs(4_500, 8, 12), 9),
        (blobs(4_200, 1, 13), 7),
        (moons(6_000, 14), 7),
        (uniform(1_500, 11, 15), 5),
    ] {
        let places: Vec<usize> = (0..k).map(|cluster| cluster * rows.nrows() / k).collect();
        let (centroids, labels) = plain(&rows, rows.select(Axis(0), &places));
        let found = fit(&start(&rows, k).tolerance(0.0).max_steps(10_000), &rows);
        assert_eq!(found.labels.iter().flatten().collect::<Vec<_>>(), labels);
        assert!((&found.model.centroids() - &centroids).iter().all(|by| by.abs() < 1e-10));
    }
}

#[test]
fn threads_and_layout_change_no_bit() {
    let rows = uniform(9_000, 4, 21);
    let scores = ties(9_000, 3, 22);
    let fits = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let ways = [
                KMeans::new(9, 1).restarts(2),
                KMeans::new(20, 1).start(KMeansStart::Parallel),
                start(&rows, 7),
            ];
            let mut all: Vec<_> = ways.iter().map(|way| fit(way, &rows)).collect();
            all.push(fit(&KMeans::new(6, 5), &scores));
            let stream = MiniBatch::start(&ways[0], &Points::new(rows.view()).unwrap()).unwrap();
            (all, stream)
        })
    };
    let one = fits(1);
    assert_eq!(one, fits(2));
    assert_eq!(one, fits(3));

    let mut by_column = Array2::zeros(rows.dim().f());
    by_column.assign(&rows);
    assert_eq!(fit(&KMeans::new(9, 1), &rows), fit(&KMeans::new(9, 1), &by_column));
}

#[test]
fn a_weight_is_so_many_equal_rows() {
    let rows = uniform(700, 3, 31);
    let counts: Vec<usize> = (0..700).map(|row| 1 + row % 4).collect();
    let places: Vec<usize> = (0..700).flat_map(|row| vec![row; counts[row]]).collect();
    let weights: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
    let how = start(&rows, 6).tolerance(0.0);
    let weighted = how.fit(&Points::new(rows.view()).unwrap().weighted(&weights).unwrap()).unwrap();
    let repeated = fit(&how, &rows.select(Axis(0), &places));
    assert!((weighted.model.inertia() / repeated.model.inertia() - 1.0).abs() < 1e-12);
    assert_eq!(weighted.model.steps(), repeated.model.steps());
    for (at, place) in places.iter().enumerate() {
        assert_eq!(weighted.labels.get(*place), repeated.labels.get(at));
    }
    let sizes: Vec<f64> = repeated.model.sizes().iter().map(|size| *size as f64).collect();
    assert_eq!(weighted.model.weights(), sizes);
}

#[test]
fn equal_rows_as_one_are_as_many() {
    // 25 distinct rows, and so many of each that few are searched; a row of its own keeps it from that.
    let rows = ties(4_000, 2, 32);
    let places: Vec<usize> = (0..5).map(|cluster| cluster * 800).collect();
    let (centroids, labels) = plain(&rows, rows.select(Axis(0), &places));
    let found = fit(&start(&rows, 5).tolerance(0.0), &rows);
    assert_eq!(found.labels.iter().flatten().collect::<Vec<_>>(), labels);
    assert!((&found.model.centroids() - &centroids).iter().all(|by| by.abs() < 1e-12));
}

#[test]
fn the_order_of_rows_does_not_matter_from_a_given_start() {
    let rows = blobs(5_000, 3, 41);
    let how = start(&rows, 6).tolerance(0.0);
    let places: Vec<usize> = (0..5_000).map(|row| row * 1_237 % 5_000).collect();
    let (found, other) = (fit(&how, &rows), fit(&how, &rows.select(Axis(0), &places)));
    assert!((found.model.inertia() / other.model.inertia() - 1.0).abs() < 1e-12);
    for (at, place) in places.iter().enumerate() {
        assert_eq!(other.labels.get(at), found.labels.get(*place));
    }
}

#[test]
fn what_is_told_is_what_can_be_recounted() {
    let rows = uniform(6_000, 5, 51);
    let points = Points::new(rows.view()).unwrap();
    for how in [
        KMeans::new(7, 3),
        KMeans::new(7, 3).restarts(4),
        KMeans::new(7, 3).start(KMeansStart::Parallel),
        KMeans::new(7, 3).max_steps(2),
    ] {
        let found = how.fit(&points).unwrap();
        assert_eq!(found.model.assign(&points).unwrap(), found.labels);
        assert_eq!(found.labels.sizes(), found.model.sizes());
        assert!(found.model.sizes().windows(2).all(|pair| pair[0] >= pair[1]));
        let distances = found.model.transform(&points).unwrap();
        let nearest = distances.rows().into_iter().map(|row| row.fold(f64::INFINITY, |a, b| a.min(*b)));
        let inertia: f64 = nearest.map(|distance| distance * distance).sum();
        assert!((inertia / found.model.inertia() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn restarts_do_not_do_worse_and_begin_with_the_first() {
    let rows = blobs(2_000, 2, 61);
    let inertia = |restarts| fit(&KMeans::new(8, 2).restarts(restarts), &rows).model.inertia();
    assert!(inertia(10) <= inertia(3) && inertia(3) <= inertia(1));
}

#[test]
fn a_warm_start_stays_where_it_ended_and_keeps_its_numbers() {
    let rows = blobs(3_000, 3, 71);
    let points = Points::new(rows.view()).unwrap();
    let found = KMeans::new(5, 4).tolerance(0.0).fit(&points).unwrap();
    let warm = KMeans::warm(&found.model).tolerance(0.0).fit(&points).unwrap();
    assert_eq!((warm.labels, warm.model.steps()), (found.labels.clone(), 2));

    let by_column = found.clone().ordered(LabelOrder::Column(1), &points).unwrap();
    assert!(by_column.model.centroids().column(1).iter().is_sorted_by(|a, b| a >= b));
    let again = KMeans::warm(&by_column.model).fit(&points).unwrap();
    assert_eq!(again.labels, by_column.labels);
    assert_eq!(again.model.sizes(), by_column.model.sizes());
}

#[test]
fn a_stream_of_one_batch_is_a_step_and_follows_what_it_forgets() {
    let rows = blobs(1_000, 2, 81);
    let points = Points::new(rows.view()).unwrap();
    let step = start(&rows, 4).max_steps(1).fit(&points).unwrap().model;
    let stream = MiniBatch::start(&start(&rows, 4), &points).unwrap();
    assert!((&stream.model().centroids() - &step.centroids()).iter().all(|by| by.abs() < 1e-12));

    // One cluster, to which three batches come from elsewhere: a mean of all, or of the last.
    let first = MiniBatch::start(&start(&rows, 1), &points).unwrap();
    let mean = first.model().centroids()[[0, 0]];
    let moved = &rows + 100.0;
    let after = |mut stream: MiniBatch| {
        (0..3).for_each(|_| stream.push(&Points::new(moved.view()).unwrap()).unwrap());
        stream.model().centroids()[[0, 0]] - mean
    };
    assert!((after(first.clone()) - 75.0).abs() < 1e-9);
    // Of weight 1 remain 0.001, beside 1.11 of those that came.
    assert!((after(first.clone().memory(0.1).unwrap()) - 100.0 * 1.11 / 1.111).abs() < 1e-9);
    assert!((after(first.memory(0.0).unwrap()) - 100.0).abs() < 1e-9);
}

#[test]
fn k_means_parallel_starts_as_well_as_k_means_plus_plus() {
    let corners = Array2::from_shape_fn((50, 2), |(row, column)| {
        100.0 * if column == 0 { (row % 10) as f64 } else { (row / 10) as f64 }
    });
    let around: Vec<Array2<f64>> = (0..40).map(|seed| &corners + &uniform(50, 2, seed)).collect();
    let views: Vec<_> = around.iter().map(Array2::view).collect();
    let rows = concatenate(Axis(0), &views).unwrap();
    let inertia = |way| fit(&KMeans::new(50, 9).start(way).restarts(5), &rows).model.inertia();
    // Each corner its own: 2,000 rows with a variance of 1/12 in either column.
    for way in [KMeansStart::PlusPlus, KMeansStart::Parallel] {
        assert!(inertia(way) < 2_000.0 / 6.0 * 1.05, "{way:?} {}", inertia(way));
    }
}

/// If this must change, it breaks what a seed promises.
#[test]
fn a_seed_is_a_promise() {
    let found = fit(&KMeans::new(3, 7), &uniform(500, 2, 91));
    assert_eq!(found.model.sizes(), [191, 165, 144]);
}

#[test]
fn the_order_of_purchases_changes_no_bit() {
    let until = Day::ymd(2026, 3, 31).unwrap();
    let groups = |order: &mut dyn Iterator<Item = u64>| {
        let numbers: Vec<u64> = order.collect();
        let customers: Vec<u64> = numbers.iter().map(|n| n * n % 97).collect();
        let days: Vec<Day> =
            numbers.iter().map(|n| until.plus(-i32::try_from(n * 13 % 365).unwrap())).collect();
        let amounts: Vec<i64> =
            numbers.iter().map(|n| 500 + i64::try_from(n * 37 % 9_000).unwrap()).collect();
        let columns = Columns::new(&customers, &days, &amounts);
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        let features = Features::rfm(&Observation::until(until).summarise(&ledger).unwrap());
        let scaled = Scaling::log_standard().fit(&features).unwrap().apply(&features).unwrap();
        KMeans::new(4, 7).fit(&Points::of(&scaled).unwrap()).unwrap()
    };
    assert_eq!(groups(&mut (0..2_000)), groups(&mut (0..2_000).rev()));
    assert_eq!(groups(&mut (0..2_000)), groups(&mut (0..2_000).map(|n| n * 7 % 2_000)));
}
