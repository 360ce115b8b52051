//! The centroids of clusters in a k-d tree, where clusters merge and the nearest by Ward's rule is found.

use super::rows::Rows;

/// Clusters of a leaf, looked through at once.
const LEAF: usize = 16;

/// Clusters that are left, each in a slot of a leaf.
///
/// Nodes are numbered from the root, 1: node k has the children 2 k and 2 k + 1, and the last `leaves` nodes are
/// the leaves. Boxes are always the smallest around what is left, so that a search skips as much as it may. Once
/// half of the clusters are gone the tree is built anew.
pub(super) struct KdTree {
    width: usize,
    leaves: usize,
    left: usize,
    built: usize,
    /// Where each cluster is: the leaf times [`LEAF`], and the slot in it.
    slots: Vec<u32>,
    /// For each leaf an array a coordinate, infinite where a slot is empty.
    coordinates: Vec<[f64; LEAF]>,
    /// For each leaf; of an empty slot it is no matter.
    weights: Vec<[f64; LEAF]>,
    /// For each leaf the clusters in the slots, [`EMPTY`] where there is none.
    numbers: Vec<[u32; LEAF]>,
    /// For each node the ends of each coordinate.
    boxes: Vec<(f64, f64)>,
    /// For each node the least weight of a cluster, infinite where none is left.
    lightest: Vec<f64>,
}

const EMPTY: u32 = u32::MAX;

/// More than rounding takes from a bound.
const SLACK: f64 = 1.0 - 16.0 * f64::EPSILON;

impl KdTree {
    pub(super) fn of(rows: &Rows) -> Self {
        let width = rows.columns.len();
        let mut tree = Self {
            width,
            leaves: 0,
            left: rows.len(),
            built: 0,
            slots: vec![0; rows.len()],
            coordinates: Vec::new(),
            weights: Vec::new(),
            numbers: Vec::new(),
            boxes: Vec::new(),
            lightest: Vec::new(),
        };
        tree.build(&(0..rows.len() as u32).collect::<Vec<_>>(), &rows.columns, &rows.weights);
        tree
    }

    /// Lays out the clusters `left`, whose place in `columns` and `weights` is theirs in the list.
    fn build(&mut self, left: &[u32], columns: &[Vec<f64>], weights: &[f64]) {
        self.built = left.len();
        self.leaves = left.len().div_ceil(LEAF).next_power_of_two();
        self.coordinates = vec![[f64::INFINITY; LEAF]; self.leaves * self.width];
        self.weights = vec![[1.0; LEAF]; self.leaves];
        self.numbers = vec![[EMPTY; LEAF]; self.leaves];
        self.boxes = vec![(f64::INFINITY, f64::NEG_INFINITY); 2 * self.leaves * self.width];
        self.lightest = vec![f64::INFINITY; 2 * self.leaves];
        let mut places: Vec<u32> = (0..left.len() as u32).collect();
        self.fill(1, &mut places, left, columns, weights);
    }

    /// Lays out the clusters at `places` below a node: halves along the widest coordinate.
    fn fill(&mut self, node: usize, places: &mut [u32], left: &[u32], columns: &[Vec<f64>], weights: &[f64]) {
        if node >= self.leaves {
            let leaf = node - self.leaves;
            for (slot, &place) in places.iter().enumerate() {
                let place = place as usize;
                self.numbers[leaf][slot] = left[place];
                self.weights[leaf][slot] = weights[place];
                self.slots[left[place] as usize] = (leaf * LEAF + slot) as u32;
                for (column, coordinates) in columns.iter().zip(&mut self.coordinates[leaf * self.width..]) {
                    coordinates[slot] = column[place];
                }
            }
            return self.enclose_leaf(leaf);
        }
        let range = |column: &Vec<f64>| {
            let ends = places.iter().map(|&place| column[place as usize]);
            ends.clone().fold(f64::NEG_INFINITY, f64::max) - ends.fold(f64::INFINITY, f64::min)
        };
        let widest =
            columns.iter().map(range).enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let half = places.len() / 2;
        if let Some((widest, _)) = widest
            && half > 0
        {
            let at = |place: &u32| columns[widest][*place as usize];
            places.select_nth_unstable_by(half, |a, b| at(a).total_cmp(&at(b)));
        }
        let (low, high) = places.split_at_mut(half);
        self.fill(2 * node, low, left, columns, weights);
        self.fill(2 * node + 1, high, left, columns, weights);
        self.enclose(node);
    }

