//! Answers that ask for nothing: thanks, one word of consent, a reaction, a recall.
//!
//! All of them read what was newly written, and are strict: what might hold a request is a request.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::Regex;

use super::fold::lower;
use super::words::{self, List, Set};

/// More words than this are no mere thanks.
const WORDS_MAX: usize = 25;

/// Whether a text is thanks and nothing else: "Merci beaucoup, bonne journée!", "Thanks a lot".
pub fn is_thanks(reply_text: &str) -> bool {
    let words = words_of(reply_text);
    if words.is_empty() || words.len() > WORDS_MAX || asks(reply_text) {
        return false;
    }
    let thanks = words.iter().any(|word| THANKS.contains(word.as_str()));
    let courtesy = |word: &String| THANKS.contains(word.as_str()) || COURTESY.contains(word.as_str());
    // A name may stand behind the courtesy.
    let others = words.iter().filter(|word| !courtesy(word)).count();
    let names = reply_text.split_whitespace().filter(|word| is_name(word)).count();
    thanks && others <= names.min(3)
}

/// Whether a text is consent and nothing else: OUI, "Yes, solved", "C'est réglé".
pub fn is_yes(reply_text: &str) -> bool {
    is_one_of(reply_text, &YES)
}

/// Whether a text is refusal and nothing else: NON, "No", "Not solved".
pub fn is_no(reply_text: &str) -> bool {
    is_one_of(reply_text, &NO)
}

/// Whether a text says, among other things, that what was proposed did not help: "Ça ne marche toujours pas, voici une capture".
pub fn says_it_failed(reply_text: &str) -> bool {
    says_one_of(reply_text, &FAILED)
}

/// Whether a text says, among other things, that its writer has tried to help themselves: "J'ai déjà suivi la procédure".
pub fn says_it_was_tried(text: &str) -> bool {
    says_one_of(text, &TRIED)
}

fn says_one_of(text: &str, expressions: &[&str]) -> bool {
    let said = format!(" {} ", words_of(text).join(" "));
    expressions.iter().any(|expression| said.contains(&format!(" {expression} ")))
}

/// Whether the mail is a reaction: Outlook's and Gmail's "… reacted to your message", "liked".
pub(super) fn is_reaction(reply_text: &str) -> bool {
    let text = lower(reply_text.trim(), 400);
    let first = text.lines().next().unwrap_or("").trim();
    let spoken = first.starts_with("i ") || first.starts_with("je ") || first.starts_with("j'");
    let alone = text.lines().filter(|line| !line.trim().is_empty()).count() <= 4;
    alone && !spoken && first.split_whitespace().count() <= 12 && !first.ends_with('?') && REACTIONS.is_match(first)
        || is_emoji(reply_text)
        || is_tapback(&text.replace('’', "'"))
}

/// Whether a text says that its writer asks for a mail back, as Outlook writes it: one sentence, whose first half names the
/// writer and whose second half the mail.
pub(super) fn asks_back(text: &str) -> bool {
    let is_one_sentence = |text: &str| text.chars().nth(SENTENCE_MAX).is_none();
    let text = text.trim();
    if !is_one_sentence(text) {
        return false;
    }
    let text = lower(text, SENTENCE_MAX);
    is_one_sentence(&text)
        && RECALLS.iter().any(|(first, then)| {
            let end = first.find(text.as_bytes()).map(|at| at + first.needle().len());
            end.is_some_and(|end| then.find(&text.as_bytes()[end..]).is_some())
        })
}

/// What names the mail back that is asked for, before and behind its subject: `…` stands where that stands within.
static RECALLS: LazyLock<Vec<(Finder<'static>, Finder<'static>)>> = LazyLock::new(|| {
    let halves = |says: &'static str| says.split_once(" … ").unwrap_or((says, ""));
    let finders = |(first, then): (&'static str, &'static str)| (Finder::new(first), Finder::new(then));
    words::list("small_talk", "recalls").into_iter().map(halves).map(finders).collect()
});

/// Outlook's sentence, with the subject of the mail in it.
const SENTENCE_MAX: usize = 400;

/// Apple's tapback where it travels as text: `Liked “Have you restarted it?”`.
fn is_tapback(text: &str) -> bool {
    let text = text.trim();
    let rest = TAPBACKS.iter().find_map(|verb| text.strip_prefix(verb)).unwrap_or_default();
    let by_emoji = TAPBACKS_BY_EMOJI.iter().any(|verb| text.starts_with(verb));
    let opens = by_emoji || rest.starts_with(['“', '«', '"']);
    opens && rest.contains(['“', '«', '"']) && rest.ends_with(['”', '»', '"']) || TAPBACK_PICTURES.contains(rest)
}

/// Verbs in front of the quoted words.
static TAPBACKS: List = List::new(|| words::list("small_talk", "tapbacks"));
/// Those of them behind which an emoji stands before the quote.
static TAPBACKS_BY_EMOJI: List = List::new(|| words::list("small_talk", "tapbacks_by_emoji"));
/// What stands there where no words were reacted to.
static TAPBACK_PICTURES: Set = Set::new(|| words::set("small_talk", "tapback_pictures"));

static THANKS: Set = Set::new(|| words::set("small_talk", "thanks"));

/// What stands around thanks and asks for nothing.
static COURTESY: Set = Set::new(|| words::set("small_talk", "courtesy"));

