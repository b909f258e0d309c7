//! A map from ids that the engine gives out in ascending order.

/// Few entries at a time, and new ones go to the end: a sorted vector is the smallest map for that.
#[derive(Debug)]
pub(super) struct IdMap<K, V>(Vec<(K, V)>);

impl<K: Ord + Copy, V> IdMap<K, V> {
    pub(super) fn insert(&mut self, id: K, value: V) {
        let at = self.0.partition_point(|(other, _)| *other < id);
        self.0.insert(at, (id, value));
    }

    pub(super) fn get(&self, id: K) -> Option<&V> {
        let at = self.find(id)?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(super) fn remove(&mut self, id: K) -> Option<V> {
        let at = self.find(id)?;
        Some(self.0.remove(at).1)
    }

    fn find(&self, id: K) -> Option<usize> {
        self.0.binary_search_by_key(&id, |(other, _)| *other).ok()
    }
}

impl<K, V> Default for IdMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
