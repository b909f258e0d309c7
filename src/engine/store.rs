//! The jobs: a slab with typed keys, and an index by id.

use std::collections::VecDeque;

use super::ids::JobKey;
use super::job::Job;
use super::protocol::url::JobId;

/// All jobs with a handle or a waiter.
#[derive(Debug)]
pub(super) struct JobStore {
    slots: Vec<Option<Slot>>,
    /// Vacant slots, used from the end.
    vacant: Vec<u32>,
    /// The keys of all jobs, sorted by id. For a few thousand jobs this is as fast as a hash table and saves
    /// 1.5 KB of the download.
    by_id: VecDeque<JobKey>,
    last_generation: u32,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    job: Box<Job>,
}

impl JobStore {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            vacant: Vec::new(),
            by_id: VecDeque::new(),
            last_generation: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The job of this key, unless it has been removed.
    pub(super) fn get(&self, key: JobKey) -> Option<&Job> {
        let slot = self.slots.get(offset(key.index))?.as_ref()?;
        (slot.generation == key.generation).then_some(&*slot.job)
    }

    /// The job of this key, unless it has been removed.
    pub(super) fn get_mut(&mut self, key: JobKey) -> Option<&mut Job> {
        let slot = self.slots.get_mut(offset(key.index))?.as_mut()?;
        (slot.generation == key.generation).then_some(&mut *slot.job)
    }

    pub(super) fn find(&self, id: &JobId) -> Option<JobKey> {
        let at = self.position(id).ok()?;
        self.by_id.get(at).copied()
    }

    /// Finds the job with this id or adds it.
    pub(super) fn find_or_insert(&mut self, id: &JobId) -> JobKey {
        if let Some(key) = self.find(id) {
            return key;
        }
        // Keys repeat after four billion jobs.
        self.last_generation = self.last_generation.wrapping_add(1);
        let slot = Slot {
            generation: self.last_generation,
            job: Box::new(Job::new(id.clone())),
        };
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        let key = JobKey {
            index,
            generation: slot.generation,
        };
        if let Some(place) = self.slots.get_mut(offset(index)) {
            *place = Some(slot);
        }
        let at = self.position(id).unwrap_or_else(|at| at);
        self.by_id.insert(at, key);
        key
    }

    pub(super) fn remove(&mut self, key: JobKey) {
        let id = self.get(key).map(|job| &job.poller.id);
        let Some(at) = id.and_then(|id| self.position(id).ok()) else {
            return;
        };
        self.by_id.remove(at);
        if let Some(place) = self.slots.get_mut(offset(key.index)) {
            *place = None;
            self.vacant.push(key.index);
        }
    }

    /// The position of this id in the index, or where to insert it.
    fn position(&self, id: &JobId) -> Result<usize, usize> {
        self.by_id
            .binary_search_by(|key| self.get(*key).map(|job| &job.poller.id).cmp(&Some(id)))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (JobKey, &Job)> {
        (0..).zip(&self.slots).filter_map(|(index, slot)| {
            let slot = slot.as_ref()?;
            let generation = slot.generation;
            Some((JobKey { index, generation }, &*slot.job))
        })
    }

    /// The keys of all jobs that match.
    pub(super) fn keys_where(&self, predicate: fn(&Job) -> bool) -> Vec<JobKey> {
        let matching = self.iter().filter(|(_, job)| predicate(job));
        matching.map(|(key, _)| key).collect()
    }

    /// Whether any job matches.
    pub(super) fn any(&self, predicate: fn(&Job) -> bool) -> bool {
        self.iter().any(|(_, job)| predicate(job))
    }
}

fn offset(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::JobStore;
    use crate::engine::protocol::url::JobId;

    fn id(text: &str) -> JobId {
        JobId::new(text).unwrap()
    }

    #[test]
    fn a_job_keeps_its_key() {
        let mut store = JobStore::new();
        let first = store.find_or_insert(&id("a"));
        let second = store.find_or_insert(&id("b"));
        assert_ne!(first, second);
        assert_eq!(store.find_or_insert(&id("a")), first);
        assert_eq!(store.find(&id("b")), Some(second));
        assert_eq!(store.get(second).unwrap().poller.id, id("b"));
        assert_eq!(store.len(), 2);
    }

    #[test]
    fn old_key_does_not_find_a_new_job_in_its_slot() {
        let mut store = JobStore::new();
        let old = store.find_or_insert(&id("a"));
        store.remove(old);
        assert_eq!(store.find(&id("a")), None);
        let new = store.find_or_insert(&id("b"));
        assert_eq!(new.index, old.index, "the slot is used again");
        assert!(store.get(old).is_none() && store.get_mut(old).is_none());
        store.remove(old);
        assert!(store.get(new).is_some(), "an old key removes nothing");
        let again = store.find_or_insert(&id("a"));
        assert!(store.get(again).is_some() && again != old);
    }

    #[test]
    fn keys_are_in_slot_order() {
        let mut store = JobStore::new();
        let keys = ["a", "b", "c"].map(|text| store.find_or_insert(&id(text)));
        store.remove(keys[1]);
        assert_eq!(store.keys_where(|_| true), [keys[0], keys[2]]);
        let fourth = store.find_or_insert(&id("d"));
        assert_eq!(store.keys_where(|_| true), [keys[0], fourth, keys[2]]);
        assert!(store.any(|job| job.poller.id.as_str() == "d"));
        assert!(!store.any(|job| job.poller.id.as_str() == "b"));
    }
}
