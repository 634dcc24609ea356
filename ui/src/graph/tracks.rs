//! The columns between two layers in which trunks run up and down: no two share a cell that belong to different trunks,
//! and trunks stand in the order in which they cross each other least.

/// Of more trunks than this, how they cross is not weighed: it would take longer than a key may wait.
const MOST_WEIGHED: usize = 48;

/// A trunk between two layers: it comes in at the left in one row, and branches off to the right in others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bundle {
    /// The row in which it comes in.
    pub(super) from: i32,
    /// The rows in which it goes on, sorted.
    to: Vec<i32>,
    low: i32,
    high: i32,
}

impl Bundle {
    /// A trunk that comes in in a row and goes on in others.
    pub(super) fn new(from: i32, mut to: Vec<i32>) -> Self {
        to.sort_unstable();
        let low = to.first().map_or(from, |row| from.min(*row));
        let high = to.last().map_or(from, |row| from.max(*row));
        Self { from, to, low, high }
    }

    /// Whether it runs straight through and needs no column.
    fn is_straight(&self) -> bool {
        self.low == self.high
    }

    fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// Whether this one must stand left of the other: the other goes on in the row in which this one comes in, and the
    /// two would lie on each other.
    fn must_precede(&self, other: &Self) -> bool {
        other.to.binary_search(&self.from).is_ok()
    }

    /// How often the two cross when this one stands left of the other.
    fn crossings(&self, right: &Self) -> i32 {
        if !self.meets(right) {
            return 0;
        }
        let above = self.to.partition_point(|row| *row <= right.low);
        let within = self.to.partition_point(|row| *row < right.high).saturating_sub(above);
        i32::from(self.low < right.from && right.from < self.high) + within as i32
    }
}

/// The column of each bundle, where it needs one, and how many columns there are. Where no order of columns keeps all
/// bundles apart: a row that has to be moved.
pub(super) fn assign(bundles: &[Bundle]) -> Result<(Vec<Option<i32>>, i32), i32> {
    let order = order(bundles)?;
    let mut columns: Vec<Option<i32>> = vec![None; bundles.len()];
    let mut count = 0;
    for (index, this) in order.iter().enumerate() {
        let bundle = &bundles[*this];
        if bundle.is_straight() {
            continue;
        }
        let mut column = 0;
        for before in &order[..index] {
            let other = &bundles[*before];
            let Some(taken) = columns[*before] else { continue };
            if other.meets(bundle) {
                column = column.max(taken + 1);
            }
        }
        columns[*this] = Some(column);
        count = count.max(column + 1);
    }
    Ok((columns, count))
}

/// The bundles from left to right.
fn order(bundles: &[Bundle]) -> Result<Vec<usize>, i32> {
    let count = bundles.len();
    let mut preceding = vec![0_usize; count];
    // What it costs to put a bundle left of all that are not placed yet, less what it costs to put it right of them.
    let mut costs = vec![0_i32; count];
    for (this, bundle) in bundles.iter().enumerate() {
        for (that, other) in bundles.iter().enumerate().filter(|(that, _)| *that != this) {
            preceding[that] += usize::from(bundle.must_precede(other));
            if count <= MOST_WEIGHED {
                costs[this] += bundle.crossings(other) - other.crossings(bundle);
            }
        }
    }
    let mut left: Vec<usize> = (0..count).collect();
    let mut order = Vec::with_capacity(count);
    while !left.is_empty() {
        let free = left.iter().enumerate().filter(|(_, bundle)| preceding[**bundle] == 0);
        let Some((at, this)) = free.min_by_key(|(_, bundle)| (costs[**bundle], **bundle)).map(|(at, this)| (at, *this))
        else {
            // Each of those that are left has to stand right of another one.
            let blocking = left.iter().find(|one| left.iter().any(|other| hinders(bundles, **one, *other)));
            return Err(blocking.map_or(0, |one| bundles[*one].from));
        };
        left.remove(at);
        order.push(this);
        for that in &left {
            preceding[*that] -= usize::from(bundles[this].must_precede(&bundles[*that]));
            if count <= MOST_WEIGHED {
                costs[*that] -= bundles[*that].crossings(&bundles[this]) - bundles[this].crossings(&bundles[*that]);
            }
        }
    }
    Ok(order)
}

fn hinders(bundles: &[Bundle], one: usize, other: usize) -> bool {
    one != other && bundles[one].must_precede(&bundles[other])
}
