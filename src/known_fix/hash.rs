//! Hashes of words and of runs of their letters: features have them for keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table whose keys are such hashes already.
pub(super) type ByHash<T> = HashMap<u64, T, BuildHasherDefault<KeyHasher>>;

/// FNV-1a; what is hashed differs in its first byte by sort.
pub(super) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash with one more byte.
pub(super) fn and(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The key of a word.
pub(super) fn of_word(word: &str) -> u64 {
    word.bytes().fold(and(EMPTY, b'w'), and)
}

/// Keys are hashes already.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key ^ (key >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
