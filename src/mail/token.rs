//! The signed token that our letters carry.
//!
//! It names the letter, and with it the ticket and the audience, and proves that we wrote it: an HMAC-SHA-256 (RFC 2104)
//! cut to 80 bits, under a key of the store. It stands in five places, because clients and relays lose some: the
//! Message-ID, our pseudo-root in References, the Reply-To sub-address, a line of the body; the subject tag is only a hint.
//!
//! Written form: `R000123.7.d.1.ABCDEFGHIJKLMNOP`, that is ticket, letter, audience, key, signature (RFC 4648 base32);
//! letter 0 is the ticket's pseudo-root. Case does not matter.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SIGNATURE_BYTES: usize = 10;

/// For whom the letter was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenAudience {
    /// The requester and the participants.
    Requester,
    /// Everybody who works at the desk; no requester may read it.
    Desk,
    /// A vendor; which one, the letter says.
    Vendor,
}

/// A token, read but not yet believed: see [`Keyring::verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// Number of the ticket.
    pub ticket: i64,
    /// Number of the letter within its ticket; 0 names the ticket itself.
    pub letter: i64,
    /// For whom the letter was written.
    pub audience: TokenAudience,
    key_id: u32,
    signature: [u8; SIGNATURE_BYTES],
}

/// One signing key of the store.
#[derive(Clone)]
pub struct Key {
    /// Number of the key; it stands in the token, so that keys can be changed.
    pub id: u32,
    /// At least 32 random bytes.
    pub secret: Vec<u8>,
}

/// The keys of a store: the newest signs, all verify but those that are retired.
#[derive(Clone)]
pub struct Keyring {
    newest: Signer,
    older: Vec<Signer>,
    retired: Vec<Signer>,
    instance: String,
}

/// A key, scheduled: half of an HMAC is the same for all that is signed.
#[derive(Clone)]
struct Signer {
    id: u32,
    mac: Hmac<Sha256>,
}

impl Keyring {
    /// A ring of the key that signs and of older ones that still verify.
    pub fn new(newest: Key, older: Vec<Key>) -> Self {
        Keyring::with_retired(newest, older, Vec::new())
    }

    /// The same, and keys whose letters open nothing any more and are known for what they are.
    pub fn with_retired(newest: Key, older: Vec<Key>, retired: Vec<Key>) -> Self {
        let newest = Signer::new(newest);
        let signers = |keys: Vec<Key>| keys.into_iter().map(Signer::new).collect::<Vec<_>>();
        let (older, retired) = (signers(older), signers(retired));
        let first =
            older.iter().chain(&retired).fold(&newest, |first, key| if key.id < first.id { key } else { first });
        let instance = BASE32_NOPAD.encode(&first.signature(0, 0, TokenAudience::Desk)).to_ascii_lowercase();
        Keyring { newest, older, retired, instance }
    }

    /// Whether it is of these keys: the ids of those that verify, the one that signs first, and of the retired ones.
    pub fn is_of(&self, verifying: &[u32], retired: &[u32]) -> bool {
        let ids = |keys: &[Signer], wanted: &[u32]| keys.iter().map(|key| key.id).eq(wanted.iter().copied());
        verifying.split_first().is_some_and(|(newest, older)| {
            *newest == self.newest.id && ids(&self.older, older) && ids(&self.retired, retired)
        })
    }

    /// The name of this installation in X-Guichet-Loop: tells nothing and cannot be guessed. It is the first key's, retired or
    /// not.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Characters of a code.
    pub const CODE_LENGTH: usize = 8;

    /// The code by which somebody proves to have read a letter about this mail: 40 bits, in capitals and digits.
    pub fn code(&self, mail: i64) -> String {
        self.newest.code(mail)
    }

    /// Whether a word is that code, in any case, by any key that verifies.
    pub fn is_code(&self, mail: i64, word: &str) -> bool {
        self.verifying().any(|key| key.code(mail).eq_ignore_ascii_case(word))
    }

    /// The token of a letter.
    pub fn sign(&self, ticket: i64, letter: i64, audience: TokenAudience) -> Token {
        let signature = self.newest.signature(ticket, letter, audience);
        Token { ticket, letter, audience, key_id: self.newest.id, signature }
    }

    /// Whether we wrote the token. Takes the same time whatever the signature is.
    pub fn verify(&self, token: &Token) -> bool {
        self.verifying().any(|key| key.wrote(token))
    }

    /// Whether we wrote it under a key that is retired: it opens nothing.
    pub fn is_retired(&self, token: &Token) -> bool {
        self.retired.iter().any(|key| key.wrote(token))
    }

    fn verifying(&self) -> impl Iterator<Item = &Signer> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(newest {}, {} older, {} retired)", self.newest.id, self.older.len(), self.retired.len())
    }
}

impl Token {
    /// Reads one token; the text must be the token and nothing else.
    pub fn parse(text: &str) -> Option<Token> {
        let mut fields = text.split('.');
        let (reference, letter, audience, key_id, signature) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        if fields.next().is_some() || !text.is_ascii() || text.len() > 80 {
            return None;
        }
        let digits = reference.strip_prefix(['R', 'r'])?;
        let signature = BASE32_NOPAD.decode(signature.to_ascii_uppercase().as_bytes()).ok()?;
        Some(Token {
            ticket: number(digits)?,
            letter: number(letter)?,
            audience: match audience.to_ascii_lowercase().as_str() {
                "r" => TokenAudience::Requester,
                "d" => TokenAudience::Desk,
                "v" => TokenAudience::Vendor,
                _ => return None,
            },
            key_id: number(key_id)?.try_into().ok()?,
            signature: signature.try_into().ok()?,
        })
    }

