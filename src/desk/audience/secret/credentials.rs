//! Passwords, one-time codes, keys and tokens.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Found, Secret, is_stand_in};
use crate::mail::pattern::pattern;

/// What is called a password, without accents. The short forms stand for nothing else.
const PASSWORD: &str = r"mots?\ de\ passe | m\.?d\.?p | passwords? | passwd | pwd | pw | passphrase | passcode | phrase\ (?:secrete|de\ passe)
    | nip | pin | otp | puk | (?: ssid | wi-?fi ) [^\n]{0,40}? (?: cle | key | code )
    | codes?\ (?: d'?\ ?acces | secrets? | pin | nip | wi-?fi | wep | 2fa | otp | mfa | sms | (?:de\ )?verification | de\ securite | de\ validation
        | d'authentification | d'activation | temporaire | a\ usage\ unique | de\ deverrouillage | de\ recuperation | d'alarme | du\ cellulaire )
    | cles?\ (?: (?:du\ |de\ )?wi-?fi | wep | wpa[23]? | (?:de\ |du\ )?reseau | de\ securite | de\ recuperation )
    | (?: wi-?fi | wep | wpa[23]? | network | recovery | bitlocker | security )\ (?: code | key | pass )
    | (?: verification | access | authentication | one-?time | 2fa | mfa | sms | login | sign-?in | unlock | temporary | alarm )\ (?: code | pin )";

/// Words between the name of a password and a value that show that the value is none: `mot de passe refusé depuis lundi`.
const TROUBLE: &str = r"(?i)erreur|error|refus|expir|invalid|incorrect|oubli|forg|reinit|reset|chang|march|fonction|work|fail|ticket|bloqu|lock|rejet|reject|depuis|since|suivant";

/// Words that stand behind `mot de passe :` and say something of it, rather than being it.
const SAID: &str = "ancien|aucun|aucune|bloque|bonjour|change|changed|correct|demande|denied|erreur|error|expire|expired|failed|faux|forgotten|\
    hello|idem|inchange|inconnu|incorrect|incorrecte|invalid|invalide|locked|merci|meme|none|nouveau|obligatoire|oublie|oubliee|perdu|\
    refuse|rejected|reinitialise|required|requis|reset|same|secret|thanks|unchanged|unknown|vide|wrong";

/// Names and measures with digits, which look made up and are no passwords: `office365`, `19h30`.
const PRODUCTS: &str = r"(?i)^(?:office|o|m|microsoft|windows|win|outlook|vpn|exchange|sql|server|azure|dynamics|chrome|ios|android|sap|usb|ipad|iphone|kb|d|f|e|id)-?[0-9.]+$|^0x[0-9a-f]+$|^[0-9]+(?:ghz|mhz|h[0-9]*|v|e|er|ere|eme)$";

struct Forms {
    told: Regex,
    turned: Regex,
    short: Regex,
    pass: Regex,
    pair: Regex,
    login: Regex,
    option: Regex,
    in_link: Regex,
    link_value: Regex,
    named_key: Regex,
    key: Regex,
    armour: Regex,
    armour_end: Regex,
    trouble: Regex,
    product: Regex,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let form = |form: &str| pattern(&form.replace('§', PASSWORD));
    Forms {
        told: form(
            r#"(?ix) (?: (?-u:\b) | _ ) (?: [a-z]{0,12} password | § ) (?-u:\b) ["'`*\],]{0,3}
                (?P<between> (?: \ [^\s:=\[\]…]{1,20} ){0,6}? ) \s*
                (?: (?P<sign> [:=>]+ ) | (?-u:\b) (?: est | is | c'est | sera | was | will\ be ) (?-u:\b) \ ?:? | (?P<dash> \ -\  ) | (?P<tab> \t ) )
                (?P<gap> \s* ) (?P<quote> ["'`«“] \ ? )? (?P<value> \S{1,64} )"#,
        ),
        turned: form(
            r"(?ix) (?-u:\b) (?P<value> (?:g-)? [0-9]{4,8} | [0-9]{3}[\ -][0-9]{3} ) \ (?: is | est ) \ (?: your | my | the | votre | mon | le | la | ton )
                \ (?: [^\s.]{1,20} \  ){0,3} (?: § ) (?-u:\b)",
        ),
        short: form(
            r"(?ix) (?-u:\b) (?: (?: (?: nip | pin | otp | puk | codes?\ (?:d'acces|de\ verification|de\ securite|2fa|otp|sms) | (?:verification|access|2fa)\ code ) (?: \ code )?
                    | (?: your | votre | my | mon )\ code\ (?: is | est ) ) [\ :=]{1,3} (?P<digits> [0-9]{4,8} | [0-9]{3}[\ -][0-9]{3} ) (?-u:\b)
                | (?: m\.?d\.?p | pwd | passwd | pw | mot\ de\ passe | password ) \ (?P<value> \S+ ) )",
        ),
        pass: form(r"(?ix) (?: ^ | [\s/,;|(] ) passe? \ ? [:=] \ ? (?P<value> \S+ )"),
        pair: form(
            r"(?ix) (?-u:\b) (?: identifiants? | logins? | user(?:name)?s? | utilisateurs? | compte | acces | id ) \s? (?: / | et | and | & | \+ ) \s? (?: § ) (?-u:\b)
                \ ? [:=]? \s* \S{1,64} (?: \ ?/\ ? | \ (?: et | and | puis | - | \| ) \  | ,\ ? | \  ) (?P<value> [^\s/]\S* )",
        ),
        login: form(
            r"(?ix) (?-u:\b) (?: identifiants? | logins? | user(?:name)? | utilisateur | credentials | creds ) \ ? [:=] \ ? [^\s/|,]{1,64} \ ? [/|,] \ ? (?P<value> \S+ )",
        ),
        option: form(
            r"(?ix) (?: ^ | \s ) --? (?: password | passwd | pass | pwd ) (?: \  | = ) (?P<value> [^\s\[…-] \S* )",
        ),
        in_link: form(r"(?i)(?-u:\b)[a-z][a-z0-9+.-]{1,15}://(?P<value>[^\s/@:\[\]…]{0,64}:[^\s/@\[\]…]{1,128})@"),
        link_value: form(
            r#"(?ix) [?&;\#] (?: [a-z0-9_.-]{0,24}[_.-] )?
                (?: (?P<sure> token | sig | signature | apikey | secret | password | passwd | pwd | jwt | sas | accesstoken | authtoken ) | key | auth | session | sid | otp | hash )
                = (?P<value> [^\s&\#"'<>\[\]…]{6,} )"#,
        ),
        named_key: form(
            r#"(?ix) (?: (?-u:\b) | _ ) (?: api[\ _-]?key | cles?\ (?:d')?api | client[\ _-]?secret | (?:aws[\ _-])?secret[\ _-]?(?:access[\ _-]?)?key | secret
                | (?:access|auth|refresh|id)?[\ _-]?token | jetons?(?:\ d'acces)? | account[\ _-]?key | shared[\ _-]?access[\ _-]?(?:key|signature) )
                ["'`]? \s? (?: [:=]+ | \ est | \ is ) \s? ["'`]? (?P<value> [a-z0-9_\-.+/=~]{8,} )"#,
        ),
        key: form(
            r"(?x) (?-u:\b) (?P<value> (?:AKIA|ASIA)[0-9A-Z]{16} | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{22,} | gl(?:pat|rt|dt|ptt|ft|soat)-[A-Za-z0-9_.-]{20,}
                | xox[abeprs]-[A-Za-z0-9-]{10,} | xapp-[A-Za-z0-9-]{20,} | hooks\.slack\.com/services/[A-Za-z0-9/]{20,} | AIza[A-Za-z0-9_-]{30,} | ya29\.[A-Za-z0-9_-]{20,}
                | [srp]k_(?:live|test)_[A-Za-z0-9]{16,} | whsec_[A-Za-z0-9]{20,} | sk-[A-Za-z0-9_-]{20,} | SG\.[A-Za-z0-9_-]{16,80}\.[A-Za-z0-9_-]{16,} | npm_[A-Za-z0-9]{30,}
                | pypi-[A-Za-z0-9_-]{30,} | hf_[A-Za-z0-9]{30,} | dop_v1_[a-f0-9]{40,} | AGE-SECRET-KEY-1[A-Z0-9]{20,} | [0-9]{6}(?:[\ -][0-9]{6}){7}
                | eyJ[A-Za-z0-9_-]{10,400}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+)? )
                | (?-u:\b) (?: (?i:bearer)\ (?P<bearer> [A-Za-z0-9._~+/-]{16,}=* ) | (?i:authorization:\s*basic)\ (?P<basic> [A-Za-z0-9+/]{8,}=* ) )",
        ),
        armour: form(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|(?-u:\b)PuTTY-User-Key-File-[0-9]"),
        armour_end: form(r"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-MAC: ?[0-9a-f]*"),
        trouble: form(TROUBLE),
        product: form(PRODUCTS),
    }
});

// A form that may scan far beyond what it finds would make a long text's time quadratic: what can fail late has a limit.
/// All credentials; of a password the value alone.
pub(super) fn find(text: &str) -> Found {
    let forms = &*FORMS;
    let mut found = armour(text, forms);
    let mut add =
        |secret: Secret, places: Vec<Range<usize>>| found.extend(places.into_iter().map(|place| (place, secret)));
    add(Secret::Password, told(text, forms));
    add(Secret::Password, values(&forms.turned, text, "value", |_, _| true));
    add(Secret::Password, values(&forms.short, text, "digits", |_, _| true));
    add(Secret::Password, values(&forms.short, text, "value", |_, value| is_strong(value, forms)));
    add(Secret::Password, values(&forms.pass, text, "value", |_, value| looks_made_up(value, forms)));
    add(Secret::Password, values(&forms.pair, text, "value", |_, value| looks_made_up(value, forms)));
    add(Secret::Password, values(&forms.login, text, "value", |_, value| is_strong(value, forms)));
    add(Secret::Password, values(&forms.option, text, "value", |_, value| value.len() >= 4));
    add(Secret::Password, values(&forms.in_link, text, "value", |_, _| true));
    let is_key = |link: &Captures<'_>, value: &str| {
        link.name("sure").is_some() || value.len() >= 8 && value.contains(|c: char| c.is_ascii_digit())
    };
    add(Secret::AccessKey, values(&forms.link_value, text, "value", is_key));
    let has_digit =
        |_: &Captures<'_>, value: &str| value.contains(|c: char| c.is_ascii_digit()) && !forms.product.is_match(value);
    add(Secret::AccessKey, values(&forms.named_key, text, "value", has_digit));
    let is_token =
        |_: &Captures<'_>, value: &str| !value.starts_with("sk-") || value.contains(|c: char| c.is_ascii_digit());
    add(Secret::AccessKey, values(&forms.key, text, "value", is_token));
    add(Secret::AccessKey, values(&forms.key, text, "bearer", has_digit));
    add(Secret::AccessKey, values(&forms.key, text, "basic", |_, _| true));
    found
}

fn values(form: &Regex, text: &str, group: &str, holds: impl Fn(&Captures<'_>, &str) -> bool) -> Vec<Range<usize>> {
    let value = |found: Captures<'_>| {
        let value = found.name(group)?;
        let place = bare(text, value.range());
        holds(&found, calm(&text[place.clone()])).then_some(place)
    };
    form.captures_iter(text).filter_map(value).collect()
}

/// From the head of a private key to its end; one without an end goes on to the end of the text.
fn armour(text: &str, forms: &Forms) -> Found {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(head) = forms.armour.find_at(text, at) {
        at = forms.armour_end.find_at(text, head.end()).map_or(text.len(), |end| end.end());
        found.push((head.start()..at, Secret::PrivateKey));
    }
    found
}

/// "Mot de passe : Soleil99" tells one; "mot de passe : il est refusé" and "my password is wrong" do not. What follows on the line
/// may tell another.
fn told(text: &str, forms: &Forms) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(line) = forms.told.captures_at(text, at) {
        let value = line.name("value").map_or(at..at, |value| value.range());
        let place = bare(text, value.clone());
        let ends_line = text[value.end..].chars().find(|c| !matches!(c, ' ' | '\t')).is_none_or(|c| c == '\n');
        if tells(&line, calm(&text[place.clone()]), ends_line, forms) {
            found.push(place);
        }
        at = line.name("gap").map_or(value.end, |gap| gap.start());
    }
    found
}

fn tells(line: &Captures<'_>, value: &str, ends_line: bool, forms: &Forms) -> bool {
    let part = |name: &str| line.name(name).map_or("", |part| part.as_str());
    if value.chars().count() < 4
        || value.starts_with("0x")
        || forms.trouble.is_match(part("between"))
        || is_placeholder(value)
    {
        return false;
    }
    let is_quoted =
        !part("quote").is_empty() && (ends_line || part("value").len() > value.len() || part("quote").len() > 2);
    let is_assigned = !part("sign").is_empty();
    let is_word = SAID.split('|').any(|word| word == value.to_lowercase());
    let is_plain = (is_assigned && ends_line || is_quoted) && !is_word && !part("gap").contains('\n');
    looks_made_up(value, forms) || is_plain
}

/// Without the quotation marks around and the punctuation behind.
fn bare(text: &str, value: Range<usize>) -> Range<usize> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '«' | '»' | '“' | '”' | '(' | '*' | '<' | '>');
    let written = &text[value.clone()];
    let start = written.len() - written.trim_start_matches(is_quote).len();
    let written = &written[start..];
    let written = written.split('<').next().unwrap_or(written);
    let end = written.trim_end_matches(|c| is_quote(c) || matches!(c, '.' | ',' | ';' | ')' | ':')).len();
    value.start + start..value.start + start + end
}

/// Without marks that may be of the sentence or of the password.
fn calm(value: &str) -> &str {
    value.trim_end_matches(['!', '?', '.', ','])
}

/// What was taken out already, or hidden with stars.
fn is_placeholder(value: &str) -> bool {
    value.contains(is_stand_in)
        || value.starts_with(['{', '%', '$']) && value.ends_with(['}', '%'])
        || value.chars().all(|c| !c.is_alphanumeric() || matches!(c, 'x' | 'X'))
}

fn looks_made_up(value: &str, forms: &Forms) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let is_time = value.split([':', '-', '/', 'h']).filter(|part| !part.is_empty()).count() > 1
        && value.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-' | '/' | 'h'));
    let is_shout = value.chars().all(|c| !c.is_lowercase());
    value.chars().count() >= 4
        && !is_placeholder(value)
        && !forms.product.is_match(value)
        && !is_time
        && !value.contains("://")
        && (value.contains(is_digit)
            || !is_shout && value.chars().skip(1).any(char::is_uppercase)
            || value.contains(['@', '#', '$', '%', '&', '*', '_', '!', '?']))
}

/// Letters with digits, or with marks that no word has.
fn is_strong(value: &str, forms: &Forms) -> bool {
    let has = |is: fn(char) -> bool| value.contains(is);
    let marks = value.contains(['@', '#', '$', '%', '&', '*', '!', '?', '_']);
    looks_made_up(value, forms)
        && has(char::is_alphabetic)
        && (has(|c| c.is_ascii_digit()) || marks)
        && value.chars().count() >= 6
        && !value.contains(['/', '\\'])
}
