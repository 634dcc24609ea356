//! The order of the items within each layer: each moves to the middle of its neighbours, sweep by sweep, and the order
//! with the fewest crossings stays. Ties keep the order they have, so that the same topology is always the same picture.

use super::structure::Component;

/// How often the layers are swept, in each direction.
const SWEEPS: usize = 6;

/// Sweeps over more pieces than this cost more time than they save crossings.
const MOST_SEGMENTS: usize = 4_000;

/// Puts the items of each layer in order.
pub(super) fn arrange(component: &mut Component) {
    let segments: usize = component.gaps.iter().map(Vec::len).sum();
    if !(2..=MOST_SEGMENTS).contains(&segments) {
        return;
    }
    let neighbours = Neighbours::of(component);
    let mut places = vec![0; component.items.len()];
    let (mut best, mut fewest) = (component.layers.clone(), usize::MAX);
    for _ in 0..SWEEPS {
        for down in [true, false] {
            sweep(component, &neighbours, &mut places, down);
            switch(component, &neighbours, &mut places);
            let crossings = crossings(component, &mut places);
            if crossings < fewest {
                (best, fewest) = (component.layers.clone(), crossings);
            }
        }
        if fewest == 0 {
            break;
        }
    }
    component.layers = best;
}

/// The neighbours of each item, at its left and at its right.
struct Neighbours {
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
}

impl Neighbours {
    fn of(component: &Component) -> Self {
        let empty = || vec![Vec::new(); component.items.len()];
        let mut neighbours = Self { left: empty(), right: empty() };
        for segment in component.gaps.iter().flatten() {
            neighbours.left[segment.right].push(segment.left);
            neighbours.right[segment.left].push(segment.right);
        }
        neighbours
    }
}

fn number(layer: &[usize], places: &mut [usize]) {
    for (place, item) in layer.iter().enumerate() {
        places[*item] = place;
    }
}

/// Sorts each layer by the mean place of its items' neighbours, from left to right or from right to left.
fn sweep(component: &mut Component, neighbours: &Neighbours, places: &mut [usize], down: bool) {
    let count = component.layers.len();
    for layer in &component.layers {
        number(layer, places);
    }
    for step in 1..count {
        let at = if down { step } else { count - 1 - step };
        let sides = if down { &neighbours.left } else { &neighbours.right };
        let layer = &mut component.layers[at];
        let mean = |item: usize| {
            let side = &sides[item];
            if side.is_empty() {
                return places[item] << 16;
            }
            (side.iter().map(|neighbour| places[*neighbour]).sum::<usize>() << 16) / side.len()
        };
        layer.sort_by_cached_key(|item| (mean(*item), places[*item]));
        number(layer, places);
    }
}

/// Exchanges neighbours in a layer where that saves crossings.
fn switch(component: &mut Component, neighbours: &Neighbours, places: &mut [usize]) {
    for layer in &component.layers {
        number(layer, places);
    }
    for layer in &mut component.layers {
        for _ in 0..layer.len().min(8) {
            let mut has_changed = false;
            for at in 1..layer.len() {
                let (upper, lower) = (layer[at - 1], layer[at]);
                let cost = |upper: usize, lower: usize| {
                    [&neighbours.left, &neighbours.right].map(|side| inversions(&side[upper], &side[lower], places))
                };
                let [now, then] = [cost(upper, lower), cost(lower, upper)].map(|[left, right]| left + right);
                if then < now {
                    layer.swap(at - 1, at);
                    (places[upper], places[lower]) = (at, at - 1);
                    has_changed = true;
                }
            }
            if !has_changed {
                break;
            }
        }
    }
}

/// How many of the lines of two items cross when one stands above the other.
fn inversions(upper: &[usize], lower: &[usize], places: &[usize]) -> usize {
    upper.iter().map(|one| lower.iter().filter(|other| places[**other] < places[*one]).count()).sum()
}

/// How often lines cross, in all gaps.
fn crossings(component: &Component, places: &mut [usize]) -> usize {
    for layer in &component.layers {
        number(layer, places);
    }
    let mut all = 0;
    for gap in &component.gaps {
        let mut ends: Vec<(usize, usize)> =
            gap.iter().map(|segment| (places[segment.left], places[segment.right])).collect();
        ends.sort_unstable();
        // Counts, for each line, those begun above it that end below it: a tree of sums over the right ends.
        let len = ends.iter().map(|(_, right)| right + 1).max().unwrap_or(0);
        let mut sums = vec![0_usize; len + 1];
        for (begun, (_, right)) in ends.iter().enumerate() {
            let mut not_below = 0;
            let mut at = right + 1;
            while at > 0 {
                not_below += sums[at];
                at &= at - 1;
            }
            all += begun - not_below;
            let mut at = right + 1;
            while at <= len {
                sums[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    all
}
