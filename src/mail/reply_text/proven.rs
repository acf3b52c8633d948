//! What is typed is kept and what we wrote is not, however a client sets the one apart from the other.

use super::super::{html, work};
use super::*;

const LETTER: &str = "Bonjour Odile,\n\nQuel est le numéro collé sous la pointeuse ?\nEst-ce que l'écran reste allumé la nuit ?\n\nMerci.\n\nMarie Roy\nCentre de services\n\nCentre de services · R-000042 · réf. : R000042.3.r.1.MFRGGZDFMZTWQ2LK";

/// The ways in which clients set a quote apart, and what introduces it.
const MARKS: [(&str, &str); 7] = [
    ("Le 02/03/2026 à 10:12, Marie Roy via Centre de services a écrit :\n", "> "),
    ("Le 02/03/2026 à 10:12, Marie Roy via Centre de services a écrit :\n", ">"),
    ("\"Marie Roy via Centre de services\" <aide@ville.test> wrote:\n\n", "\t"),
    ("Marie Roy via Centre de services <aide@ville.test> a écrit :\n", "| "),
    ("Marie Roy via Centre de services <aide@ville.test> a écrit :\n", "    "),
    ("De : Marie Roy\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Odile Caron\nObjet : pointeuse\n\n", ""),
    ("", ""),
];

fn letters() -> Letters {
    let mut letters = Letters::default();
    letters.add(LETTER);
    letters
}

fn marked(lines: &[&str], mark: &str) -> String {
    lines.iter().map(|line| format!("{mark}{line}\n")).collect()
}

fn new_words(text: &str, letters: &Letters) -> String {
    let mut written = Written::default();
    written.push(text);
    written.form.has_token = text.contains(".r.1.");
    trim(&written.text, &written.form, Intent::Answer, letters, Some("Odile Caron")).reply_text
}

fn new_words_of_html(document: &str, intent: Intent) -> String {
    let mut written = Written::default();
    written.push_html(&html::render(document));
    trim(&written.text, &written.form, intent, &Letters::default(), None).reply_text
}

#[test]
fn our_letter_is_a_quote_whatever_marks_it() {
    let lines: Vec<&str> = LETTER.lines().collect();
    for (introduction, mark) in MARKS {
        let quote = format!("{introduction}{}", marked(&lines, mark));
        for text in [format!("C'est le 4471.\n\n{quote}"), format!("{quote}\nC'est le 4471.\n")] {
            assert_eq!(new_words(&text, &letters()), "C'est le 4471.", "{text}");
        }
        assert_eq!(new_words(&quote, &letters()), "", "{quote}");
    }
}

#[test]
fn a_letter_that_was_wrapped_anew_is_still_ours() {
    let words = LETTER.split_whitespace().collect::<Vec<_>>();
    let wrapped: Vec<String> = words.chunks(5).map(|line| line.join(" ")).collect();
    let lines: Vec<&str> = wrapped.iter().map(String::as_str).collect();
    for (introduction, mark) in MARKS {
        let text = format!("Oui.\n\n{introduction}{}", marked(&lines, mark));
        assert_eq!(new_words(&text, &letters()), "Oui.", "{text}");
    }
}

#[test]
fn answers_between_the_lines_are_kept_and_the_lines_are_not() {
    let lines: Vec<&str> = LETTER.lines().collect();
    for (introduction, mark) in &MARKS[..6] {
        let text = format!(
            "{introduction}{}\nLe 4471, je crois.\n\n{}\nNon, jamais.\n\n{}",
            marked(&lines[..3], mark),
            marked(&lines[3..4], mark),
            marked(&lines[4..], mark)
        );
        assert_eq!(new_words(&text, &letters()), "Le 4471, je crois.\n\nNon, jamais.", "{text}");
    }
}

