//! How cut points are found.

use super::{
    cut::{Cut, Good, Kind},
    dimension::{Amounts, Columns, codes},
    scheme::{FixedCuts, Rule, Scheme},
};
use crate::{
    domain::Currency,
    error::Error,
    math::{
        fork::join,
        quantile::{Share, encode, order_statistics, quantiles},
    },
    model::Ties,
};

/// The cut points of the three dimensions.
///
/// # Errors
/// If fixed cuts are in another currency.
pub(super) fn learn(
    scheme: &Scheme,
    columns: &Columns<'_>,
    currency: Currency,
) -> Result<[Vec<Cut>; 3], Error> {
    let idle = columns.idle_days();
    let monetary = || match &columns.monetary {
        Amounts::Whole(column) => cuts(scheme, column.iter().copied(), Good::High, Kind::Whole),
        Amounts::Mean(column) => cuts(scheme, codes(column), Good::High, Kind::Mean),
    };
    if let Rule::Fixed(cuts) = &scheme.rule {
        return fixed(cuts, scheme.monetary.kind(), currency);
    }
    let ((recency, frequency), monetary) = join(
        || {
            let recency = cuts(scheme, idle, Good::Low, Kind::Whole);
            (recency, cuts(scheme, columns.frequencies(), Good::High, Kind::Whole))
        },
        monetary,
    );
    Ok([recency, frequency, monetary])
}

/// # Errors
/// If the cuts are in another currency.
pub(super) fn fixed(cuts: &FixedCuts, amounts: Kind, currency: Currency) -> Result<[Vec<Cut>; 3], Error> {
    for money in &cuts.monetary {
        currency.require(money.currency())?;
    }
    let days = cuts.idle_days.iter().map(|&days| Cut::whole(days.into()));
    let counts = cuts.frequency.iter().map(|&count| Cut::whole(count.into()));
    let money = cuts.monetary.iter().map(|money| match amounts {
        Kind::Whole => Cut::whole(money.minor()),
        Kind::Mean => Kind::Mean.at(encode(money.minor() as f64)),
    });
    Ok([days.collect(), counts.collect(), money.collect()])
}

fn cuts<I>(scheme: &Scheme, values: I, good: Good, kind: Kind) -> Vec<Cut>
where
    I: ExactSizeIterator<Item: Into<i64> + Ord + Copy> + Clone,
{
    let levels = scheme.levels();
    if matches!(scheme.rule, Rule::Ranks { .. }) {
        return ranks(&values, levels, good, scheme.ties, kind);
    }
    let whole = u64::from(levels);
    let shares: Vec<Share> = (1..whole).map(|part| Share { part, whole }).collect();
    quantiles(values, &shares).into_iter().map(|between| kind.between(between)).collect()
}

/// Cuts between groups whose sizes differ by at most one, as near as the tie rule allows.
fn ranks<I>(values: &I, levels: u8, good: Good, ties: Ties, kind: Kind) -> Vec<Cut>
where
    I: ExactSizeIterator<Item: Into<i64> + Ord + Copy> + Clone,
{
    let borders = borders(values.len(), levels, good);
    let below = |&border: &usize| border.saturating_sub(1);
    let last = values.len().saturating_sub(1);
    let ranks: Vec<usize> = match (ties, good) {
        (Ties::Lower, _) | (Ties::Split, Good::High) => borders.iter().map(below).collect(),
        (Ties::Upper, _) | (Ties::Split, Good::Low) => borders.clone(),
    };
    let found = order_statistics(values.clone(), &ranks);
    let cuts = borders.into_iter().zip(found).map(|(border, value)| match ties {
        // With fewer customers than levels a cut may lie outside them all.
        Ties::Lower if border == 0 => kind.at(value.saturating_sub(1)),
        Ties::Upper if border > last => kind.at(value.saturating_add(1)),
        Ties::Lower | Ties::Upper => kind.at(value),
        Ties::Split => kind.at(value).keeping(kept(values.clone().map(Into::into), value, border, good)),
    });
    cuts.collect()
}

/// How many values lie below each cut, ascending, the groups of lower scores being the larger ones.
fn borders(count: usize, levels: u8, good: Good) -> Vec<usize> {
    let levels = usize::from(levels);
    let worse = |level: usize| level * (count / levels) + level.min(count % levels);
    match good {
        Good::High => (1..levels).map(worse).collect(),
        Good::Low => (1..levels).rev().map(|level| count - worse(level)).collect(),
    }
}

/// Of the values at the cut, how many stay on the side of the lower score.
fn kept<I>(values: I, cut: i64, border: usize, good: Good) -> u64
where
    I: ExactSizeIterator<Item = i64>,
{
    let all = values.len();
    let (worse, room) = match good {
        Good::High => (values.filter(|&value| value < cut).count(), border),
        Good::Low => (values.filter(|&value| value > cut).count(), all - border),
    };
    room.saturating_sub(worse) as u64
}
