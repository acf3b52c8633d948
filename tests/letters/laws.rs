//! What holds for any text that a mail may hold.

use guichet::desk::{Letter, Purpose};
use guichet::mail::Language;
use proptest::prelude::*;

use crate::cast::{compose_at_noon, enclosure, id, letter, mailbox};
use crate::read::{self, decoded};

/// Texts as attackers write them: control and bidirectional characters, header and template syntax.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\nBcc: eve@x.test\r\n\r\n".to_owned()),
        Just("\0\u{1b}[2J\u{7f}\u{85}".to_owned()),
        Just("\u{202e}\u{2066}\u{200f}".to_owned()),
        Just("{{text}} {{{token}}} {{> _top}} {{#if".to_owned()),
        Just("=?utf-8?Q?=0D=0ABcc:_e?= =?".to_owned()),
        Just("<script>alert(1)</script><img src=x onerror=y>\"'>".to_owned()),
        Just("\"\\ <eve@x.test>, ;:()".to_owned()),
        Just("--=_a\r\n\r\n.\r\n".to_owned()),
        "\\PC{0,40}",
        ".{0,40}",
        "[a-z]{100,1200}",
        "é{50,400}",
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn any_letter() -> impl Strategy<Value = Letter> {
    let purpose = proptest::sample::select(Purpose::ALL.to_vec());
    let language = prop_oneof![Just(Language::FRENCH), Just(Language::ENGLISH)];
    let texts = proptest::collection::vec(hostile(), 12);
    (purpose, language, texts, proptest::option::of(hostile())).prop_map(|(purpose, language, texts, html)| {
        let mut order = letter(purpose, language);
        order.subject.clone_from(&texts[0]);
        order.writer = Some(texts[1].clone());
        order.to = vec![mailbox(&texts[2], "helene@client.test"), mailbox(&texts[3], "x..y@client.test")];
        order.cc = vec![mailbox(&texts[2], "é@exemple.test")];
        order.case_mark = Some(texts[4].clone());
        order.thread_topic = Some(texts[5].clone());
        order.thread_index = Some(texts[6].clone());
        order.references = (0..30).map(|n| id(&format!("{n}@{}.test", "x".repeat(n * 7)))).collect();
        order.enclosures =
            vec![enclosure(&texts[7], &texts[8], Some(&texts[9])), enclosure(&texts[9], "image/png", Some("a"))];
        order.html = html;
        order.facts.text = Some(texts[10].clone());
        order.facts.brief = Some(texts[11].clone());
        order.facts.author = Some(texts[1].clone());
        order.facts.requester_name = Some(texts[2].clone());
        order.facts.subject.clone_from(&texts[0]);
        order.facts.reply_goes_to = Some(texts[3].clone());
        order.facts.timeline.iter_mut().for_each(|entry| entry.text.clone_from(&texts[10]));
        order.facts.reasons = vec![texts[5].clone()];
        order.facts.done = vec![texts[6].clone()];
        order
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_breaks_out_of_its_place(order in any_letter()) {
        let composed = compose_at_noon(&order);
        let mail = read::mail(&composed.bytes);
        for name in ["from", "date", "message-id", "subject", "to", "reply-to", "mime-version"] {
            prop_assert_eq!(mail.all(name).len(), 1, "{}", name);
        }
        prop_assert!(mail.all("bcc").is_empty());
        let from = mail.one("from");
        prop_assert!(from.ends_with("<support@desk.test>"), "{}", from);
        for (name, value) in &mail.fields {
            let shown = decoded(value);
            prop_assert!(!shown.chars().any(|c| c.is_control() || "\u{202e}\u{2066}\u{200f}".contains(c)), "{}: {:?}", name, shown);
        }
        let html = mail.leaves().into_iter().find(|part| part.one("content-type").starts_with("text/html")).unwrap();
        prop_assert!(!html.text().contains("<script") && !html.text().contains("onerror=y>"), "{}", html.text());
        prop_assert!(html.text().trim_end().ends_with("</html>"));
    }

    #[test]
    fn a_text_that_looks_like_a_template_stays_text(text in "[a-z{}#>/ ]{0,40}") {
        let mut order = letter(Purpose::Answer, Language::ENGLISH);
        let text = format!("x {{{{token}}}} {text} x");
        order.facts.text = Some(text.clone());
        prop_assert!(compose_at_noon(&order).text.starts_with(text.as_str()));
    }

    #[test]
    fn a_subject_reads_as_it_was_written(subject in "[a-zA-Zéèçœ€日 ,.()'-]{1,120}") {
        let mut order = letter(Purpose::Answer, Language::ENGLISH);
        order.subject.clone_from(&subject);
        let words: Vec<&str> = subject.split(' ').filter(|word| !word.is_empty()).collect();
        prop_assume!(!words.is_empty());
        let mail = read::mail(&compose_at_noon(&order).bytes);
        prop_assert_eq!(decoded(mail.one("subject")), format!("Re: [SD R-000123] {}", words.join(" ")));
    }
}
