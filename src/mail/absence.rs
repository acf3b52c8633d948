//! Absence notices by their words: subjects and sentences. People use the same words, so that these alone never say who wrote.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::pattern;

/// Bytes of a text that are looked at: a notice says at its start what it is.
const START_MAX: usize = 1_200;

/// A text of more words is no notice: whoever writes more has something else to say.
const WORDS_MAX: usize = 120;

/// Beginnings of the subjects that mail programs write over an absence notice, per language, lower case. What follows
/// must be a separator: a person may well write about an absence notice.
const PREFIXES: &[&str] = &[
    // English
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "automatic response",
    "out of office",
    "out of the office",
    "out-of-office",
    "out of office reply",
    "out of office autoreply",
    "out of office message",
    "out of office notification",
    "ooo",
    "vacation reply",
    "vacation message",
    "on vacation",
    "away from mail",
    "away from my mail",
    "autoresponder",
    "i am out of office",
    "i am out of the office",
    // French
    "réponse automatique",
    "reponse automatique",
    "réponse d'absence",
    "réponse automatique d'absence",
    "message d'absence",
    "avis d'absence",
    "notification d'absence",
    "absence du bureau",
    "hors du bureau",
    "réponse auto",
    "absent du bureau",
    "absence",
    "absent",
    "absente",
    // German
    "automatische antwort",
    "automatische rückantwort",
    "abwesenheitsnotiz",
    "abwesenheitsnachricht",
    "abwesenheitsmeldung",
    "abwesenheit",
    "abwesend",
    // Spanish, Basque, Italian, Portuguese, Catalan, Romanian
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "ausente",
    "autorespuesta",
    "erantzun automatikoa",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "assente",
    "resposta automática",
    "resposta automàtica",
    "fora do escritório",
    "ausência",
    "răspuns automat",
    "raspuns automat",
    // Dutch and Nordic
    "automatisch antwoord",
    "afwezigheidsbericht",
    "afwezig",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "frånvaro",
    "frånvarande",
    "fraværsmelding",
    "automaattinen vastaus",
    "poissaoloilmoitus",
    "poissaolo",
    "sjálfvirkt svar",
    "automaatvastus",
    // Slavic, Baltic, Hungarian, Greek, Turkish
    "odpowiedź automatyczna",
    "autoodpowiedź",
    "nieobecność",
    "automatyczna odpowiedź",
    "automatická odpověď",
    "automatická odpoveď",
    "automatski odgovor",
    "samodejni odgovor",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "автоматичен отговор",
    "automatinis atsakymas",
    "automātiska atbilde",
    "automatikus válasz",
    "аутоматски одговор",
    "автоматски одговор",
    "аўтаматычны адказ",
    "αυτόματη απάντηση",
    "otomatik yanıt",
    "otomatik cevap",
    "avtomatik cavab",
    // Hebrew, Arabic, Persian, Urdu
    "תשובה אוטומטית",
    "מענה אוטומטי",
    "הודעה אוטומטית",
    "מחוץ למשרד",
    "رد تلقائي",
    "الرد التلقائي",
    "رد آلي",
    "خارج المكتب",
    "پاسخ خودکار",
    "خودکار جواب",
    // Japanese, Chinese, Korean, Vietnamese, Thai, Indonesian, Malay, Hindi
    "自動応答",
    "自動返信",
    "不在通知",
    "自动答复",
    "自動回覆",
    "自動答覆",
    "自动回复",
    "자동 회신",
    "자동 응답",
    "부재중",
    "trả lời tự động",
    "ตอบกลับอัตโนมัติ",
    "การตอบกลับอัตโนมัติ",
    "balasan otomatis",
    "balasan automatik",
    "स्वचालित उत्तर",
    "स्वतः उत्तर",
];

/// Whether a subject begins as mail programs begin that of an absence notice.
pub(super) fn is_subject(subject: &str) -> bool {
    let subject =
        subject.trim_start_matches(|c: char| c.is_whitespace() || "[\"*\u{200e}\u{200f}\u{202a}\u{202b}".contains(c));
    // A long subject is compared at its start only.
    let lower: String =
        subject.chars().take(160).flat_map(char::to_lowercase).map(|c| if c == '’' { '\'' } else { c }).collect();
    is_dominos(&lower) || PREFIXES.iter().any(|prefix| lower.strip_prefix(prefix).is_some_and(ends_a_prefix))
}

