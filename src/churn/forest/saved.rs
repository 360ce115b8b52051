//! A forest as it is saved.

use super::model::ForestModel;
use crate::{
    churn::{
        Impurity,
        schema::Schema,
        tree::saved::{SavedNode, read_nodes, saved_nodes},
    },
    error::{Error, ErrorKind},
    model::SchemaVersion,
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    columns: Schema,
    impurity: Impurity,
    trees: Vec<Vec<SavedNode>>,
}

impl From<ForestModel> for Saved {
    fn from(model: ForestModel) -> Self {
        let trees = model.trees.iter().map(saved_nodes).collect();
        Self { schema: SchemaVersion, columns: model.schema, impurity: model.impurity, trees }
    }
}

impl TryFrom<Saved> for ForestModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        if saved.trees.is_empty() {
            return Err(ErrorKind::Empty { what: "trees of a forest" }.into());
        }
        let trees = saved.trees.into_iter().map(|nodes| read_nodes(nodes, 0.0..=1.0, &saved.columns));
        let trees = trees.collect::<Result<_, _>>()?;
        Ok(Self { schema: saved.columns, trees, impurity: saved.impurity })
    }
}
