//! Lists that hold something: their first item is there without being asked for.

use std::ops::{Deref, DerefMut};

/// A list of at least one item. It reads as a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmpty<T>(Vec<T>);

impl<T> NonEmpty<T> {
    /// The items; `None` where there are none.
    pub fn of(items: Vec<T>) -> Option<NonEmpty<T>> {
        (!items.is_empty()).then_some(NonEmpty(items))
    }

    /// The first item.
    pub fn first(&self) -> &T {
        &self.0[0]
    }
}

impl<T, const COUNT: usize> From<[T; COUNT]> for NonEmpty<T> {
    fn from(items: [T; COUNT]) -> NonEmpty<T> {
        const { assert!(COUNT > 0) };
        NonEmpty(items.into())
    }
}

impl<T> Deref for NonEmpty<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for NonEmpty<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<'a, T> IntoIterator for &'a NonEmpty<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
