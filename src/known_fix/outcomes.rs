//! What requesters said of an article.

/// How often an article was offered, and what its readers said; the others said nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Letters that asked whether it helped.
    pub offered: i64,
    /// Requesters who said that it did.
    pub solved: i64,
    /// Requesters who said that it did not.
    pub refused: i64,
}

/// Fewer refusals may be chance.
const REFUSALS_MIN: i64 = 3;

impl Outcomes {
    /// Whether it is refused too often to be sent as an answer unseen: three times or more, and more often than it helped.
    pub fn is_refused_too_often(&self) -> bool {
        self.refused >= REFUSALS_MIN && self.refused > self.solved
    }

    /// Without those up to an earlier moment.
    #[must_use]
    pub fn since(&self, earlier: Outcomes) -> Outcomes {
        let left = |all: i64, before: i64| (all - before).max(0);
        Outcomes {
            offered: left(self.offered, earlier.offered),
            solved: left(self.solved, earlier.solved),
            refused: left(self.refused, earlier.refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_that_fails_more_often_than_it_helps_is_sent_no_more() {
        let outcomes = |solved, refused| Outcomes { offered: 20, solved, refused };
        assert!(outcomes(0, 3).is_refused_too_often());
        assert!(outcomes(4, 5).is_refused_too_often());
        for (solved, refused) in [(0, 0), (0, 2), (3, 3), (9, 5)] {
            assert!(!outcomes(solved, refused).is_refused_too_often(), "{solved} {refused}");
        }
    }
}
