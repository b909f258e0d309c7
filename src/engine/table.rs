//! Rows that are found by their names, which are pairs of numbers.

use std::ops::Range;

use crate::engine::order::{NONE, Order, Pair, index};

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
    pub(super) fn numbers(&self) -> Range<u32> {
        let rows = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        1..rows.saturating_add(1)
    }
}