    /// The box and the least weight of a leaf.
    fn enclose_leaf(&mut self, leaf: usize) {
        let node = leaf + self.leaves;
        let taken =
            self.numbers[leaf].iter().zip(&self.weights[leaf]).filter(|&(&number, _)| number != EMPTY);
        self.lightest[node] = taken.fold(f64::INFINITY, |least, (_, &weight)| least.min(weight));
        for coordinate in 0..self.width {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for &x in &self.coordinates[leaf * self.width + coordinate] {
                low = low.min(x);
                high = high.max(if x < f64::INFINITY { x } else { f64::NEG_INFINITY });
            }
            self.boxes[node * self.width + coordinate] = (low, high);
        }
    }

    /// The box and the least weight of a node whose children have theirs.
    fn enclose(&mut self, node: usize) {
        self.lightest[node] = self.lightest[2 * node].min(self.lightest[2 * node + 1]);
        for coordinate in 0..self.width {
            let [a, b] = [2 * node, 2 * node + 1].map(|child| self.boxes[child * self.width + coordinate]);
            self.boxes[node * self.width + coordinate] = (a.0.min(b.0), a.1.max(b.1));
        }
    }

    /// The boxes from a leaf to the root, after something in the leaf has changed.
    fn refresh(&mut self, leaf: usize) {
        self.enclose_leaf(leaf);
        let mut node = (leaf + self.leaves) >> 1;
        while node > 0 {
            self.enclose(node);
            node /= 2;
        }
    }

    /// The leaf and the slot of a cluster.
    fn place(&self, number: usize) -> (usize, usize) {
        let slot = self.slots[number] as usize;
        (slot / LEAF, slot % LEAF)
    }

    /// A cluster's coordinates, and its weight.
    fn cluster(&self, number: usize) -> (Vec<f64>, f64) {
        let (leaf, slot) = self.place(number);
        let coordinates = &self.coordinates[leaf * self.width..][..self.width];
        (coordinates.iter().map(|coordinate| coordinate[slot]).collect(), self.weights[leaf][slot])
    }

    /// Merges the first cluster into the second, whose centroid becomes that of both.
    pub(super) fn merge(&mut self, gone: usize, into: usize) {
        let (from, weight) = self.cluster(gone);
        let (leaf, slot) = self.place(into);
        let both = self.weights[leaf][slot] + weight;
        for (x, from) in self.coordinates[leaf * self.width..].iter_mut().zip(from) {
            x[slot] += (from - x[slot]) * (weight / both);
        }
        self.weights[leaf][slot] = both;
        self.refresh(leaf);
        let (leaf, slot) = self.place(gone);
        for x in &mut self.coordinates[leaf * self.width..][..self.width] {
            x[slot] = f64::INFINITY;
        }
        self.numbers[leaf][slot] = EMPTY;
        self.left -= 1;
        if self.built > LEAF && self.left <= self.built / 2 {
            self.rebuild();
        } else {
            self.refresh(leaf);
        }
    }

    fn rebuild(&mut self) {
        let mut left: Vec<u32> =
            self.numbers.iter().flatten().copied().filter(|&number| number != EMPTY).collect();
        left.sort_unstable();
        let (mut columns, mut weights) = (vec![Vec::with_capacity(left.len()); self.width], Vec::new());
        for &number in &left {
            let (coordinates, weight) = self.cluster(number as usize);
            columns.iter_mut().zip(coordinates).for_each(|(column, x)| column.push(x));
            weights.push(weight);
        }
        self.build(&left, &columns, &weights);
    }
}

/// The nearest cluster so far.
#[derive(Clone, Copy)]
struct Nearest {
    number: u32,
    distance: f64,
    /// Whether it stays where another is as near.
    stays: bool,
}

/// From which cluster one looks.
struct Seat<'a> {
    coordinates: &'a [f64],
    weight: f64,
}

