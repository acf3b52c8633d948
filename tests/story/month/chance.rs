//! Chance that follows from a seed.

/// SplitMix64 (Steele, Lea and Flood 2014): the same draws on every machine and in every version.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }

    /// From `least` to `most`, both may come.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        let width = u64::try_from(most - least + 1).unwrap();
        least + i64::try_from(self.next() % width).unwrap()
    }

    /// Whether the one of so many that matters came.
    pub(super) fn one_in(&mut self, many: i64) -> bool {
        self.between(1, many) == 1
    }

    pub(super) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.between(1, i64::try_from(all.len()).unwrap())).unwrap() - 1]
    }

    /// One of the last so many.
    pub(super) fn of_last<'a, T>(&mut self, many: usize, all: &'a [T]) -> Option<&'a T> {
        let last = &all[all.len().saturating_sub(many)..];
        if last.is_empty() { None } else { Some(self.of(last)) }
    }

    /// One of these, each as often as its number says.
    pub(super) fn weighed<'a, T>(&mut self, all: &'a [(i64, T)]) -> &'a T {
        let sum = all.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.between(1, sum);
        for (weight, one) in all {
            drawn -= weight;
            if drawn <= 0 {
                return one;
            }
        }
        unreachable!("one of them was drawn")
    }
}
