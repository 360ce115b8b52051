//! What each column adds to a step, fairly shared.

use crate::churn::{schema::Aligned, tree::nodes::Nodes};

/// Gauss-Legendre nodes and weights on 0 to 1: exact for polynomials up to degree 7, so for 8 columns on a way.
const RULE: [(f64, f64); LANES] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];
const LANES: usize = 4;

/// The most questions on one way: so many columns at the most.
pub(super) const MOST: u32 = 2 * LANES as u32;

/// A column on the way to a node.
#[derive(Clone, Copy)]
struct Asked {
    column: usize,
    /// Of the weight that has come so far the part that would, were the value not known.
    unknown: f64,
    /// 1 where the row's value leads here, else 0.
    known: f64,
}

impl Asked {
    fn factors(&self) -> [f64; LANES] {
        RULE.map(|(at, _)| self.unknown * (1.0 - at) + self.known * at)
    }
}

/// Adds the Shapley values of a row's step to those of its columns. Where a column is not known, the row goes both ways, by
/// the weight that went there in learning (Lundberg et al. 2020, path-dependent `TreeSHAP`).
///
/// A leaf is a product over the columns on its way. The Shapley weights of which columns are known before one
/// are the integral over `0..1` of the probability that each came before a moment `t`: so the value of a column is
/// `step (known - unknown)` times the integral of the product of the others' `unknown (1 - t) + known t`.
pub(super) fn add(tree: &Nodes, columns: &[Aligned<'_>], row: usize, added: &mut [f64]) {
    Walk { tree, columns, row, way: Vec::with_capacity(MOST as usize), added }
        .below(0, RULE.map(|rule| rule.1));
}

struct Walk<'a> {
    tree: &'a Nodes,
    columns: &'a [Aligned<'a>],
    row: usize,
    way: Vec<Asked>,
    added: &'a mut [f64],
}

impl Walk<'_> {
    /// `product` is that of all factors on the way, times the weights of the rule.
    fn below(&mut self, at: usize, product: [f64; LANES]) {
        let node = &self.tree.nodes[at];
        let Some(branch) = &node.branch else {
            for asked in &self.way {
                let others = product.iter().zip(asked.factors()).map(|(product, own)| product / own);
                self.added[asked.column] += node.value * (asked.known - asked.unknown) * others.sum::<f64>();
            }
            return;
        };
        let column = branch.column as usize;
        let goes_left = self.tree.goes_left(branch, &self.columns[column], self.row);
        let place = self.way.iter().position(|asked| asked.column == column);
        let before = place.map_or(Asked { column, unknown: 1.0, known: 1.0 }, |place| self.way[place]);
        for side in [0, 1] {
            let child = branch.left as usize + side;
            let part = self.tree.nodes[child].weight / node.weight;
            let leads_here = goes_left == (side == 0);
            let asked = Asked {
                unknown: before.unknown * part,
                known: if leads_here { before.known } else { 0.0 },
                ..before
            };
            let (old, new) = (before.factors(), asked.factors());
            let product = std::array::from_fn(|lane| product[lane] / old[lane] * new[lane]);
            match place {
                Some(place) => self.way[place] = asked,
                None => self.way.push(asked),
            }
            self.below(child, product);
            match place {
                Some(place) => self.way[place] = before,
                None => self.way.truncate(self.way.len() - 1),
            }
        }
    }
}

/// The step of a row of which nothing is known: the mean over the rows learned from.
pub(super) fn mean(tree: &Nodes) -> f64 {
    let leaves = tree.nodes.iter().filter(|node| node.branch.is_none());
    leaves.map(|leaf| leaf.value * (leaf.weight / tree.root().weight)).sum()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::churn::tree::nodes::{Branch, Node, Test};

    const COLUMNS: usize = 8;

    /// A tree of so many questions on the longest way, of any columns; most ways ask a column twice.
    fn grow(depth: u32, chance: &mut Xoshiro256PlusPlus) -> Nodes {
        let mut nodes = vec![Node { value: 0.0, weight: 64.0, rows: 0, branch: None }];
        let mut open = vec![(0, 0)];
        while let Some((at, deep)) = open.pop() {
            if deep == depth || deep > 1 && chance.gen_range(0..4) == 0 {
                continue;
            }
            let left = nodes.len();
            let test = Test::AtMost(chance.gen_range(-1.0..1.0));
            let (column, missing_left) = (chance.gen_range(0..COLUMNS as u32), chance.r#gen());
            nodes[at].branch =
                Some(Branch { column, test, missing_left, missing_seen: true, left: left as u32 });
            let part = nodes[at].weight * chance.gen_range(0.1..0.9);
            for weight in [part, nodes[at].weight - part] {
                nodes.push(Node { value: chance.gen_range(-1.0..1.0), weight, rows: 0, branch: None });
            }
            open.extend([(left, deep + 1), (left + 1, deep + 1)]);
        }
        Nodes { nodes, levels: Vec::new() }
    }

    /// The mean step where the columns of a set are known.
    fn known(tree: &Nodes, columns: &[Aligned<'_>], set: usize, at: usize) -> f64 {
        let node = &tree.nodes[at];
        let Some(branch) = &node.branch else { return node.value };
        let left = branch.left as usize;
        let [one, other] = [left, left + 1].map(|child| known(tree, columns, set, child));
        if set & 1 << branch.column == 0 {
            let part = tree.nodes[left].weight / node.weight;
            return part * one + (1.0 - part) * other;
        }
        if tree.goes_left(branch, &columns[branch.column as usize], 0) { one } else { other }
    }

    #[test]
    fn the_definition_of_shapley() {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(8);
        let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
        for depth in [1, 2, 3, 5, 8] {
            let tree = grow(depth, &mut chance);
            let values: Vec<[f64; 1]> = (0..COLUMNS).map(|_| [chance.gen_range(-1.0..1.0)]).collect();
            let columns: Vec<Aligned<'_>> = values.iter().map(|value| Aligned::Numbers(value)).collect();
            let mut added = vec![0.0; COLUMNS];
            add(&tree, &columns, 0, &mut added);
            for (column, found) in added.iter().enumerate() {
                let sets = (0..1 << COLUMNS).filter(|set| set & 1 << column == 0);
                let value: f64 = sets
                    .map(|set: usize| {
                        let size = set.count_ones() as usize;
                        let share = factorial(size) * factorial(COLUMNS - size - 1) / factorial(COLUMNS);
                        let gain =
                            known(&tree, &columns, set | 1 << column, 0) - known(&tree, &columns, set, 0);
                        share * gain
                    })
                    .sum();
                assert!((found - value).abs() < 1e-12, "{depth} {column}: {found} {value}");
            }
            assert!((mean(&tree) - known(&tree, &columns, 0, 0)).abs() < 1e-12);
        }
    }
}