static YES: List = List::new(|| words::list("small_talk", "yes"));

static NO: List = List::new(|| words::list("small_talk", "no"));

/// A greeting and thanks around an answer change nothing.
static AROUND_AN_ANSWER: Set = Set::new(|| words::set("small_talk", "around_an_answer"));

/// Words that follow each other where somebody tried to help themselves.
static TRIED: List = List::new(|| words::list("small_talk", "tried"));

/// The same, where a proposed solution failed.
static FAILED: List = List::new(|| words::list("small_talk", "failed"));

static REACTIONS: LazyLock<Regex> = LazyLock::new(|| words::any_of("small_talk", "reactions"));

/// What makes of thanks more than thanks.
static ASKS: Set = Set::new(|| words::set("small_talk", "asks"));

fn is_one_of(text: &str, known: &[&str]) -> bool {
    if text.trim().len() > 200 || text.contains('?') {
        return false;
    }
    let words = words_of(text);
    let kept: Vec<&str> = words.iter().map(String::as_str).filter(|word| !AROUND_AN_ANSWER.contains(word)).collect();
    let (whole, kept) = (words.join(" "), kept.join(" "));
    known.iter().any(|answer| whole == *answer || kept == *answer)
}

/// Whether a word may stand around others and ask for nothing.
pub(super) fn is_courteous(word: &str) -> bool {
    THANKS.contains(word) || COURTESY.contains(word)
}

/// Lower-case words, typographic apostrophes made plain; of a long text the first.
pub(super) fn words_of(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-')))
        .map(|word| word.trim_matches(['-', '\'']).to_owned())
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX * 2)
        .collect()
}

/// Whether a text asks, objects or refers to something: then it is more than thanks.
fn asks(text: &str) -> bool {
    let words = words_of(text);
    text.contains('?')
        || text.chars().any(|c| c.is_ascii_digit())
        || words.iter().any(|word| ASKS.contains(word.as_str()))
}

fn is_name(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.len() > 1
        && word.starts_with(char::is_uppercase)
        && !THANKS.contains(word.to_lowercase().as_str())
        && !COURTESY.contains(word.to_lowercase().as_str())
}

/// One or a few emoji and nothing else.
fn is_emoji(text: &str) -> bool {
    let text = text.trim();
    let pictures = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}');
    !text.is_empty() && text.chars().count() <= 8 && text.chars().all(|c| pictures(c) || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_that_failed_is_heard_among_other_words() {
        for text in [
            "Bonjour, ça ne marche toujours pas, voici une capture.",
            "J’ai tout essayé sans succès.",
            "Non, ça n'a rien changé. Pouvez-vous m'appeler ?",
            "Hi, I followed the steps but it still doesn't work",
            "No luck, same error.",
        ] {
            assert!(says_it_failed(text), "{text}");
        }
        for text in ["OUI", "Merci, c'est réglé !", "It works now, thanks", "Où est le bouton dont vous parlez ?", ""]
        {
            assert!(!says_it_failed(text), "{text}");
        }
    }

    #[test]
    fn who_has_tried_something_says_so() {
        for text in [
            "Bonjour, le toner est vide. J'ai déjà suivi la procédure de l'intranet.",
            "VPN refusé : j’ai essayé trois fois.",
            "My password expired. I already tried the reset link.",
            "Restarted, to no avail.",
        ] {
            assert!(says_it_was_tried(text), "{text}");
        }
        for text in ["Le toner est vide, que faire ?", "How do I reset my password?", "Je vais essayer demain.", ""] {
            assert!(!says_it_was_tried(text), "{text}");
        }
    }

    #[test]
    fn thanks_change_nothing() {
        for text in [
            "Merci!",
            "Merci beaucoup, bonne journée !",
            "Thanks a lot, have a nice day",
            "Parfait, merci Marie!",
            "Thank you so much\n\nBob",
            "ok merci",
            "Super, ça fonctionne. Merci pour votre aide",
        ] {
            assert!(is_thanks(text), "{text}");
        }
    }

    #[test]
    fn thanks_with_a_request_are_a_request() {
        for text in [
            "Merci, mais ça ne marche pas",
            "Merci de me rappeler",
            "Thanks, can you also reset my password?",
            "Merci de changer mon écran",
            "Thanks in advance for unlocking Bob's account",
            "",
            "ok",
            "Merci d'avance pour le reset du poste 12",
        ] {
            assert!(!is_thanks(text), "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_the_whole_answer() {
        for text in ["OUI", "Oui.", "YES!", "Réglé, merci", "Oui, c’est réglé", "Yes, thanks", "Bonjour,\noui\nMerci"]
        {
            assert!(is_yes(text), "{text}");
        }
        for text in ["Oui mais j'ai un autre problème", "yes?", "Oui pour lundi", "non", ""] {
            assert!(!is_yes(text), "{text}");
        }
        assert!(is_no("Non, toujours pas") && is_no("NO") && !is_no("no idea what you mean"));
    }

    #[test]
    fn reactions_and_recalls_are_known() {
        assert!(is_reaction("Marie Tremblay reacted to your message:"));
        assert!(is_reaction("👍"));
        assert!(!is_reaction("I liked your message but it does not work"));
        assert!(asks_back("Marie Tremblay möchte die Nachricht \"Drucker\" zurückrufen."));
        assert!(!asks_back("Merci de me rappeler : le message d'erreur est revenu."));
    }
}
