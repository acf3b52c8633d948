//! What the inflected forms of a word have in common. To find it costs more than all else that is done with a word, so it is
//! remembered of the words met last.

use std::sync::{Mutex, MutexGuard, TryLockError};

use rust_stemmers::{Algorithm, Stemmer};

use super::hash;
use crate::mail::Language;

/// Finds stems of one language.
pub(super) struct Stems {
    stemmer: Option<(Stemmer, Language)>,
    /// `None` while another thread has it.
    met: Option<MutexGuard<'static, [Met; MET]>>,
}

/// A word and its stem.
#[derive(Clone, Copy, Debug)]
struct Met {
    word: [u8; LONGEST],
    length: u8,
    is_french: bool,
    stem: u64,
}

/// Words that are remembered, each in the one place that its hash names: 128 KiB.
const MET: usize = 4_096;
/// Bytes of the longest word that is remembered.
const LONGEST: usize = 22;

static LAST: Mutex<[Met; MET]> = Mutex::new([Met { word: [0; LONGEST], length: 0, is_french: false, stem: 0 }; MET]);

impl Stems {
    pub(super) fn of(language: Option<Language>) -> Self {
        let algorithm = match language {
            Some(Language::FRENCH) => Some(Algorithm::French),
            Some(Language::ENGLISH) => Some(Algorithm::English),
            _ => None,
        };
        let Some((algorithm, language)) = algorithm.zip(language) else { return Stems { stemmer: None, met: None } };
        let met = match LAST.try_lock() {
            Ok(met) => Some(met),
            Err(TryLockError::Poisoned(met)) => Some(met.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        Stems { stemmer: Some((Stemmer::create(algorithm), language)), met }
    }

    /// Hash of the stem of a word, which has this one; the same where the language is not known.
    pub(super) fn stem(&mut self, word: &str, hash: u64) -> u64 {
        let Some((stemmer, language)) = &self.stemmer else { return hash };
        let is_french = *language == Language::FRENCH;
        let place = (hash ^ (hash >> 32)) as usize % MET;
        let met = self.met.as_mut().map(|met| &mut met[place]);
        if let Some(met) = &met
            && met.is_french == is_french
            && met.word() == word.as_bytes()
        {
            return met.stem;
        }
        let stem = hash::of_word(&stemmer.stem(word));
        if let Some(met) = met
            && let Some(bytes) = met.word.get_mut(..word.len())
        {
            bytes.copy_from_slice(word.as_bytes());
            (met.length, met.is_french, met.stem) = (word.len() as u8, is_french, stem);
        }
        stem
    }
}

impl Met {
    fn word(&self) -> &[u8] {
        &self.word[..usize::from(self.length)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_same_stem_whether_it_is_remembered_or_not() {
        let words = ["imprimantes", "printing", "nation", "a", "anticonstitutionnellement", "été"];
        let both = [(Language::FRENCH, Algorithm::French), (Language::ENGLISH, Algorithm::English)];
        for (language, algorithm) in both.into_iter().chain(both) {
            let expected = words.map(|word| hash::of_word(&Stemmer::create(algorithm).stem(word)));
            let stems = || words.map(|word| Stems::of(Some(language)).stem(word, hash::of_word(word)));
            assert_eq!((stems(), stems()), (expected, expected));
        }
    }
}
