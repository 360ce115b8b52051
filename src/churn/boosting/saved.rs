//! Boosted trees as they are saved.

use super::{grow::LARGEST_STEP, model::BoostingModel, shapley};
use crate::{
    churn::{
        schema::Schema,
        tree::{
            nodes::Nodes,
            saved::{Question, SavedNode, read_nodes, saved_nodes},
        },
    },
    error::Error,
    model::{Exact, SchemaVersion},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    columns: Schema,
    base: Exact,
    gains: Vec<Exact>,
    trees: Vec<Vec<SavedStep>>,
}

/// A node, with the step that it takes.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedStep {
    step: Exact,
    weight: Exact,
    rows: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asks: Option<Question>,
}

impl From<SavedNode> for SavedStep {
    fn from(node: SavedNode) -> Self {
        Self { step: node.share, weight: node.weight, rows: node.rows, asks: node.asks }
    }
}

impl From<SavedStep> for SavedNode {
    fn from(node: SavedStep) -> Self {
        Self { share: node.step, weight: node.weight, rows: node.rows, asks: node.asks }
    }
}

impl From<BoostingModel> for Saved {
    fn from(model: BoostingModel) -> Self {
        let steps = |nodes: &Nodes| saved_nodes(nodes).into_iter().map(SavedStep::from).collect();
        Self {
            schema: SchemaVersion,
            columns: model.schema,
            base: Exact(model.base),
            gains: model.gains.into_iter().map(Exact).collect(),
            trees: model.trees.iter().map(steps).collect(),
        }
    }
}

impl TryFrom<Saved> for BoostingModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let (schema, base) = (saved.columns, saved.base.0);
        if !base.is_finite() {
            return Err(Error::parameter("base", base, "must be finite"));
        }
        let gains: Vec<f64> = saved.gains.iter().map(|gain| gain.0).collect();
        if gains.len() != schema.columns().len() || gains.iter().any(|gain| !(0.0..=f64::MAX).contains(gain))
        {
            let rule = "must be a finite number from 0 for each column";
            return Err(Error::parameter("gains", format!("{gains:?}"), rule));
        }
        let read = |nodes: Vec<SavedStep>| {
            let nodes = nodes.into_iter().map(SavedNode::from).collect();
            read_nodes(nodes, -LARGEST_STEP..=LARGEST_STEP, &schema)
        };
        let trees = saved.trees.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if let Some(depth) = trees.iter().map(Nodes::depth).find(|&depth| depth > shapley::MOST) {
            return Err(Error::parameter("depth of a saved tree", depth, "must be at most 8"));
        }
        Ok(Self { schema, base, trees, gains })
    }
}
