//! A tree as it is saved.

use std::ops::RangeInclusive;

use super::{
    impurity::Impurity,
    model::TreeModel,
    nodes::{Branch, Node, Nodes, Test},
};
use crate::{
    churn::schema::{Kind, Schema},
    error::{Error, ErrorKind},
    model::{Exact, SchemaVersion},
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    columns: Schema,
    impurity: Impurity,
    smoothing: Exact,
    nodes: Vec<SavedNode>,
}

/// A node; of a leaf there is no question.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::churn) struct SavedNode {
    pub(in crate::churn) share: Exact,
    pub(in crate::churn) weight: Exact,
    pub(in crate::churn) rows: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::churn) asks: Option<Question>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::churn) struct Question {
    column: u32,
    test: SavedTest,
    missing_left: bool,
    missing_seen: bool,
    left: u32,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedTest {
    AtMost(Exact),
    /// Levels that go left, and right.
    Among(Vec<u16>, Vec<u16>),
    Known,
}

impl From<TreeModel> for Saved {
    fn from(model: TreeModel) -> Self {
        Self {
            schema: SchemaVersion,
            nodes: saved_nodes(&model.nodes),
            columns: model.schema,
            impurity: model.impurity,
            smoothing: Exact(model.smoothing),
        }
    }
}

impl TryFrom<Saved> for TreeModel {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let (impurity, smoothing) = (saved.impurity, saved.smoothing.0);
        if !(smoothing >= 0.0) {
            return Err(Error::parameter("smoothing", smoothing, "must not be below 0"));
        }
        let nodes = read_nodes(saved.nodes, 0.0..=1.0, &saved.columns)?;
        Ok(Self { schema: saved.columns, nodes, impurity, smoothing })
    }
}

pub(in crate::churn) fn saved_nodes(grown: &Nodes) -> Vec<SavedNode> {
    let question = |branch: Branch| Question {
        column: branch.column,
        test: match branch.test {
            Test::AtMost(threshold) => SavedTest::AtMost(Exact(threshold)),
            Test::Known => SavedTest::Known,
            Test::Among { .. } => {
                let (left, right) = grown.sides(&branch.test);
                SavedTest::Among(left.to_vec(), right.to_vec())
            }
        },
        missing_left: branch.missing_left,
        missing_seen: branch.missing_seen,
        left: branch.left,
    };
    let node = |node: &Node| SavedNode {
        share: Exact(node.value),
        weight: Exact(node.weight),
        rows: node.rows,
        asks: node.branch.map(question),
    };
    grown.nodes.iter().map(node).collect()
}

/// # Errors
/// If the nodes are no tree over these columns, or say what is not among `values`.
pub(in crate::churn) fn read_nodes(
    saved: Vec<SavedNode>,
    values: RangeInclusive<f64>,
    columns: &Schema,
) -> Result<Nodes, Error> {
    if saved.is_empty() {
        return Err(ErrorKind::Empty { what: "nodes of a tree" }.into());
    }
    let refuse = |at: usize, rule| Err(Error::parameter("node of a saved tree", at, rule));
    let (count, mut next, mut levels) = (saved.len(), 1, Vec::new());
    let mut nodes = Vec::with_capacity(count);
    for (at, node) in saved.into_iter().enumerate() {
        let (value, weight, rows) = (node.share.0, node.weight.0, node.rows);
        if !(values.contains(&value) && weight > 0.0) {
            return refuse(at, "has a share or weight out of range");
        }
        let mut branch = None;
        if let Some(asks) = node.asks {
            let left = asks.left as usize;
            // Whatever is below comes later, and the way ends.
            if left <= at || left + 1 >= count || left.is_multiple_of(2) {
                return refuse(at, "has no pair of nodes below it");
            }
            next += 2;
            let kind = columns.columns().get(asks.column as usize).map(|column| &column.1);
            let Some(test) = asks.test.read(kind, &mut levels) else {
                return refuse(at, "asks what its column does not tell");
            };
            let Question { column, missing_left, missing_seen, left, .. } = asks;
            branch = Some(Branch { column, test, missing_left, missing_seen, left });
        }
        nodes.push(Node { value, weight, rows, branch });
    }
    let mut pairs: Vec<u32> = nodes.iter().filter_map(|node| Some(node.branch?.left)).collect();
    pairs.sort_unstable();
    if next != count || pairs.windows(2).any(|pair| pair[0] == pair[1]) {
        return refuse(0, "is not above each other one once");
    }
    for (at, node) in nodes.iter().enumerate() {
        let Some(branch) = node.branch else { continue };
        let [left, right]: [&Node; 2] = [0, 1].map(|side| &nodes[branch.left as usize + side]);
        let off = (left.weight + right.weight - node.weight).abs();
        if !(off <= 1e-9 * node.weight) || node.rows.checked_sub(left.rows) != Some(right.rows) {
            return refuse(at, "has not the weight and the rows of both below it");
        }
    }
    Ok(Nodes { nodes, levels })
}

