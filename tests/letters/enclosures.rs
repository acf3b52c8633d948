//! Attachments enter when the letter leaves.

use guichet::desk::{Enclosure, LedgerId, Purpose};
use guichet::letters::enclose;
use guichet::mail::Language;
use proptest::prelude::*;

use crate::cast::{compose_at_noon, enclosure, letter};
use crate::read;

fn with_three_enclosures() -> guichet::letters::Composed {
    let mut order = letter(Purpose::NewTicket, Language::ENGLISH);
    order.html = Some("<img src=\"cid:a\">".to_owned());
    order.enclosures = vec![
        enclosure("forwarded", "message/rfc822", None),
        enclosure("shot.png", "image/png", Some("a")),
        enclosure("weird", "not a type", None),
    ];
    for (index, enclosure) in order.enclosures.iter_mut().enumerate() {
        enclosure.index = index;
    }
    compose_at_noon(&order)
}

#[test]
fn a_mail_within_a_mail_travels_byte_for_byte_as_a_file() {
    let composed = with_three_enclosures();
    let original = b"Subject: x\n\nbare line feeds, \xff and \r alone".to_vec();
    let bytes = enclose(&composed.bytes, &composed.enclosures, |_| Some(original.clone()));
    let mail = read::mail(&bytes);
    let file = &mail.parts[1];
    assert_eq!(file.one("content-type"), "application/octet-stream");
    assert_eq!(file.one("content-disposition"), "attachment; filename=\"forwarded.eml\"");
    assert_eq!(file.body, original);
}

#[test]
fn what_is_gone_is_said_in_its_place() {
    let composed = with_three_enclosures();
    let bytes =
        enclose(&composed.bytes, &composed.enclosures, |enclosure| (enclosure.index == 0).then(|| b"abc".to_vec()));
    let mail = read::mail(&bytes);
    let leaves = mail.leaves();
    assert_eq!(leaves.len(), 5);
    assert_eq!(leaves[3].body, b"abc");
    for gone in [leaves[2], leaves[4]] {
        assert!(gone.text().contains("This attachment is no longer in our records."));
        assert!(gone.one("content-type").starts_with("text/plain"));
    }
}

proptest! {
    #[test]
    fn every_enclosure_reads_back_as_it_was(files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 3)) {
        let composed = with_three_enclosures();
        let cut = |enclosure: &Enclosure| {
            assert_eq!(enclosure.ledger, LedgerId(9));
            Some(files[enclosure.index].clone())
        };
        let bytes = enclose(&composed.bytes, &composed.enclosures, cut);
        let mail = read::mail(&bytes);
        let leaves = mail.leaves();
        // The inline image stands before the attachments.
        prop_assert_eq!(&leaves[2].body, &files[1]);
        prop_assert_eq!(&leaves[3].body, &files[0]);
        prop_assert_eq!(&leaves[4].body, &files[2]);
    }
}
