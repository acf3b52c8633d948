//! Every letter as it leaves, in both languages.

use guichet::desk::Purpose;
use guichet::letters::{Templates, compose, unheard_of};
use guichet::mail::Language;

use crate::cast::{TEMPLATES, compose_at_noon, desk, enclosure, id, keyring, letter, noon};
use crate::read::{self, decoded};

#[test]
fn every_purpose_in_every_language_is_as_it_was_agreed() {
    for language in [Language::FRENCH, Language::ENGLISH] {
        for purpose in Purpose::ALL {
            let composed = compose_at_noon(&letter(purpose, language));
            let mail = read::mail(&composed.bytes);
            let mut shown = String::new();
            for (name, value) in &mail.fields {
                shown.push_str(&format!("{name}: {}\n", decoded(value)));
            }
            let return_path = composed.return_path.map(|path| path.to_string()).unwrap_or_default();
            shown.push_str(&format!("envelope sender: <{return_path}>\n"));
            for part in mail.leaves() {
                shown.push_str(&format!("\n===== {}\n\n{}", part.one("content-type"), part.text()));
            }
            insta::assert_snapshot!(format!("{language}_{}", purpose.name()), shown);
        }
    }
}

#[test]
fn the_same_order_gives_the_same_bytes() {
    let letter = letter(Purpose::Answer, Language::FRENCH);
    assert_eq!(compose_at_noon(&letter), compose_at_noon(&letter));
}

#[test]
fn the_token_stands_in_five_places_and_the_tag_in_the_subject() {
    let composed = compose_at_noon(&letter(Purpose::Answer, Language::FRENCH));
    let mail = read::mail(&composed.bytes);
    let token = composed.message_id.as_str().strip_suffix("@desk.test").unwrap();
    assert_eq!(mail.one("message-id"), format!("<{token}@desk.test>"));
    assert!(mail.one("references").starts_with("<R000123.0.r.1."), "{}", mail.one("references"));
    assert!(mail.one("references").ends_with("<m1@client.test> <m2@client.test>"));
    assert!(mail.one("reply-to").ends_with(&format!("<support+{token}@desk.test>")));
    assert!(mail.leaves().iter().all(|part| part.text().contains(token)));
    assert_eq!(decoded(mail.one("subject")), "Re: [SD R-000123] Écran noir au réveil");
}

#[test]
fn agents_read_in_the_name_of_reply_to_who_reads_their_answer() {
    let mail = read::mail(&compose_at_noon(&letter(Purpose::NewTicket, Language::FRENCH)).bytes);
    assert!(decoded(mail.one("reply-to")).starts_with("→ Hélène <support+"));
    let mail = read::mail(&compose_at_noon(&letter(Purpose::Escalated, Language::FRENCH)).bytes);
    assert!(decoded(mail.one("reply-to")).starts_with("→ note interne <support+"));
}

#[test]
fn vendors_read_their_case_number_as_they_write_it_and_no_mark_of_a_program() {
    let composed = compose_at_noon(&letter(Purpose::Case, Language::ENGLISH));
    let mail = read::mail(&composed.bytes);
    assert_eq!(mail.one("subject"), "Re: [#AB-123] Black screen after sleep [SD R-000123]");
    assert_eq!(mail.one("from"), "\"Guichet d'essai\" <support@desk.test>");
    assert!(mail.all("auto-submitted").is_empty() && mail.all("x-auto-response-suppress").is_empty());
    assert!(!composed.automatic && composed.return_path.is_some());
}

#[test]
fn a_solution_in_an_agents_words_is_no_automatic_letter() {
    let mut order = letter(Purpose::Resolved, Language::FRENCH);
    let notice = compose_at_noon(&order);
    assert!(notice.automatic && notice.return_path.is_none());
    order.facts.text = Some("Pilote remplacé.".to_owned());
    let answer = compose_at_noon(&order);
    assert!(!answer.automatic && answer.return_path.is_some());
}

#[test]
fn a_generic_acknowledgement_holds_nothing_that_its_sender_wrote() {
    let mut order = letter(Purpose::AcknowledgementGeneric, Language::ENGLISH);
    order.to[0].name = Some("Buy at spam.test".to_owned());
    order.facts.text = Some("Buy at spam.test".to_owned());
    let bytes = compose_at_noon(&order).bytes;
    let text = String::from_utf8(bytes).unwrap();
    for word in ["Buy", "spam", "Black", "screen"] {
        assert!(!text.contains(word), "{text}");
    }
    assert!(text.contains("R-000123"));
}