    /// Every token in a text, in order of appearance.
    pub fn find_all(text: &str) -> Vec<Token> {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
            .filter(|word| word.len() > 20 && word.starts_with(['R', 'r']))
            .filter_map(|word| Token::parse(word.trim_matches('.')))
            .collect()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let audience = audience_letter(self.audience);
        let signature = BASE32_NOPAD.encode(&self.signature);
        write!(f, "R{:06}.{}.{}.{}.{}", self.ticket, self.letter, audience, self.key_id, signature)
    }
}

fn number(digits: &str) -> Option<i64> {
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

fn audience_letter(audience: TokenAudience) -> char {
    match audience {
        TokenAudience::Requester => 'r',
        TokenAudience::Desk => 'd',
        TokenAudience::Vendor => 'v',
    }
}

impl Signer {
    fn new(Key { id, secret }: Key) -> Self {
        // HMAC takes keys of any length (RFC 2104 §3), so this cannot fail.
        let mac = match Hmac::<Sha256>::new_from_slice(&secret) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC takes keys of any length"),
        };
        Signer { id, mac }
    }

    fn mac(&self, ticket: i64, letter: i64, audience: TokenAudience) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(format!("guichet token {ticket}.{letter}.{}", audience_letter(audience)).as_bytes());
        mac
    }

    fn wrote(&self, token: &Token) -> bool {
        let mac = || self.mac(token.ticket, token.letter, token.audience);
        self.id == token.key_id && mac().verify_truncated_left(&token.signature).is_ok()
    }

    fn code(&self, mail: i64) -> String {
        let full = BASE32_NOPAD.encode(&self.signature(0, -mail, TokenAudience::Desk));
        full[..Keyring::CODE_LENGTH].to_owned()
    }

    fn signature(&self, ticket: i64, letter: i64, audience: TokenAudience) -> [u8; SIGNATURE_BYTES] {
        let full = self.mac(ticket, letter, audience).finalize().into_bytes();
        let mut cut = [0; SIGNATURE_BYTES];
        cut.copy_from_slice(&full[..SIGNATURE_BYTES]);
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(id: u32, secret: u8) -> Keyring {
        Keyring::new(Key { id, secret: vec![secret; 32] }, vec![])
    }

    #[test]
    fn a_token_survives_being_written_and_read_in_any_case() {
        let token = ring(1, 7).sign(123, 7, TokenAudience::Desk);
        for text in [token.to_string(), token.to_string().to_lowercase()] {
            let read = Token::parse(&text).expect("a token");
            assert_eq!(read, token);
            assert!(ring(1, 7).verify(&read));
        }
    }

    #[test]
    fn another_ticket_letter_audience_or_key_does_not_verify() {
        let token = ring(1, 7).sign(123, 7, TokenAudience::Desk);
        assert!(!ring(1, 7).verify(&Token { ticket: 124, ..token }));
        assert!(!ring(1, 7).verify(&Token { letter: 8, ..token }));
        assert!(!ring(1, 7).verify(&Token { audience: TokenAudience::Requester, ..token }));
        assert!(!ring(1, 8).verify(&token));
        assert!(!ring(2, 7).verify(&token));
    }

    #[test]
    fn an_older_key_still_verifies_after_a_new_one_signs() {
        let old = Key { id: 1, secret: vec![1; 32] };
        let token = Keyring::new(old.clone(), vec![]).sign(1, 1, TokenAudience::Requester);
        assert!(Keyring::new(Key { id: 2, secret: vec![2; 32] }, vec![old]).verify(&token));
    }

    #[test]
    fn what_a_retired_key_signed_is_known_and_opens_nothing() {
        let key = |id: u32| Key { id, secret: vec![u8::try_from(id).unwrap(); 32] };
        let before = Keyring::new(key(1), vec![]);
        let token = before.sign(1, 1, TokenAudience::Desk);
        let after = Keyring::with_retired(key(3), vec![key(2)], vec![key(1)]);
        assert!(!after.verify(&token) && after.is_retired(&token));
        assert!(!after.is_retired(&Token { ticket: 2, ..token }), "not even known: nobody signed it");
        assert_eq!(after.instance(), before.instance());
        assert!(after.is_of(&[3, 2], &[1]) && !after.is_of(&[3], &[2, 1]) && !after.is_of(&[3, 2], &[]));
        let code = Keyring::new(key(2), vec![]).code(7);
        assert!(
            after.is_code(7, &code.to_lowercase()) && !after.is_code(7, &before.code(7)) && !after.is_code(8, &code)
        );
    }

    #[test]
    fn tokens_are_found_in_a_text() {
        let token = ring(1, 7).sign(5, 1, TokenAudience::Requester);
        let text = format!("<{token}@desk.test> ref:{token} R000005.1.r.1.TOOSHORT R-000005");
        assert_eq!(Token::find_all(&text), vec![token, token]);
    }
}
