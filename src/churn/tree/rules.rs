//! A tree in words.

use std::fmt;

use super::nodes::{Branch, Node, Nodes, Test};
use crate::churn::schema::{Kind, Schema};

/// A leaf in words: conditions that all hold, and how many of such customers churned.
#[derive(Clone, PartialEq, Debug)]
pub struct LeafRule {
    /// One for each column that is asked on the way, in the order they are asked; none where the tree asks nothing.
    pub conditions: Vec<Condition>,
    /// Of the weight of these rows in learning, the share that churned.
    pub share: f64,
    /// The probability that the tree gives: the share, smoothed.
    pub probability: f64,
    /// The weight of these rows in learning.
    pub weight: f64,
    /// Number of these rows in learning.
    pub rows: u32,
}

/// What a rule asks of a column.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The values for which it holds.
    pub values: Values,
    /// Whether it holds too where there is no value. It is not said of columns whose values were all there in learning.
    pub missing: bool,
}

/// Values for which a condition holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    /// Numbers above one and not above another, where there are such bounds.
    Numbers {
        /// The bound below all of them.
        above: Option<f64>,
        /// The largest of them.
        at_most: Option<f64>,
    },
    /// Levels, ascending.
    Levels(Vec<String>),
    /// None: there is no value.
    Missing,
}

/// What the way to a node has asked of a column.
#[derive(Clone)]
struct Asked {
    column: usize,
    above: Option<f64>,
    at_most: Option<f64>,
    /// Of those of the column.
    levels: Vec<u16>,
    known: bool,
    missing: bool,
    missing_seen: bool,
}

/// A rule for each leaf, from the left to the right.
pub(super) fn rules(nodes: &Nodes, schema: &Schema, probability: impl Fn(&Node) -> f64) -> Vec<LeafRule> {
    let mut rules = Vec::new();
    let mut open: Vec<(u32, Vec<Asked>)> = vec![(0, Vec::new())];
    while let Some((at, way)) = open.pop() {
        let node = &nodes.nodes[at as usize];
        if let Some(branch) = &node.branch {
            open.push((branch.left + 1, with(&way, branch, false, nodes, schema)));
            open.push((branch.left, with(&way, branch, true, nodes, schema)));
        } else {
            rules.push(LeafRule {
                conditions: way.into_iter().map(|asked| asked.condition(schema)).collect(),
                share: node.value,
                probability: probability(node),
                weight: node.weight,
                rows: node.rows,
            });
        }
    }
    rules
}

/// The way, and a question more.
fn with(way: &[Asked], branch: &Branch, left: bool, nodes: &Nodes, schema: &Schema) -> Vec<Asked> {
    let (mut way, column) = (way.to_vec(), branch.column as usize);
    let at = way.iter().position(|asked| asked.column == column).unwrap_or_else(|| {
        way.push(Asked::any(column, schema));
        way.len() - 1
    });
    way[at].narrow(branch, left, nodes);
    way
}

impl Asked {
    fn any(column: usize, schema: &Schema) -> Self {
        let levels = match &schema.columns()[column].1 {
            Kind::Number => Vec::new(),
            Kind::Levels(levels) => (0..levels.len() as u16).collect(),
        };
        Self { column, above: None, at_most: None, levels, known: true, missing: true, missing_seen: false }
    }

    fn narrow(&mut self, branch: &Branch, left: bool, nodes: &Nodes) {
        self.missing_seen |= branch.missing_seen;
        self.missing &= branch.missing_left == left;
        match branch.test {
            // Thresholds on a way only ever come closer.
            Test::AtMost(threshold) if left => self.at_most = Some(threshold),
            Test::AtMost(threshold) => self.above = Some(threshold),
            Test::Among { .. } => {
                let (to_left, to_right) = nodes.sides(&branch.test);
                let (own, other) = if left { (to_left, to_right) } else { (to_right, to_left) };
                if branch.missing_left == left {
                    self.levels.retain(|level| other.binary_search(level).is_err());
                } else {
                    self.levels.retain(|level| own.binary_search(level).is_ok());
                }
            }
            Test::Known => {
                self.missing = !left;
                self.known &= left;
            }
        }
    }

    fn condition(self, schema: &Schema) -> Condition {
        let (column, kind) = &schema.columns()[self.column];
        let values = match kind {
            _ if !self.known => Values::Missing,
            Kind::Number => Values::Numbers { above: self.above, at_most: self.at_most },
            Kind::Levels(levels) => {
                Values::Levels(self.levels.iter().map(|&level| levels[level as usize].clone()).collect())
            }
        };
        Condition { column: column.clone(), values, missing: self.missing && self.missing_seen }
    }
}

impl fmt::Display for LeafRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.conditions.is_empty() {
            f.write_str("everyone")?;
        }
        for (at, condition) in self.conditions.iter().enumerate() {
            write!(f, "{}{condition}", if at == 0 { "" } else { " and " })?;
        }
        write!(f, ": {:.1} % of {} churned", 100.0 * self.share, self.rows)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = &self.column;
        let brackets = self.missing && self.values != Values::Missing;
        f.write_str(if brackets { "(" } else { "" })?;
        match &self.values {
            Values::Missing => write!(f, "{column} is missing"),
            Values::Levels(levels) => write!(f, "{column} in {{{}}}", levels.join(", ")),
            Values::Numbers { above: Some(above), at_most: Some(most) } => {
                write!(f, "{above} < {column} <= {most}")
            }
            Values::Numbers { above: None, at_most: Some(most) } => write!(f, "{column} <= {most}"),
            Values::Numbers { above: Some(above), at_most: None } => write!(f, "{column} > {above}"),
            Values::Numbers { above: None, at_most: None } => write!(f, "{column} is known"),
        }?;
        f.write_str(if brackets { " or missing)" } else { "" })
    }
}