/// Domino's out-of-office service: "AUTO: Marie Roy is out of the office (returning 06/03/2026)", without `AUTO` before
/// version 8. A blank before the colon is a person's.
fn is_dominos(subject: &str) -> bool {
    subject.starts_with("auto: ")
        || subject.contains(" is out of the office (returning ")
        || subject.ends_with(" is out of the office.")
        || subject.contains(" est absent(e)")
}

fn ends_a_prefix(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty()
        || rest.starts_with([':', '：', ']', '(', '|'])
        || rest.starts_with("- ")
        || rest.starts_with("– ")
        || rest.starts_with("re:")
}

/// Whether a text says at its start that its writer is away, or that nobody wrote it, and asks nothing.
pub(super) fn is_text(text: &str) -> bool {
    let start = text[..text.floor_char_boundary(START_MAX)].replace('’', "'");
    // Robots quote the subject that they answer.
    let has_quotes = start.contains(['"', '“', '«']);
    let said = if has_quotes { QUOTED.replace_all(&start, "") } else { start.as_str().into() };
    !said.contains(['?', '؟', '？']) && SENTENCE.is_match(&said)
}

static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern("\"[^\"]{0,300}\"|“[^”]{0,300}”|«[^»]{0,300}»"));

/// Whether a text that is such a notice is hardly anything else.
pub(super) fn is_nothing_else(text: &str) -> bool {
    text.split_whitespace().take(WORDS_MAX + 1).count() <= WORDS_MAX
}

/// Sentences of absence notices, where a sentence may begin: in a line, behind a greeting, behind another sentence.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    let any = SENTENCES.join("|").replace(' ', r"\s+");
    let lead = LEADS.join("|").replace(' ', r"\s+");
    pattern(&format!(r"(?im)(?:^|[.!,;:])[\s*>]*(?:(?:{lead})\s+)?(?:{any})"))
});

/// What may stand before them.
const LEADS: &[&str] = &[
    "please note(?: that)?",
    "note that",
    "thank you for your (?:e-?mail|message|mail)",
    "thanks for your (?:e-?mail|message|mail)",
    "unfortunately",
    "at the moment",
    "veuillez noter que",
    "merci (?:de|pour) votre (?:message|courriel|e-?mail)",
    "sachez que",
    "malheureusement",
    "vielen dank für ihre (?:nachricht|e-?mail|mail)",
];