impl KdTree {
    /// The nearest to a cluster by Ward's rule, `m n / (m + n) |centroid - centroid|^2`. Where several are,
    /// `before`, else that of the lowest number.
    #[inline(always)]
    pub(super) fn nearest(&mut self, to: usize, before: Option<usize>) -> (usize, f64) {
        let (coordinates, weight) = self.cluster(to);
        let seat = Seat { coordinates: &coordinates, weight };
        let mut nearest = Nearest { number: EMPTY, distance: f64::INFINITY, stays: false };
        if let Some(before) = before {
            let (leaf, slot) = self.place(before);
            let distance = self.distances(&seat, leaf)[slot];
            nearest = Nearest { number: before as u32, distance, stays: true };
        }
        // A cluster is not its own neighbour: while one looks it is elsewhere.
        let (leaf, slot) = self.place(to);
        self.coordinates[leaf * self.width][slot] = f64::INFINITY;
        self.search(&seat, &mut nearest);
        self.coordinates[leaf * self.width][slot] = coordinates[0];
        (nearest.number as usize, nearest.distance)
    }

    #[inline(always)]
    fn search(&self, seat: &Seat<'_>, nearest: &mut Nearest) {
        // Each level of the tree leaves at most one node behind.
        let mut waiting = [(0_usize, 0.0_f64); 64];
        let mut count = 0;
        let mut node = 1;
        loop {
            if node >= self.leaves {
                self.look(seat, node - self.leaves, nearest);
                // The next that may hold one as near.
                loop {
                    if count == 0 {
                        return;
                    }
                    count -= 1;
                    if waiting[count].1 <= nearest.distance {
                        node = waiting[count].0;
                        break;
                    }
                }
                continue;
            }
            let [a, b] = [2 * node, 2 * node + 1].map(|child| (child, self.bound(seat, child)));
            let (near, far) = if a.1 <= b.1 { (a, b) } else { (b, a) };
            if far.1 <= nearest.distance {
                waiting[count] = far;
                count += 1;
            }
            node = near.0;
        }
    }

    /// What no cluster below a node is nearer than; infinite where none is left.
    #[inline(always)]
    fn bound(&self, seat: &Seat<'_>, node: usize) -> f64 {
        let lightest = self.lightest[node];
        if lightest == f64::INFINITY {
            return f64::INFINITY;
        }
        let mut sum = 0.0;
        for (&(low, high), &x) in self.boxes[node * self.width..].iter().zip(seat.coordinates) {
            let beyond = (low - x).max(x - high).max(0.0);
            sum += beyond * beyond;
        }
        SLACK * between(sum, seat.weight, lightest)
    }

    /// Looks through a leaf.
    #[inline(always)]
    fn look(&self, seat: &Seat<'_>, leaf: usize, nearest: &mut Nearest) {
        let distances = self.distances(seat, leaf);
        let mut least = [f64::INFINITY; 8];
        for eight in distances.chunks_exact(8) {
            for (least, &distance) in least.iter_mut().zip(eight) {
                *least = if distance < *least { distance } else { *least };
            }
        }
        if !least.iter().any(|&least| least <= nearest.distance) {
            return;
        }
        for (&distance, &number) in distances.iter().zip(&self.numbers[leaf]) {
            let as_near = distance <= nearest.distance && !nearest.stays && number < nearest.number;
            if distance < nearest.distance || as_near {
                *nearest = Nearest { number, distance, stays: false };
            }
        }
    }

    #[inline(always)]
    fn distances(&self, seat: &Seat<'_>, leaf: usize) -> [f64; LEAF] {
        let mut sums = [0.0; LEAF];
        for (coordinates, &x) in self.coordinates[leaf * self.width..].iter().zip(seat.coordinates) {
            for (sum, coordinate) in sums.iter_mut().zip(coordinates) {
                *sum += (coordinate - x) * (coordinate - x);
            }
        }
        for (sum, &weight) in sums.iter_mut().zip(&self.weights[leaf]) {
            *sum = between(*sum, seat.weight, weight);
        }
        sums
    }
}

/// Ward's rule for clusters of two weights whose centroids are so far apart. The same bits in both directions.
#[inline(always)]
fn between(squared: f64, weight: f64, other: f64) -> f64 {
    squared * (weight * other / (weight + other))
}
