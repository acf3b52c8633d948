//! Rows of different lengths, one behind the other: of a hundred thousand texts nothing is kept beside what they hold.

/// Rows by their number, from 0.
#[derive(Debug)]
pub(super) struct Rows<T> {
    /// Where each row ends; it begins where the one before it ends.
    ends: Vec<usize>,
    all: Vec<T>,
}

impl<T> Rows<T> {
    /// Everything behind one another, and where each row ends in it.
    pub(super) fn new(ends: Vec<usize>, all: Vec<T>) -> Self {
        Rows { ends, all }
    }

    pub(super) fn push(&mut self, row: impl IntoIterator<Item = T>) {
        self.all.extend(row);
        self.ends.push(self.all.len());
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn row(&self, number: usize) -> &[T] {
        &self.all[self.start(number)..self.ends[number]]
    }

    pub(super) fn row_mut(&mut self, number: usize) -> &mut [T] {
        let start = self.start(number);
        &mut self.all[start..self.ends[number]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.len()).map(|number| self.row(number))
    }

    fn start(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows { ends: Vec::new(), all: Vec::new() }
    }
}