impl SavedTest {
    /// `None` if a column of this kind cannot be asked that.
    fn read(&self, kind: Option<&Kind>, levels: &mut Vec<u16>) -> Option<Test> {
        match (self, kind?) {
            (Self::Known, _) => Some(Test::Known),
            (Self::AtMost(threshold), Kind::Number) => Some(Test::AtMost(threshold.0)),
            (Self::Among(left, right), Kind::Levels(known)) => {
                let sides = [left, right];
                let sound = |side: &&Vec<u16>| {
                    side.is_sorted_by(|a, b| a < b)
                        && side.last().is_none_or(|&last| (last as usize) < known.len())
                };
                if !sides.iter().all(sound) || left.iter().any(|level| right.binary_search(level).is_ok()) {
                    return None;
                }
                let start = levels.len() as u32;
                levels.extend(left);
                let middle = levels.len() as u32;
                levels.extend(right);
                Some(Test::Among { start, middle, end: levels.len() as u32 })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        churn::{Examples, Forest, ForestModel, Predictors, Tree},
        domain::{CustomerId, Customers, Day},
        feature::{Categories, Features},
    };

    fn examples() -> Examples {
        let people: Customers = (0..40_u32).map(CustomerId::from).collect();
        let day = Day::default();
        let tenure = (0..40_u32).map(|row| (row % 9 != 4).then(|| f64::from(row))).collect();
        let plan = (0..40).map(|row| (row % 7 != 2).then(|| ["a", "b", "c"][row % 3])).collect::<Vec<_>>();
        let numbers = Features::new(people.clone(), day, [("tenure".to_owned(), tenure)]).unwrap();
        let texts = Categories::new(people, day, [("plan".to_owned(), plan)]).unwrap();
        let known = Predictors::of(&numbers).with_categories(&texts).unwrap();
        Examples::new(known, (0..40).map(|row| row < 20 || row % 3 == 0).collect()).unwrap()
    }

    type Break = (&'static str, fn(&mut Value));

    #[test]
    fn what_makes_no_sense_is_refused() {
        let model = Tree::unlimited().leaf_rows(3).fit(&examples()).unwrap();
        let saved = serde_json::to_value(&model).unwrap();
        assert_eq!(serde_json::from_value::<TreeModel>(saved.clone()).unwrap(), model);
        let breaks: [Break; 11] = [
            ("not the weight and the rows", |saved| saved["nodes"][0]["weight"] = "5e-324".into()),
            ("are not ascending", |saved| saved["columns"][1][1]["Levels"] = json!(["c", "b", "a"])),
            ("saved with schema 2", |saved| saved["schema"] = 2.into()),
            ("there are none", |saved| saved["nodes"] = json!([])),
            ("out of range", |saved| saved["nodes"][0]["share"] = "1.5".into()),
            ("out of range", |saved| saved["nodes"][1]["weight"] = "0.0".into()),
            ("no pair of nodes", |saved| saved["nodes"][0]["asks"]["left"] = 0.into()),
            ("no pair of nodes", |saved| saved["nodes"][0]["asks"]["left"] = 999.into()),
            ("what its column does not tell", |saved| saved["nodes"][0]["asks"]["column"] = 2.into()),
            ("above each other one once", |saved| {
                saved["nodes"][0].as_object_mut().unwrap().remove("asks");
            }),
            ("must not be below 0", |saved| saved["smoothing"] = "-1.0".into()),
        ];
        for (rule, spoil) in breaks {
            let mut spoilt = saved.clone();
            spoil(&mut spoilt);
            let error = serde_json::from_value::<TreeModel>(spoilt).unwrap_err().to_string();
            assert!(error.contains(rule), "{rule}: {error}");
        }
        let forest = Forest::new(4, 1).leaf_rows(2).fit(&examples()).unwrap();
        let saved = serde_json::to_string(&forest).unwrap();
        assert_eq!(serde_json::from_str::<ForestModel>(&saved).unwrap(), forest);
        let error =
            serde_json::from_str::<ForestModel>(&saved.replacen(r#""trees":[["#, r#""trees":[[{},"#, 1))
                .unwrap_err();
        assert!(error.to_string().contains("missing field"), "{error}");
    }

    #[test]
    fn rules_name_levels_and_what_is_missing() {
        let people: Customers = (0..12_u32).map(CustomerId::from).collect();
        let day = Day::default();
        let plan = [Some("a"), Some("b"), Some("c"), None].repeat(3);
        let texts = Categories::new(people.clone(), day, [("plan".to_owned(), plan)]).unwrap();
        let tenure = (0..12_u32).map(|row| (row % 4 != 1).then_some(1.0)).collect();
        let numbers = Features::new(people, day, [("tenure".to_owned(), tenure)]).unwrap();
        let known = Predictors::of(&numbers).with_categories(&texts).unwrap();
        let learn = |left: fn(usize) -> bool| {
            let examples = Examples::new(known.clone(), (0..12).map(left).collect()).unwrap();
            Tree::unlimited().fit(&examples).unwrap().to_string()
        };
        assert_eq!(
            learn(|row| row % 4 == 0 || row % 4 == 3),
            "plan in {b, c}: 0.0 % of 6 churned\n(plan in {a} or missing): 100.0 % of 6 churned\n"
        );
        assert_eq!(
            learn(|row| row % 4 == 1),
            "tenure is known: 0.0 % of 9 churned\ntenure is missing: 100.0 % of 3 churned\n"
        );
    }
}
