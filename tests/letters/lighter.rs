//! A letter that was too large, and the lighter one that goes instead.

use guichet::desk::Purpose;
use guichet::letters::{Refused, enclose, lighten};
use guichet::mail::token::{Keyring, Token};
use guichet::mail::{self, Language};

use crate::cast::{compose_at_noon, enclosure, keyring, letter};

fn renamed(keyring: &Keyring, token: &Token) -> Token {
    keyring.sign(token.ticket, token.letter + 97, token.audience)
}

#[test]
fn the_largest_files_are_left_out_and_named_and_the_rest_is_said_under_another_name() {
    let keyring = keyring();
    for language in [Language::FRENCH, Language::ENGLISH] {
        let mut heavy = letter(Purpose::Answer, language);
        heavy.enclosures = [("plan.pdf", 30_000), ("film.bin", 900_000), ("note.txt", 3_000)]
            .map(|(name, size)| guichet::desk::Enclosure { size, ..enclosure(name, "application/pdf", None) })
            .to_vec();
        heavy.enclosures.iter_mut().enumerate().for_each(|(at, one)| one.index = at);
        let composed = compose_at_noon(&heavy);
        let old = Token::parse(composed.message_id.as_str().split('@').next().unwrap()).unwrap();
        let new = renamed(&keyring, &old);
        let refused = |bytes_max| Refused {
            bytes: &composed.bytes,
            enclosures: &composed.enclosures,
            text: &composed.text,
            bytes_max,
        };
        for (bytes_max, kept) in [(Some(80_000), 2), (None, 2), (Some(30_000), 1), (Some(1_000), 0)] {
            let note = |left_out: &[guichet::desk::Enclosure]| format!("Sans {}", left_out[0].name);
            let lighter = lighten(&refused(bytes_max), &old, &new, note).unwrap();
            assert_eq!(lighter.left_out.len(), 3 - kept, "{bytes_max:?}");
            let bytes = enclose(&lighter.bytes, &lighter.enclosures, |one| Some(vec![7; one.size as usize]));
            assert!(
                bytes_max.is_none_or(|most| kept == 0 || bytes.len() as u64 <= most),
                "{bytes_max:?} {}",
                bytes.len()
            );
            let read = mail::parse(&bytes);
            assert_eq!(read.attachments.len(), kept, "{bytes_max:?}");
            assert!(read.body.text.starts_with("Sans "), "{}", read.body.text);
            assert!(read.body.text.contains(composed.text.lines().next().unwrap()));
            assert!(read.message_id.unwrap().as_str().starts_with(&new.to_string()));
            assert!(!Token::find_all(&String::from_utf8_lossy(&bytes)).contains(&old));
            assert!(Token::find_all(&read.body.text).contains(&new));
        }
    }
}

#[test]
fn where_nothing_is_enclosed_the_text_goes_alone_and_then_nothing() {
    let keyring = keyring();
    let composed = compose_at_noon(&letter(Purpose::NewTicket, Language::FRENCH));
    let old = Token::parse(composed.message_id.as_str().split('@').next().unwrap()).unwrap();
    let new = renamed(&keyring, &old);
    let heavy = Refused { bytes: &composed.bytes, enclosures: &[], text: &composed.text, bytes_max: None };
    let alone = lighten(&heavy, &old, &new, |_| unreachable!()).unwrap();
    assert!(alone.bytes.len() < composed.bytes.len() && !String::from_utf8_lossy(&alone.bytes).contains("text/html"));
    assert_eq!(
        mail::parse(&alone.bytes).body.text.trim(),
        composed.text.replace(&old.to_string(), &new.to_string()).trim()
    );
    let refused = Refused { bytes: &alone.bytes, text: &alone.text, ..heavy };
    assert_eq!(lighten(&refused, &new, &renamed(&keyring, &new), |_| unreachable!()), None);
}