#[test]
fn a_letter_about_no_ticket_has_neither_tag_nor_root() {
    let mut order = letter(Purpose::Quarantine, Language::FRENCH);
    order.ticket = None;
    order.in_reply_to = None;
    order.references = vec![];
    let mail = read::mail(&compose_at_noon(&order).bytes);
    assert_eq!(mail.one("subject"), "Un message en quarantaine");
    assert!(mail.all("references").is_empty() && mail.all("in-reply-to").is_empty());
}

#[test]
fn without_sub_addresses_the_token_stands_in_the_body_of_command_links() {
    let order = letter(Purpose::NewTicket, Language::FRENCH);
    let desk = guichet::desk::Desk { sub_addressing: false, ..desk() };
    let composed = compose(&order, &desk, &keyring(), &TEMPLATES, noon(), "essai-1").unwrap();
    let mail = read::mail(&composed.bytes);
    assert!(mail.one("reply-to").ends_with("<support@desk.test>"));
    let html = mail.leaves()[1].text().to_owned();
    assert!(html.contains("mailto:support@desk.test?subject=") && html.contains("ref%3A%20R000123.4.d.1."), "{html}");
}

#[test]
fn no_template_shows_earlier_entries_to_those_for_whom_they_were_not_written() {
    let all = "{{> _timeline}}\n{{> _bottom}}\n".to_owned();
    let templates =
        Templates::new(&["answer", "case"].map(|name| (format!("en/{name}.txt.hbs"), all.clone()))).unwrap();
    let timeline = letter(Purpose::Escalated, Language::ENGLISH).facts.timeline;
    let read = |purpose: Purpose| {
        let mut order = letter(purpose, Language::ENGLISH);
        order.facts.timeline.clone_from(&timeline);
        compose(&order, &desk(), &keyring(), &templates, noon(), "essai-1").unwrap().text
    };
    assert!(read(Purpose::Escalated).contains("Laval"));
    for purpose in [Purpose::Answer, Purpose::Case] {
        let text = read(purpose);
        assert!(text.contains("It stopped working.") && !text.contains("Laval"), "{text}");
    }
}

#[test]
fn the_letters_under_test_say_nothing_that_the_desk_never_hands_over() {
    for (purpose, language) in Purpose::ALL.into_iter().flat_map(|of| [(of, Language::FRENCH), (of, Language::ENGLISH)])
    {
        assert_eq!(unheard_of(&letter(purpose, language)), [""; 0], "{}", purpose.name());
    }
}

#[test]
fn a_request_that_was_split_off_names_both_tickets() {
    let mut order = letter(Purpose::Acknowledgement, Language::ENGLISH);
    order.facts.fixes = vec![];
    order.facts.asks_yes = false;
    order.facts.split_from = Some("R-000006".to_owned());
    let composed = compose_at_noon(&order);
    let html = read::mail(&composed.bytes).leaves()[1].text().to_owned();
    for part in [&composed.text, &html] {
        assert!(part.contains("R-000123") && part.contains("another matter than R-000006"), "{part}");
    }
}

#[test]
fn a_persons_html_keeps_its_screenshot_in_place() {
    let mut order = letter(Purpose::NewTicket, Language::FRENCH);
    order.html = Some("<p>Voir <img src=\"cid:shot@client\"></p><img src=\"https://track.test/x.gif\">".to_owned());
    order.enclosures =
        vec![enclosure("écran.png", "image/png", Some("shot@client")), enclosure("log.txt", "text/plain", None)];
    let composed = compose_at_noon(&order);
    let mail = read::mail(&composed.bytes);
    assert!(mail.one("content-type").starts_with("multipart/mixed"));
    let related = &mail.parts[0].parts[1];
    assert!(related.one("content-type").starts_with("multipart/related"));
    let cid = related.parts[1].one("content-id").trim_matches(['<', '>']).to_owned();
    assert!(related.parts[0].text().contains(&format!("<img src=\"cid:{cid}\">")));
    assert!(!related.parts[0].text().contains("track.test"));
    assert_eq!(mail.parts[1].one("content-disposition"), "attachment; filename=\"log.txt\"");
}

#[test]
fn outlook_keeps_the_conversation() {
    let mut order = letter(Purpose::Answer, Language::FRENCH);
    order.thread_index = Some("AdxxxxxxAAAAAAAAAAAAAAAAAAAAAA==".to_owned());
    let mail = read::mail(&compose_at_noon(&order).bytes);
    assert_eq!(decoded(mail.one("thread-topic")), "Écran noir au réveil");
    assert_eq!(mail.one("thread-index").len(), 36);
}

#[test]
fn an_answer_hides_whose_address_it_is() {
    let mut order = letter(Purpose::Answer, Language::FRENCH);
    order.references.push(id("x@client.test"));
    let text = String::from_utf8(compose_at_noon(&order).bytes).unwrap();
    assert!(!text.contains("alice@helpdesk.test"));
}