const SENTENCES: &[&str] = &[
    // French
    r"(?:je suis|je serai|je suis actuellement|je serais|nous sommes|nous serons) (?:actuellement |présentement |en ce moment |malheureusement )?(?:absent|absente|absents|en congé|en congés|en vacances|en déplacement|à l'extérieur du bureau|à l'étranger|hors du bureau|hors bureau|fermé|fermés)\b",
    r"(?:actuellement |présentement )?(?:absent|absente|absent\(e\)|en congé|en vacances) (?:du bureau|jusqu'|jusqu'au|du \d|de retour|actuellement)",
    r"je m'absente",
    r"je n'(?:ai|aurai) (?:pas|qu'un) accès",
    r"(?:ceci est|voici|il s'agit d'|c'est) ?(?:un|une) (?:message|réponse|courriel|avis) (?:d'absence|automatique|automatisé|automatisée|généré|générée)",
    r"(?:réponse|message) automatique\b",
    r"(?:ce|cette) (?:message|courriel|réponse) (?:est|a été) (?:automatique|généré|générée|envoyé|envoyée)(?: automatiquement)?",
    r"(?:nos bureaux|le bureau|notre bureau) (?:sont|est|seront|sera) fermés?",
    // English
    r"(?:i am|i'm|i will be|i'll be|i shall be|we are|we will be) (?:currently |now |presently |temporarily )?(?:out of (?:the |my )?office|away|on (?:annual |parental |maternity |paternity |sick |medical )?(?:leave|vacation|holiday|holidays|pto)|on a business trip|travell?ing|not in the office|ooo)\b",
    r"(?:currently |now )?(?:out of (?:the |my )?office|on (?:annual )?leave|on vacation|away from (?:my|the) (?:desk|office|mail|e-?mail)) (?:until|till|from|and|with|through)",
    r"this is an? (?:automatic|automated|auto)[- ]?(?:reply|response|message|generated)?",
    r"(?:automatic|automated) (?:reply|response|message)",
    r"this (?:mail|e-?mail|message|reply|response) (?:is|was|has been) (?:automatically|generated automatically|sent automatically|an automat)",
    r"i (?:have|will have|shall have) (?:limited|no|intermittent) access to (?:my )?(?:e-?mails?|mail)",
    r"our offices? (?:is|are|will be) closed",
    // German, Dutch, Nordic
    r"ich bin (?:derzeit |momentan |zur zeit |zurzeit |aktuell |vom )?.{0,30}(?:abwesend|nicht im büro|im urlaub|außer haus|nicht erreichbar)",
    r"ich bin (?:ab|erst ab|erst) .{1,30} wieder (?:im büro|erreichbar|da)",
    r"dies ist eine automatische",
    r"ik ben (?:momenteel |tijdelijk |op dit moment )?(?:afwezig|niet aanwezig|met vakantie|met verlof|niet op kantoor)",
    r"dit is een automatisch",
    r"jag är (?:för närvarande |just nu )?(?:inte på kontoret|på semester|ledig|frånvarande|bortrest)",
    r"jeg er (?:for tiden |på nuværende tidspunkt )?(?:ikke på kontoret|på ferie|fraværende|ute av kontoret)",
    // Spanish, Italian, Portuguese
    r"(?:estoy|estaré|me encuentro|me encontraré) (?:actualmente )?(?:fuera de (?:la )?oficina|ausente|de vacaciones)",
    r"(?:esta es una|este es un) (?:respuesta|mensaje) automátic[ao]",
    r"sono (?:attualmente |al momento )?(?:fuori (?:sede|ufficio)|assente|in ferie)",
    r"(?:estou|estarei|encontro-me) (?:atualmente |de momento )?(?:fora do escritório|ausente|de férias)",
    // Polish, Russian, Hebrew, Arabic
    r"(?:jestem|będę) (?:obecnie )?(?:nieobecn|poza biurem|na urlopie)",
    r"(?:я )?(?:сейчас |буду )?(?:нахожусь )?(?:в отпуске|вне офиса|отсутствую)",
    r"אני (?:כרגע )?(?:לא במשרד|בחופשה|מחוץ למשרד)",
    r"(?:أنا|انا|سأكون) (?:حاليا |حالياً )?(?:خارج المكتب|في إجازة)",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_notices_are_known_by_their_subject() {
        for subject in [
            "Réponse automatique : Imprimante",
            "Out of Office: x",
            "Abwesenheitsnotiz",
            "Automatic reply: a",
            "自动回复: x",
            "AUTO: Marie Roy est absent(e) du bureau (retour le 3 juin 2026)",
            "Marie Roy is out of the office.",
            "Réponse automatique d’absence : x",
            "\u{200f}תשובה אוטומטית: מדפסת",
            "رد تلقائي: طابعة",
        ] {
            assert!(is_subject(subject), "{subject}");
        }
    }

    #[test]
    fn people_may_write_about_absence_notices() {
        for subject in [
            "Out of office reply does not work",
            "Re: Automatic reply: x",
            "Absence de réseau au 3e",
            "Automatic door broken",
            "Auto : panne",
            "Paul is out of the office and I need his files",
        ] {
            assert!(!is_subject(subject), "{subject}");
        }
    }

    #[test]
    fn a_notice_says_that_its_writer_is_away() {
        for text in [
            "Bonjour,\n\nJe suis absente du bureau jusqu’au 14 juin.",
            "Merci de votre message. Je serai en congé du 3 au 10 août.",
            "Hello, I am currently out of the office and will answer on Monday.",
            "This is an automatic reply.",
            "Ich bin bis zum 4. Juni nicht im Büro.",
            "Estoy fuera de la oficina hasta el lunes.",
            "Please note that I am away until Monday.",
            "I will be on annual leave from 3 to 7 August.",
            "I'm OOO this week.",
            "I have limited access to my email until Monday.",
            "Je suis présentement en congé de maternité.",
            "Nos bureaux sont fermés jusqu'au 3 janvier.",
            "Thank you for your email. I'm currently out of the office with limited access.",
            "Ich bin ab Montag wieder im Büro.",
            "Sono in ferie fino al 3 settembre.",
        ] {
            assert!(is_text(text), "{text}");
        }
    }

    #[test]
    fn people_speak_of_absence_too() {
        for text in [
            "Je suis absent demain, pouvez-vous passer jeudi ?",
            "Le message d'absence ne s'active pas.",
            "My automatic reply went to everybody, please stop it.",
            "Paul est absent et son poste est verrouillé.",
            "The door is out of order.",
            "",
        ] {
            assert!(!is_text(text), "{text}");
        }
    }
}