#[test]
fn a_log_that_somebody_pasted_is_theirs_above_and_below_the_quote() {
    let quote = format!("{}{}", MARKS[0].0, marked(&LETTER.lines().collect::<Vec<_>>(), "> "));
    let typed = "L'écran montre :\n\n> erreur 31\n> pile faible\n\nEst-ce grave ?";
    for known in [letters(), Letters::default()] {
        assert_eq!(new_words(&format!("{typed}\n\n{quote}"), &known), typed);
        assert_eq!(new_words(&format!("{quote}\n{typed}\n"), &known), typed);
    }
}

#[test]
fn a_line_copied_out_of_our_letter_is_no_quote_of_it() {
    let quote = format!("{}{}", MARKS[0].0, marked(&LETTER.lines().collect::<Vec<_>>(), "> "));
    let typed = "Vous demandez :\nEst-ce que l'écran reste allumé la nuit ?\nJe ne sais pas.";
    assert_eq!(new_words(&format!("{typed}\n\n{quote}"), &letters()), typed);
}

#[test]
fn in_a_mail_that_answers_nothing_nothing_is_a_quote() {
    let typed = [
        "Chemin :\n> Réglages > Réseau\nRien ne se passe.",
        "Le 3 mars 2026, Paul a écrit :\npersonne ne viendra\n\nEst-ce vrai ?",
        "Ceci :\n\nDe : Paul <p@ville.test>\nEnvoyé : lundi 2 mars 2026 10:00\nÀ : Odile\nObjet : prix\n\nCliquez.\n\nPuis-je ?",
    ];
    for text in typed {
        let mut written = Written::default();
        written.push(text);
        let read = trim(&written.text, &written.form, Intent::Message, &letters(), None);
        assert_eq!((read.reply_text.as_str(), read.unquoted_text.as_str()), (text, text));
    }
    let html = "<p>Le poste affiche :</p><blockquote>Erreur 31</blockquote><p>Merci</p>";
    assert!(new_words_of_html(html, Intent::Message).contains("Erreur 31"));
}

#[test]
fn what_is_indented_is_no_quote_unless_it_is_introduced() {
    let indented = "<p>Tapez :</p><blockquote style=\"margin:0 0 0 40px\">netsh winsock reset</blockquote><p>Merci</p>";
    assert!(new_words_of_html(indented, Intent::Answer).contains("netsh winsock reset"));
    let introduced = "<p>Oui.</p><p>Le 2 mars 2026 à 10:12, Marie a écrit :</p><blockquote>Redémarrez.</blockquote>";
    assert_eq!(new_words_of_html(introduced, Intent::Answer), "Oui.");
    let gmail = "<div>Voici.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">Le 2 mars 2026, Marie a écrit :<br></div>\
        <blockquote class=\"gmail_quote\">Quel poste ?</blockquote><div>Le 4471.</div>\
        <blockquote class=\"gmail_quote\">Quel étage ?</blockquote></div>";
    assert_eq!(new_words_of_html(gmail, Intent::Answer), "Voici.\nLe 4471.");
}

#[test]
fn a_stuffed_line_is_no_quote() {
    let mut written = Written::default();
    written.push_flowed("Je lis :\n >erreur 31\n\nLe 02/03/2026 à 10:12, Marie a écrit :\n>Bonjour\n");
    let read = trim(&written.text, &written.form, Intent::Answer, &Letters::default(), None);
    assert_eq!(read.reply_text, "Je lis :\n >erreur 31");
}

#[test]
fn a_signature_names_somebody_and_says_nothing() {
    let cut = [
        ("Oui.\n\n-- \nOdile Caron\nPaie, poste 88", "Oui."),
        ("Oui.\n\n--\nOdile Caron\nPaie, poste 88", "Oui."),
        ("Oui.\n\nOdile Caron\nPaie · poste 88\n514 555-0123", "Oui."),
        ("Oui.\n\nCordialement,\nOdile", "Oui."),
        ("Oui.\n\nEnvoyé de mon iPhone", "Oui."),
        ("Oui.\n\nEnvoyé de mon iPhone\n\nAh, et c'est le 4471.", "Oui.\n\nAh, et c'est le 4471."),
        ("-- \nOdile Caron\n514 555-0123", ""),
    ];
    for (text, left) in cut {
        assert_eq!(new_words(text, &Letters::default()), left, "{text}");
    }
    let kept = [
        "Oui.\n\nCordialement,\nOdile\n\nP.-S. Je serai là mardi.",
        "Oui.\n\nCordialement,\nOdile\n\nPuis-je l'éteindre la nuit ?",
        "Nom : Odile\n_____\nProblème : écran noir\n_____\nÉtage : 3",
        "J'ai essayé :\n--\n- éteindre\n- rallumer",
        "J'ai essayé ceci.\n\n---\n\n1. éteindre\n2. rallumer",
        "Odile Caron\nest la personne à joindre.",
        "514 555-0123",
    ];
    for text in kept {
        assert_eq!(new_words(text, &Letters::default()), text);
    }
}

