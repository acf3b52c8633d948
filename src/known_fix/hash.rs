//! Hashes of words and of runs of their letters: features have them for keys.

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
