//! What looks like a secret: it is not handed on unasked.

use std::sync::LazyLock;

use regex::Regex;

/// Something that a text should not hand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Secret {
    /// Of a payment card.
    CardNumber,
    /// Canada's social insurance number (NAS), or one that the text calls so.
    SocialInsuranceNumber,
    /// A password, PIN or the like, with its value.
    Password,
    /// A private key in PEM form.
    PrivateKey,
    /// A token of a program.
    AccessKey,
}

impl Secret {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Secret::CardNumber => "card_number",
            Secret::SocialInsuranceNumber => "social_insurance_number",
            Secret::Password => "password",
            Secret::PrivateKey => "private_key",
            Secret::AccessKey => "access_key",
        }
    }
}

struct SecretForms {
    card: Regex,
    insurance: Regex,
    named_insurance: Regex,
    password: Regex,
    key: Regex,
    access: Regex,
}

static SECRETS: LazyLock<Option<SecretForms>> = LazyLock::new(|| {
    Some(SecretForms {
        card: Regex::new(r"\b[2-6]\d{3}(?:[ \u{a0}-]?\d){9,15}\b").ok()?,
        insurance: Regex::new(r"\b[1-79]\d{2}[ \u{a0}-]\d{3}[ \u{a0}-]\d{3}\b").ok()?,
        named_insurance: Regex::new(r"(?i)\b(?:nas|sin|ssn|assurance sociale|social (?:insurance|security))\b\D{0,20}\d{3}[ -]?\d{2,3}[ -]?\d{3,4}\b").ok()?,
        password: Regex::new(
            r"(?ix) \b(?: mots?\ de\ passe | mdp | passwords? | passwd | pwd | passphrase | passcode | nip | pin | code\ (?: d'acc[èe]s | secret ) )
              (?: \ [^\s:=]{1,20} ){0,3} \s* (?: (?P<sign>[:=]) | \b(?: est | is )\b ) \s* (?P<value>\S+) (?P<rest>[^\n]*)",
        )
        .ok()?,
        key: Regex::new(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----").ok()?,
        access: Regex::new(
            r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,})",
        )
        .ok()?,
    })
});

/// What in the text looks like a secret, each kind once. A vendor gets such a text only when an agent insists.
pub fn looks_secret(text: &str) -> Vec<Secret> {
    let Some(forms) = &*SECRETS else { return Vec::new() };
    let is_sound = |found: regex::Match<'_>| passes_luhn(found.as_str());
    let found = [
        (Secret::CardNumber, forms.card.find_iter(text).any(|card| is_sound(card) && has_card_length(card.as_str()))),
        (
            Secret::SocialInsuranceNumber,
            forms.insurance.find_iter(text).any(is_sound) || forms.named_insurance.is_match(text),
        ),
        (Secret::Password, forms.password.captures_iter(text).any(|line| tells_password(&line))),
        (Secret::PrivateKey, forms.key.is_match(text)),
        (Secret::AccessKey, forms.access.is_match(text)),
    ];
    found.into_iter().filter(|(_, is_there)| *is_there).map(|(secret, _)| secret).collect()
}

/// "Mot de passe : Soleil99" tells one; "mot de passe : il est refusé" and "my password is wrong" do not.
fn tells_password(line: &regex::Captures<'_>) -> bool {
    let value = line.name("value").map_or("", |value| value.as_str()).trim_end_matches(['.', ',', ';', '!', '?', ')']);
    let looks_made_up = value.chars().any(|c| c.is_ascii_digit())
        || value.chars().skip(1).any(char::is_uppercase)
        || value.contains(['@', '#', '$', '%', '&', '*', '_', '!', '?']);
    let ends_line = line.name("rest").is_none_or(|rest| rest.as_str().trim().is_empty());
    let is_assigned = line.name("sign").is_some();
    value.chars().count() >= 4 && (looks_made_up || is_assigned && ends_line)
}

fn has_card_length(text: &str) -> bool {
    matches!(text.bytes().filter(u8::is_ascii_digit).count(), 13..=16 | 19)
}

/// ISO/IEC 7812-1 annex B; the social insurance number uses it too.
fn passes_luhn(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_seen() {
        for (text, secret) in [
            ("Visa 4111 1111 1111 1111 exp 12/29", Secret::CardNumber),
            ("mon NAS est le 046 454 286", Secret::SocialInsuranceNumber),
            ("130 692 544", Secret::SocialInsuranceNumber),
            ("Mot de passe : Soleil99", Secret::Password),
            ("mon mot de passe VPN est Tr0ub4dor", Secret::Password),
            ("password=hunter", Secret::Password),
            ("PIN: 4821", Secret::Password),
            ("-----BEGIN RSA PRIVATE KEY-----", Secret::PrivateKey),
            ("AKIAABCDEFGHIJKLMNOP", Secret::AccessKey),
        ] {
            assert_eq!(looks_secret(text), [secret], "{text}");
        }
    }

    #[test]
    fn ordinary_words_about_secrets_are_none() {
        for text in [
            "Mon mot de passe est refusé depuis ce matin",
            "The password is wrong, says the VPN",
            "Mot de passe : il ne fonctionne plus",
            "commande 4111 1111 1111 1112",
            "Error 0x80070005 on 2026-11-22 15:08:17",
            "R-000123, case CS1234567",
        ] {
            assert_eq!(looks_secret(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at(text in ".{0,200}") {
            looks_secret(&text);
        }
    }
}
