//! A model as it is saved.

use super::{
    held::{FAR, Held},
    model::HdbscanModel,
    tree::{ClusterNode, ClusterTree},
};
use crate::{
    error::Error,
    model::{Exact, SchemaVersion},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read. Lengths are
/// measured in `unit`.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    min_samples: usize,
    unit: Exact,
    columns: Vec<Vec<Exact>>,
    weights: Vec<Exact>,
    /// Squares of the core distances.
    cores: Vec<Exact>,
    /// For each point the cluster of the tree that it is the last in, and where it leaves it.
    leaves: Vec<u32>,
    distances: Vec<Exact>,
    root_until: Exact,
    tree: Vec<Node>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Node {
    parent: Option<usize>,
    /// None for the root, which has no end.
    birth: Option<Exact>,
    death: Exact,
    densest: Exact,
    weight: Exact,
    /// None where it is infinite.
    stability: Option<Exact>,
    cluster: Option<usize>,
}

fn exact(values: &[f64]) -> Vec<Exact> {
    values.iter().copied().map(Exact).collect()
}

fn reals(values: &[Exact]) -> Vec<f64> {
    values.iter().map(|value| value.0).collect()
}

impl From<HdbscanModel> for Saved {
    fn from(model: HdbscanModel) -> Self {
        let held = &model.held;
        Self {
            schema: SchemaVersion,
            min_samples: model.min_samples,
            unit: Exact(held.unit),
            columns: held.columns().iter().map(|column| exact(column)).collect(),
            weights: exact(&held.weights),
            cores: exact(&held.cores),
            leaves: model.leaves.iter().map(|leaf| leaf.0).collect(),
            distances: model.leaves.iter().map(|leaf| Exact(leaf.1)).collect(),
            root_until: Exact(model.root_until),
            tree: model.tree.nodes.iter().map(Node::from).collect(),
        }
    }
}

impl TryFrom<Saved> for HdbscanModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        saved.check()?;
        let columns: Vec<Vec<f64>> = saved.columns.iter().map(|column| reals(column)).collect();
        let nodes: Vec<ClusterNode> = saved.tree.iter().map(ClusterNode::from).collect();
        let tree = ClusterTree { nodes };
        Ok(Self {
            min_samples: saved.min_samples,
            held: Held::known(&columns, reals(&saved.weights), saved.unit.0, reals(&saved.cores)),
            within: tree.within(),
            tree,
            leaves: saved.leaves.iter().copied().zip(reals(&saved.distances)).collect(),
            root_until: saved.root_until.0,
        })
    }
}

impl Saved {
    /// # Errors
    /// If the parts do not fit one another, or a number is out of its range.
    fn check(&self) -> Result<(), Error> {
        let refuse = |what: &'static str, rule| Err(Error::parameter("saved clusters", what, rule));
        if self.min_samples < 1 {
            return refuse("min_samples", "must be at least 1");
        }
        let power_of_two = self.unit.0.is_normal() && self.unit.0.to_bits().trailing_zeros() >= 52;
        if !(power_of_two && self.unit.0 > 0.0) {
            return refuse("unit", "is no power of two");
        }
        let len = self.weights.len();
        let lengths = [self.cores.len(), self.leaves.len(), self.distances.len()];
        let columns = self.columns.iter().map(Vec::len);
        if self.columns.is_empty() || lengths.into_iter().chain(columns).any(|other| other != len) {
            return refuse("columns", "are not of one length");
        }
        if self.columns.iter().flatten().any(|x| x.0.abs() > FAR) {
            return refuse("coordinate", "is out of range");
        }
        let weight: f64 = self.weights.iter().map(|weight| weight.0).sum();
        if self.weights.iter().any(|weight| !(weight.0 > 0.0)) || !weight.is_finite() {
            return refuse("weights", "are not above 0, or their sum is not finite");
        }
        let mut lengths = self.cores.iter().chain(&self.distances).chain([&self.root_until]);
        if lengths.any(|length| !(length.0 >= 0.0)) {
            return refuse("distance", "is below 0");
        }
        if self.leaves.iter().any(|&cluster| cluster as usize >= self.tree.len()) {
            return refuse("leaf", "has no cluster in the tree");
        }
        self.check_tree()
    }

