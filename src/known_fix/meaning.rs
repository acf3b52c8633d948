//! What words mean, French and English in one space, so that `payment` and `charge` are near though they share no letter.
//!
//! `meaning/words.bin` holds 44,000 words; `meaning/make.py` makes it and describes it, `meaning/LICENCE.md` names its sources.

use super::hash;
use super::words::Word;

pub(super) const DIMENSIONS: usize = 64;

static TABLE: &[u8] = include_bytes!("meaning/words.bin");
const HEAD: usize = 8;
const KEY: usize = 4;
/// The first dimensions, the principal ones, say most: what they say of two words is nearly always enough.
const IN_HEAD: usize = 32;

/// What one word means: the longer, the more it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordMeaning(&'static [u8; DIMENSIONS]);

/// What a text means: of length 1, or 0 where nothing in it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning(pub(super) [f32; DIMENSIONS]);

/// `None` where the word (folded) is not in the table: it is rare, misspelt, or a name.
pub(super) fn of_word(word: &str) -> Option<WordMeaning> {
    let (keys, rows) = TABLE.get(HEAD..)?.split_at_checked(words_in_table() * KEY)?;
    let (keys, _) = keys.as_chunks::<KEY>();
    let (rows, _) = rows.as_chunks::<DIMENSIONS>();
    let key = (hash::of_word(word) >> 32) as u32;
    let place = keys.binary_search_by_key(&key, |bytes| u32::from_le_bytes(*bytes)).ok()?;
    rows.get(place).map(WordMeaning)
}

fn words_in_table() -> usize {
    TABLE.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}

/// The sum of what its words mean.
pub(super) fn of_text(words: &[Word]) -> Meaning {
    sum(words.iter().filter_map(|word| of_word(&word.folded)))
}

/// The same of words that were looked up.
pub(super) fn sum(words: impl Iterator<Item = WordMeaning>) -> Meaning {
    let mut sum = [0.0; DIMENSIONS];
    for meaning in words {
        for (sum, value) in sum.iter_mut().zip(meaning.values()) {
            *sum += value as f32;
        }
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    Meaning(if length > 0.0 { sum.map(|value| value / length) } else { sum })
}

impl WordMeaning {
    fn values(self) -> impl Iterator<Item = i32> {
        self.0.iter().map(|byte| i32::from(byte.cast_signed()))
    }

    pub(super) fn length(self) -> f32 {
        (self.values().map(|value| value * value).sum::<i32>() as f32).sqrt()
    }

    /// Length of the tail.
    pub(super) fn tail(self) -> f32 {
        (self.values().skip(IN_HEAD).map(|value| value * value).sum::<i32>() as f32).sqrt()
    }

    /// Cosine times both lengths.
    pub(super) fn product(self, other: WordMeaning) -> i32 {
        product(self.0, other.0)
    }

    /// What the heads have in the product.
    pub(super) fn product_of_heads(self, other: WordMeaning) -> i32 {
        product(self.halves().0, other.halves().0)
    }

    /// What the tails have in the product.
    pub(super) fn product_of_tails(self, other: WordMeaning) -> i32 {
        product(self.halves().1, other.halves().1)
    }

    fn halves(self) -> (&'static [u8; IN_HEAD], &'static [u8; IN_HEAD]) {
        let (halves, _) = self.0.as_chunks::<IN_HEAD>();
        (&halves[0], &halves[1])
    }

    /// Cosine, -1 to 1.
    pub(super) fn nearness(self, other: WordMeaning) -> f32 {
        self.product(other) as f32 / (self.length() * other.length()).max(1.0)
    }
}

fn product<const BYTES: usize>(one: &[u8; BYTES], other: &[u8; BYTES]) -> i32 {
    let wide = |byte: &u8| i16::from(byte.cast_signed());
    // Products of sixteen bits that are added as thirty-two: processors have one instruction for that.
    one.iter().zip(other).map(|(one, other)| i32::from(wide(one)) * i32::from(wide(other))).sum()
}

impl Meaning {
    /// Cosine, -1 to 1.
    pub(super) fn nearness(&self, other: &Meaning) -> f32 {
        const LANES: usize = 8;
        let mut sums = [0.0; LANES];
        for (one, other) in self.0.as_chunks::<LANES>().0.iter().zip(other.0.as_chunks::<LANES>().0) {
            for lane in 0..LANES {
                sums[lane] += one[lane] * other[lane];
            }
        }
        sums.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(TABLE.len(), HEAD + words_in_table() * (KEY + DIMENSIONS));
        assert!(words_in_table() > 40_000);
    }

    #[test]
    fn words_of_one_matter_are_near_in_both_languages() {
        let nearness = |one: &str, other: &str| of_word(one).unwrap().nearness(of_word(other).unwrap());
        for (word, near, far) in [
            ("payment", "bill", "tree"),
            ("printer", "scanner", "holiday"),
            ("password", "login", "chair"),
            ("imprimante", "printer", "password"),
        ] {
            assert!(nearness(word, near) > nearness(word, far) + 0.2, "{word}");
        }
    }

    #[test]
    fn an_invented_word_means_nothing() {
        assert!(of_word("zzxqvk").is_none());
        assert_eq!(of_text(&[]).0, [0.0; DIMENSIONS]);
    }
}
