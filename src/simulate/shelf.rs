//! What the bakery sells.

/// One thing on the shelf. Money is in cents.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) category: Category,
    pub(super) price: i64,
    /// What one piece costs the bakery, where the books say so.
    pub(super) cost: Option<i64>,
    /// How often it is taken, against others of its category.
    pub(super) weight: u32,
    /// How many pieces are taken at most.
    pub(super) most: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Category {
    Bread,
    Cakes,
    Coffee,
}

impl Category {
    pub(super) const ALL: [Self; 3] = [Self::Bread, Self::Cakes, Self::Coffee];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bread => "bread",
            Self::Cakes => "cakes",
            Self::Coffee => "coffee",
        }
    }

    /// What is on the shelf in this category.
    pub(super) fn shelf(self) -> &'static [Product] {
        match self {
            Self::Bread => BREAD,
            Self::Cakes => CAKES,
            Self::Coffee => COFFEE,
        }
    }
}

pub(super) const ROLL: Product = bread("wheat roll", 45, 14, 100, 8);
pub(super) const LOAF: Product = bread("sourdough loaf", 540, 170, 40, 2);

// The comma in a name is for readers of CSV.
const BREAD: &[Product] = &[
    ROLL,
    bread("rye roll", 60, 18, 60, 6),
    bread("rye loaf, sliced", 420, 135, 40, 1),
    LOAF,
    bread("baguette", 210, 60, 30, 2),
];

const CAKES: &[Product] = &[
    cake("croissant", 190, Some(65), 80, 4),
    cake("cheesecake slice", 360, Some(125), 50, 3),
    cake("apple cake slice", 320, Some(105), 40, 3),
    // The recipe changes with the season, and nobody has reckoned its cost.
    cake("cake of the season", 380, None, 20, 2),
    cake("birthday cake", 3200, Some(1150), 3, 1),
];

const COFFEE: &[Product] = &[
    coffee("espresso", 220, 35, 30),
    coffee("cappuccino", 340, 70, 60),
    coffee("filter coffee", 260, 40, 40),
];

const fn bread(name: &'static str, price: i64, cost: i64, weight: u32, most: u32) -> Product {
    Product { name, category: Category::Bread, price, cost: Some(cost), weight, most }
}

const fn cake(name: &'static str, price: i64, cost: Option<i64>, weight: u32, most: u32) -> Product {
    Product { name, category: Category::Cakes, price, cost, weight, most }
}

const fn coffee(name: &'static str, price: i64, cost: i64, weight: u32) -> Product {
    Product { name, category: Category::Coffee, price, cost: Some(cost), weight, most: 2 }
}
