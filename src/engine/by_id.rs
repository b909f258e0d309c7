//! A map whose ids are assigned in ascending order.

use super::ids::Id;
use super::ordered::OrderedMap;

#[derive(Debug)]
pub(super) struct ById<K, V> {
    // Boxed, because entries are large and move.
    entries: OrderedMap<K, Box<V>>,
    last_id: Option<K>,
}

impl<K: Id, V> ById<K, V> {
    pub(super) fn new() -> Self {
        Self {
            entries: OrderedMap::new(),
            last_id: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Assigns the id of the next entry.
    pub(super) fn new_id(&mut self) -> K {
        let id = K::after(self.last_id);
        self.last_id = Some(id);
        id
    }

    pub(super) fn insert(&mut self, id: K, entry: V) {
        self.entries.insert(id, Box::new(entry));
    }

    pub(super) fn remove(&mut self, id: K) -> Option<Box<V>> {
        self.entries.remove(id)
    }

    pub(super) fn get(&self, id: K) -> Option<&V> {
        self.entries.get(id).map(|entry| &**entry)
    }

    pub(super) fn get_mut(&mut self, id: K) -> Option<&mut V> {
        self.entries.get_mut(id).map(|entry| &mut **entry)
    }

    pub(super) fn first_id(&self) -> Option<K> {
        self.entries.iter().next().map(|(id, _)| id)
    }

    /// The entries, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.entries.iter().map(|(id, entry)| (id, &**entry))
    }

    /// The entries, oldest first.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.entries
            .iter_mut()
            .map(|(id, entry)| (id, &mut **entry))
    }
}
