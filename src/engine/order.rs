//! Pairs of numbers in order.
//!
//! Timers, turns, who waits for what, and the names of jobs, waiters and requests are all pairs of
//! numbers, so that the download carries one search tree, and not one for each kind of key. What is
//! called from many places is never inlined, for the same reason.

/// What is kept in order: by the first number, then by the second.
pub(super) type Pair = (u64, u64);

/// No node: they are numbered from 1.
pub(super) const NONE: u32 = 0;

/// A set of pairs in order: a treap, in which each step takes as long as its tree is deep.
#[derive(Debug, Default)]
pub(super) struct Order {
    nodes: Vec<Node>,
    root: u32,
    /// The first of the nodes that hold no pair; the others follow on its left.
    free: u32,
    len: usize,
}

#[derive(Debug, Default)]
struct Node {
    pair: Pair,
    left: u32,
    right: u32,
}

impl Order {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a pair in, if it is not there yet; the number of its node.
    #[inline(never)]
    pub(super) fn insert(&mut self, pair: Pair) -> u32 {
        self.set(pair, true)
    }

    /// Takes a pair out; the number that its node had, [`NONE`] if there was none.
    #[inline(never)]
    pub(super) fn remove(&mut self, pair: Pair) -> u32 {
        self.set(pair, false)
    }

    /// The first pair.
    #[inline(never)]
    pub(super) fn first(&self) -> Option<Pair> {
        self.first_from((0, 0)).map(|(pair, _)| pair)
    }

    /// The first pair that is not before this one, and the number of its node.
    pub(super) fn first_from(&self, from: Pair) -> Option<(Pair, u32)> {
        let (mut at, mut found) = (self.root, None);
        while let Some(node) = self.nodes.get(index(at)) {
            if node.pair < from {
                at = node.right;
            } else {
                found = Some((node.pair, at));
                at = node.left;
            }
        }
        found
    }

    /// Cuts the pair's own node out, and puts the tree together again with it or without it.
    fn set(&mut self, pair: Pair, present: bool) -> u32 {
        let (before, rest) = self.split(self.root, pair);
        let (found, rest) = self.split(rest, after(pair));
        let (number, kept) = match (found, present) {
            (NONE, true) => {
                let made = self.make(pair);
                (made, made)
            }
            (NONE, false) => (NONE, NONE),
            (found, true) => (found, found),
            (found, false) => {
                self.discard(found);
                (found, NONE)
            }
        };
        let before = self.join(before, kept);
        self.root = self.join(before, rest);
        number
    }

    fn make(&mut self, pair: Pair) -> u32 {
        self.len = self.len.wrapping_add(1);
        let free = self.free;
        let node = Node {
            pair,
            ..Node::default()
        };
        if let Some(place) = self.nodes.get_mut(index(free)) {
            self.free = place.left;
            *place = node;
            free
        } else {
            self.nodes.push(node);
            u32::try_from(self.nodes.len()).unwrap_or(NONE)
        }
    }

    fn discard(&mut self, number: u32) {
        self.len = self.len.wrapping_sub(1);
        if let Some(node) = self.nodes.get_mut(index(number)) {
            node.left = self.free;
            self.free = number;
        }
    }

    /// Parts a tree: what is before the pair, and what is not.
    fn split(&mut self, tree: u32, pair: Pair) -> (u32, u32) {
        let Some(node) = self.nodes.get(index(tree)) else {
            return (NONE, NONE);
        };
        if node.pair < pair {
            let (before, after) = self.split(node.right, pair);
            self.set_right(tree, before);
            (tree, after)
        } else {
            let (before, after) = self.split(node.left, pair);
            self.set_left(tree, after);
            (before, tree)
        }
    }

    /// Joins two trees, the one being wholly before the other.
    fn join(&mut self, before: u32, after: u32) -> u32 {
        let (Some(first), Some(second)) =
            (self.nodes.get(index(before)), self.nodes.get(index(after)))
        else {
            return before.max(after);
        };
        if rank(before) < rank(after) {
            let right = self.join(first.right, after);
            self.set_right(before, right);
            before
        } else {
            let left = self.join(before, second.left);
            self.set_left(after, left);
            after
        }
    }

    fn set_left(&mut self, number: u32, left: u32) {
        if let Some(node) = self.nodes.get_mut(index(number)) {
            node.left = left;
        }
    }

    fn set_right(&mut self, number: u32, right: u32) {
        if let Some(node) = self.nodes.get_mut(index(number)) {
            node.right = right;
        }
    }
}

/// Two small numbers as one, ordered by the upper one first.
pub(super) fn pair_up(upper: u32, lower: u32) -> u64 {
    (u64::from(upper) << 32) | u64::from(lower)
}

/// The lower of two numbers that are one.
#[allow(clippy::cast_possible_truncation)] // The upper one is meant to be cut off.
pub(super) fn low_half(number: u64) -> u32 {
    number as u32
}

/// The upper of two numbers that are one.
pub(super) fn high_half(number: u64) -> u32 {
    low_half(number >> 32)
}

/// The next pair that there may be.
pub(super) fn after(pair: Pair) -> Pair {
    (pair.0, pair.1.wrapping_add(1))
}

/// Where a number stands in a vector; [`NONE`] stands nowhere.
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number.wrapping_sub(1)).unwrap_or(usize::MAX)
}

/// Which of two nodes stands above the other: as good as drawn by lot, so that the tree has no side.
fn rank(number: u32) -> u32 {
    let mixed = number.wrapping_mul(0x9e37_79b9);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{NONE, Order};

    /// Numbers that look drawn by lot and are the same each time.
    fn lots() -> impl Iterator<Item = u64> {
        let mut state: u64 = 1;
        std::iter::from_fn(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            Some(state >> 33)
        })
    }

    #[test]
    fn it_holds_what_a_set_of_the_standard_library_holds() {
        let (mut order, mut set) = (Order::default(), BTreeSet::new());
        let mut lots = lots();
        let mut lot = |below: u64| lots.next().map_or(0, |it| it % below);
        for _ in 0..100_000 {
            let pair = (lot(16), lot(64));
            if lot(2) == 0 {
                order.insert(pair);
                set.insert(pair);
            } else {
                assert_eq!(order.remove(pair) != NONE, set.remove(&pair));
            }
            assert_eq!(order.len(), set.len());
            assert_eq!(order.first(), set.first().copied());
            let from = (lot(16), lot(64));
            let found = order.first_from(from).map(|(pair, _)| pair);
            assert_eq!(found, set.range(from..).next().copied());
        }
    }

    #[test]
    fn a_node_keeps_its_number_while_it_stands_and_gives_it_to_the_next_one() {
        let mut order = Order::default();
        let numbers: Vec<u32> = (0..100).map(|it| order.insert((it, 0))).collect();
        assert_eq!(numbers, (1..=100).collect::<Vec<u32>>());
        assert_eq!(order.insert((50, 0)), 51);
        assert_eq!(order.remove((50, 0)), 51);
        assert_eq!(order.insert((7, 7)), 51);
    }

    #[test]
    fn it_stays_flat_whatever_the_order_of_coming() {
        let mut order = Order::default();
        for it in 0..100_000 {
            order.insert((it, 0));
        }
        assert!(order.depth(order.root) < 60, "{}", order.depth(order.root));
    }

    impl Order {
        fn depth(&self, tree: u32) -> usize {
            self.nodes.get(super::index(tree)).map_or(0, |node| {
                let below = self.depth(node.left).max(self.depth(node.right));
                below.wrapping_add(1)
            })
        }
    }
}