    fn check_tree(&self) -> Result<(), Error> {
        let refuse = |rule| Err(Error::parameter("saved clusters", "tree", rule));
        let placed = |(number, node): (usize, &Node)| match node.parent {
            Some(parent) => parent < number && node.birth.is_some(),
            None => number == 0 && node.birth.is_none(),
        };
        if self.tree.is_empty() || !self.tree.iter().enumerate().all(placed) {
            return refuse("does not begin with its one root, or has a part before the whole");
        }
        if !self.tree.iter().all(Node::is_ordered) {
            return refuse("has a distance, weight or stability out of range");
        }
        let mut numbers: Vec<usize> = self.tree.iter().filter_map(|node| node.cluster).collect();
        numbers.sort_unstable();
        if !numbers.iter().copied().eq(0..numbers.len()) {
            return refuse("does not number its clusters from 0");
        }
        Ok(())
    }
}

impl Node {
    fn is_ordered(&self) -> bool {
        let (death, densest) = (self.death.0, self.densest.0);
        let until = self.birth.map_or(f64::INFINITY, |birth| birth.0);
        let stability = self.stability.map_or(f64::INFINITY, |stability| stability.0);
        densest >= 0.0 && death >= densest && until >= death && self.weight.0 > 0.0 && stability >= 0.0
    }
}

impl From<&ClusterNode> for Node {
    fn from(node: &ClusterNode) -> Self {
        let finite = |value: f64| value.is_finite().then_some(Exact(value));
        Self {
            parent: node.parent,
            birth: finite(node.birth),
            death: Exact(node.death),
            densest: Exact(node.densest),
            weight: Exact(node.weight),
            stability: finite(node.stability),
            cluster: node.cluster,
        }
    }
}

impl From<&Node> for ClusterNode {
    fn from(node: &Node) -> Self {
        let or_infinite = |value: Option<Exact>| value.map_or(f64::INFINITY, |value| value.0);
        Self {
            parent: node.parent,
            birth: or_infinite(node.birth),
            death: node.death.0,
            densest: node.densest.0,
            weight: node.weight.0,
            stability: or_infinite(node.stability),
            cluster: node.cluster,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::cluster::{ClusterModel, Hdbscan, Points};

    /// Two heaps on a line, one with equal points, and what lies between.
    fn model() -> HdbscanModel {
        let at = |row: usize| match row {
            0..6 => 1.0,
            6..12 => 2.0 + row as f64 / 10.0,
            row => 20.0 + (row % 7) as f64 / 8.0,
        };
        let rows = Array2::from_shape_fn((30, 1), |(row, _)| at(row));
        Hdbscan::new(5).min_samples(3).fit(&Points::new(rows.view()).unwrap()).unwrap().clustered.model
    }

    #[test]
    fn what_is_saved_is_read() {
        let model = model();
        assert!(model.clusters() > 1 && model.tree().nodes().iter().any(|node| node.stability.is_infinite()));
        let saved = serde_json::to_string(&model).unwrap();
        assert!(saved.starts_with(r#"{"schema":1,"#), "{saved}");
        assert_eq!(serde_json::from_str::<HdbscanModel>(&saved).unwrap(), model);
    }

    type Break = (&'static str, fn(&mut serde_json::Value));

    #[test]
    fn what_makes_no_sense_is_refused() {
        let saved = serde_json::to_value(model()).unwrap();
        let breaks: [Break; 9] = [
            ("saved with schema 2", |saved| saved["schema"] = 2.into()),
            ("must be at least 1", |saved| saved["min_samples"] = 0.into()),
            ("no power of two", |saved| saved["unit"] = "3.0".into()),
            ("not of one length", |saved| saved["cores"] = serde_json::json!([])),
            ("out of range", |saved| saved["columns"][0][0] = "1e200".into()),
            ("not above 0", |saved| saved["weights"][0] = "0.0".into()),
            ("no cluster in the tree", |saved| saved["leaves"][0] = 99.into()),
            ("part before the whole", |saved| saved["tree"][1]["parent"] = 1.into()),
            ("number its clusters", |saved| saved["tree"][0]["cluster"] = 7.into()),
        ];
        for (rule, spoil) in breaks {
            let mut spoilt = saved.clone();
            spoil(&mut spoilt);
            let error = serde_json::from_value::<HdbscanModel>(spoilt).unwrap_err().to_string();
            assert!(error.contains(rule), "{rule}: {error}");
        }
    }
}