#[test]
fn a_signature_that_only_html_shows_is_known_in_the_text() {
    let mut written = Written::default();
    written.push("Oui.\n\nÉquipe Paie\nPlus vite, mieux\n\nAutre chose : rien.");
    written.learn_from(
        "<p>Oui.</p><pre class=\"moz-signature\">Équipe Paie\nPlus vite, mieux</pre><p>Autre chose : rien.</p>",
    );
    let read = trim(&written.text, &written.form, Intent::Answer, &Letters::default(), None);
    assert_eq!(
        (read.reply_text.as_str(), read.signature.as_str()),
        ("Oui.\n\nAutre chose : rien.", "Équipe Paie\nPlus vite, mieux")
    );
}

#[test]
fn four_times_the_lines_are_four_times_the_work() {
    let pieces = [
        "> a\nb\n",
        "Cordialement,\nMarie\n___\n-----\n",
        "Envoyé de mon iPhone\n",
        "Envoyé de mon iPhone\nAh, et une chose que je voulais vous dire.\n",
        "--\nMarie\nCe courriel et ses pièces jointes\n",
        "Le 2 mars 2026 à 10:12, Marie a écrit :\n\ta\n",
        "Le 2 mars 2026 à 10:12, Marie a écrit :\nb\n",
        "De : Marie\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Odile\nObjet : x\n\n",
        "\n\n\n--\n",
        "Merci.\nMarie Roy\nx\n",
        LETTER,
    ];
    for known in [letters(), Letters::default()] {
        for piece in pieces {
            let work = |times: usize| {
                let text = format!("{piece}\n").repeat(times);
                work::of(|| drop(new_words(&text, &known)))
            };
            let (once, four_times) = (work(200), work(800));
            assert!(four_times <= 5 * once + 1_000, "{piece:?}: {once} and {four_times}");
        }
    }
}

proptest::proptest! {
    /// Their words are `t1 t2 …`, ours are other ones: nothing typed is lost, and nothing of ours is left.
    #[test]
    fn no_typed_word_is_lost(
        typed in proptest::collection::vec(proptest::collection::vec(1_u8..200, 1..8), 1..6),
        places in proptest::collection::vec(0_usize..20, 6),
        style in 0_usize..6,
    ) {
        let ours: Vec<&str> = LETTER.lines().filter(|line| !line.is_empty()).collect();
        let said: Vec<String> =
            typed.iter().map(|line| line.iter().map(|word| format!("t{word}")).collect::<Vec<_>>().join(" ")).collect();
        let (introduction, mark) = MARKS[style];
        let mut text = String::from(introduction);
        let mut at = 0;
        for (line, place) in said.iter().zip(&places) {
            // Above the last line: below it everything is theirs.
            let next = (at + place % 4).min(ours.len() - 1);
            text.push_str(&marked(&ours[at..next], mark));
            text.push_str(&format!("\n{line}\n\n"));
            at = next;
        }
        text.push_str(&marked(&ours[at..], mark));
        let left = new_words(&text, &letters());
        let words: Vec<&str> = left.split_whitespace().collect();
        let wanted: Vec<&str> = said.iter().flat_map(|line| line.split_whitespace()).collect();
        for word in &wanted {
            proptest::prop_assert!(words.contains(word), "{word} is lost of\n{text}\nleft:\n{left}");
        }
    }
}
