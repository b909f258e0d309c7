//! A set and a map that keep their keys in order.
//!
//! Both are sorted queues, because most keys arrive at the end and leave at the front. An insertion in the
//! middle moves a quarter of the entries. For a few thousand entries this is as fast as a B-tree, with much
//! less code.

use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct OrderedSet<T> {
    items: VecDeque<T>,
}

impl<T: Ord> OrderedSet<T> {
    pub(super) const fn new() -> Self {
        Self {
            items: VecDeque::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Adds an item unless it is present.
    pub(super) fn insert(&mut self, item: T) {
        if let Err(at) = self.items.binary_search(&item) {
            self.items.insert(at, item);
        }
    }

    /// Removes an item; false if it was not present.
    pub(super) fn remove(&mut self, item: &T) -> bool {
        match self.items.binary_search(item) {
            Ok(at) => self.items.remove(at).is_some(),
            Err(_) => false,
        }
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.items.front()
    }

    pub(super) fn pop_first(&mut self) -> Option<T> {
        self.items.pop_front()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }
}

#[derive(Debug)]
pub(crate) struct OrderedMap<K, V> {
    entries: VecDeque<(K, V)>,
}

impl<K: Ord + Copy, V> OrderedMap<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: VecDeque::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds or replaces an entry.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(key) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.entries.insert(at, (key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let at = self.find(key).ok()?;
        self.entries.remove(at).map(|entry| entry.1)
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|entry| &entry.1)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        self.entries.get_mut(at).map(|entry| &mut entry.1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.entries.iter().map(|entry| (entry.0, &entry.1))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.entries.iter_mut().map(|entry| (entry.0, &mut entry.1))
    }

    fn find(&self, key: K) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.0.cmp(&key))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{OrderedMap, OrderedSet};

    /// Pseudo-random numbers, the same in each run.
    fn numbers() -> impl Iterator<Item = u64> {
        let mut state: u64 = 1;
        std::iter::from_fn(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            Some(state >> 33)
        })
    }

    #[test]
    fn same_set_as_the_standard_library() {
        let (mut ours, mut theirs) = (OrderedSet::new(), BTreeSet::new());
        let mut numbers = numbers();
        let mut below = |bound: u64| numbers.next().map_or(0, |it| it % bound);
        for _ in 0..50_000 {
            let item = (below(16), below(64));
            match below(5) {
                0 | 1 => {
                    ours.insert(item);
                    theirs.insert(item);
                }
                2 | 3 => assert_eq!(ours.remove(&item), theirs.remove(&item)),
                _ => assert_eq!(ours.pop_first(), theirs.pop_first()),
            }
            assert_eq!(ours.len(), theirs.len());
            assert_eq!(ours.first(), theirs.first());
        }
        assert!(ours.iter().eq(theirs.iter()));
    }

    #[test]
    fn same_map_as_the_standard_library() {
        let (mut ours, mut theirs) = (OrderedMap::new(), BTreeMap::new());
        let mut numbers = numbers();
        let mut below = |bound: u64| numbers.next().map_or(0, |it| it % bound);
        for _ in 0..50_000 {
            let (key, value) = (below(64), below(1_000));
            if below(2) == 0 {
                ours.insert(key, value);
                theirs.insert(key, value);
            } else {
                assert_eq!(ours.remove(key), theirs.remove(&key));
            }
            assert_eq!(ours.get(key), theirs.get(&key));
            assert_eq!(ours.get_mut(value % 64), theirs.get_mut(&(value % 64)));
            assert_eq!(ours.len(), theirs.len());
        }
        assert!(
            ours.iter()
                .eq(theirs.iter().map(|(key, value)| (*key, value)))
        );
    }
}
