//! What is kept of a mail that comes in pieces: all of it, or of an over-size one the beginning. Memory stays bounded, however
//! long it is.

/// Of an over-size mail so much is kept: the header, and as a rule the text.
pub const BEGINNING_BYTES: usize = 256 << 10;

/// A mail so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    bytes: Vec<u8>,
    size: u64,
    whole_max: u64,
}

impl Kept {
    /// Nothing yet, of a mail that is kept whole where it has no more than so many bytes, or is all beginning.
    pub fn new(whole_max: u64) -> Kept {
        Kept { bytes: Vec::new(), size: 0, whole_max }
    }

    /// Adds what comes next.
    pub fn push(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        if !self.is_whole() {
            let room = BEGINNING_BYTES.saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(&piece[..room.min(piece.len())]);
            self.bytes.truncate(BEGINNING_BYTES);
            self.bytes.shrink_to(BEGINNING_BYTES);
        } else {
            self.bytes.extend_from_slice(piece);
        }
    }

    /// Length of the mail so far, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether nothing was left out.
    pub fn is_whole(&self) -> bool {
        self.size <= self.whole_max.max(BEGINNING_BYTES as u64)
    }

    /// What is kept.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, for good.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_mail_is_cut(
            pieces in proptest::collection::vec(0..200_000_usize, 0..6),
            whole_max in 10_000..600_000_u64,
        ) {
            let mail: Vec<u8> = (0..pieces.iter().sum()).map(|at: usize| (at % 251) as u8).collect();
            let mut kept = Kept::new(whole_max);
            let mut rest = &mail[..];
            for length in pieces {
                let (piece, behind) = rest.split_at(length);
                kept.push(piece);
                rest = behind;
            }
            prop_assert_eq!(kept.size(), mail.len() as u64);
            let is_whole = mail.len() as u64 <= whole_max || mail.len() <= BEGINNING_BYTES;
            prop_assert_eq!(kept.is_whole(), is_whole);
            let expected = if is_whole { &mail[..] } else { &mail[..BEGINNING_BYTES] };
            prop_assert_eq!(kept.bytes(), expected);
        }
    }
}
