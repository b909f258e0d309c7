//! Pairs of numbers in order, and rows that are found by them.
//!
//! Timers, turns, who waits for what, and the names of jobs, waiters and requests are all pairs of
//! numbers here, so that the download carries one search tree, and not one for each kind of key.

/// What is kept in order: by the first number, then by the second.
pub(super) type Pair = (u64, u64);

/// No node, and no row: they are numbered from 1.
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
            self.link(tree, None, Some(before));
            (tree, after)
        } else {
            let (before, after) = self.split(node.left, pair);
            self.link(tree, Some(after), None);
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
            self.link(before, None, Some(right));
            before
        } else {
            let left = self.join(before, second.left);
            self.link(after, Some(left), None);
            after
        }
    }

    fn link(&mut self, number: u32, left: Option<u32>, right: Option<u32>) {
        if let Some(node) = self.nodes.get_mut(index(number)) {
            node.left = left.unwrap_or(node.left);
            node.right = right.unwrap_or(node.right);
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
fn index(number: u32) -> usize {
    usize::try_from(number.wrapping_sub(1)).unwrap_or(usize::MAX)
}

/// Which of two nodes stands above the other: as good as drawn by lot, so that the tree has no side.
fn rank(number: u32) -> u32 {
    let mixed = number.wrapping_mul(0x9e37_79b9);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b)
}

/// Rows by name. While it stands a row has a number of its own too, by which it is found at once.
#[derive(Debug)]
pub(super) struct Table<T> {
    names: Order,
    rows: Vec<Option<Box<T>>>,
}

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Self {
            names: Order::default(),
            rows: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn names(&self) -> &Order {
        &self.names
    }

    /// Puts a row in; its number.
    pub(super) fn insert(&mut self, name: Pair, row: Box<T>) -> u32 {
        let number = self.names.insert(name);
        match self.rows.get_mut(index(number)) {
            Some(place) => *place = Some(row),
            None => self.rows.push(Some(row)),
        }
        number
    }

    #[inline(never)]
    pub(super) fn remove(&mut self, name: Pair) -> Option<Box<T>> {
        let number = self.names.remove(name);
        self.rows.get_mut(index(number))?.take()
    }

    /// The row of this number.
    #[inline(never)]
    pub(super) fn row(&self, number: u32) -> Option<&T> {
        self.rows.get(index(number))?.as_deref()
    }

    /// The row of this number.
    #[inline(never)]
    pub(super) fn row_mut(&mut self, number: u32) -> Option<&mut T> {
        self.rows.get_mut(index(number))?.as_deref_mut()
    }

    /// The number of the row of this name.
    #[inline(never)]
    pub(super) fn find(&self, name: Pair) -> u32 {
        match self.names.first_from(name) {
            Some((found, number)) if found == name => number,
            _ => NONE,
        }
    }

    /// All numbers that a row has or had.
    pub(super) fn numbers(&self) -> std::ops::RangeInclusive<u32> {
        1..=u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }
}
