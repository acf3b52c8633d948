//! What looks like a secret: it is not handed on unasked.
//!
//! A text is read as it looks ([`Plain`]): whatever script its digits are in, whatever blank or hyphen parts them, and across a
//! line end. A number that is one of many kinds of number alone counts where a word names it or its own check digits say so.

mod credentials;
mod numbers;

use std::ops::Range;

use super::pseudonyms::plain::Plain;

/// Something that a text should not hand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Secret {
    /// The number of a payment card.
    CardNumber,
    /// Canada's social insurance number (NAS), or one that the text calls so.
    SocialInsuranceNumber,
    /// A social security number of the United States (SSN) or of France (NIR).
    SocialSecurityNumber,
    /// The number of a province's health card: Québec's NAM, Ontario's health number and their siblings.
    HealthNumber,
    /// A pupil's or student's permanent code, given by Québec's ministry of education.
    PermanentCode,
    /// A driver's licence of Québec or Ontario, or one that the text calls so.
    DriversLicence,
    /// The number of a passport of any country, where the text calls it so.
    Passport,
    /// An IBAN, or transit, institution and account.
    BankAccount,
    /// A password, PIN, one-time code or the like, with its value.
    Password,
    /// A private key in PEM or OpenPGP armour.
    PrivateKey,
    /// A token of a program, or a link that holds one.
    AccessKey,
}

impl Secret {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Secret::CardNumber => "card_number",
            Secret::SocialInsuranceNumber => "social_insurance_number",
            Secret::SocialSecurityNumber => "social_security_number",
            Secret::HealthNumber => "health_number",
            Secret::PermanentCode => "permanent_code",
            Secret::DriversLicence => "drivers_licence",
            Secret::Passport => "passport",
            Secret::BankAccount => "bank_account",
            Secret::Password => "password",
            Secret::PrivateKey => "private_key",
            Secret::AccessKey => "access_key",
        }
    }
}

/// What in the text looks like a secret, each kind once, in the order of [`Secret`]. A vendor gets such a text only when an agent
/// insists.
pub fn looks_secret(text: &str) -> Vec<Secret> {
    let mut kinds: Vec<Secret> = secret_ranges(text).into_iter().map(|(_, secret)| secret).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Where the secrets stand, in bytes of the text, by their beginning; some may overlap. Of a password it is the value alone.
pub fn secret_ranges(text: &str) -> Vec<(Range<usize>, Secret)> {
    let plain = Plain::new(text);
    let mut found = numbers::find(plain.text());
    found.extend(credentials::find(plain.text()));
    let mut ranges: Vec<_> = found.into_iter().map(|(part, secret)| (plain.origin(&part), secret)).collect();
    ranges.retain(|(range, _)| !range.is_empty());
    ranges.sort_unstable_by_key(|(range, secret)| (range.start, range.end, *secret));
    ranges.dedup();
    ranges
}

/// The text with this word (`[retiré]`) in the place of each secret. Words in brackets and ellipses are never taken for secrets.
pub fn without_secrets(text: &str, word: &str) -> String {
    let mut kept = text.to_owned();
    // What is taken out may leave a number alone that was glued to it.
    for _ in 0..PASSES_MAX {
        let ranges = secret_ranges(&kept);
        if ranges.is_empty() {
            break;
        }
        kept = replaced(&kept, ranges, word);
    }
    kept
}

fn replaced(text: &str, ranges: Found, word: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut behind = 0;
    for (range, _) in ranges {
        if range.start >= behind {
            kept.push_str(&text[behind..range.start]);
            kept.push_str(word);
        }
        behind = behind.max(range.end);
    }
    kept.push_str(&text[behind..]);
    kept
}

/// Two are enough for what people write.
const PASSES_MAX: usize = 8;

type Found = Vec<(Range<usize>, Secret)>;

/// Whether a character stands for something that was taken out already, or for nothing in particular.
fn is_stand_in(c: char) -> bool {
    matches!(c, '[' | ']' | '…')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A token put together so that no scanner of repositories takes the test for a leak.
    fn token(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    fn numbers_that_belong_to_one_person_are_seen() {
        for (text, secret) in [
            ("Visa 4111 1111 1111 1111 exp 12/29", Secret::CardNumber),
            ("4111-1111-1111-1111 123", Secret::CardNumber),
            ("4111.1111.1111.1111", Secret::CardNumber),
            ("4111\u{202f}1111\u{a0}1111\u{2011}1111", Secret::CardNumber),
            ("carte_4111_1111_1111_1111", Secret::CardNumber),
            ("５５５５ ５５５５ ５５５５ ４４４４", Secret::CardNumber),
            ("٤١١١ ١١١١ ١١١١ ١١١١", Secret::CardNumber),
            ("> payer avec 4111 1111 11\n> 11 1111 merci", Secret::CardNumber),
            ("Amex 3782 822463 10005", Secret::CardNumber),
            ("ma carte: 37 8282 2463 1000 5", Secret::CardNumber),
            ("mon NAS est le 046 454 286", Secret::SocialInsuranceNumber),
            ("130 692 544", Secret::SocialInsuranceNumber),
            ("130–692–544", Secret::SocialInsuranceNumber),
            ("130/692/544", Secret::SocialInsuranceNumber),
            ("130 692\n544", Secret::SocialInsuranceNumber),
            ("N.A.S. : 130692544", Secret::SocialInsuranceNumber),
            ("SIN 130692544", Secret::SocialInsuranceNumber),
            ("numéro d’assurance sociale: 130 69 25 45", Secret::SocialInsuranceNumber),
            ("130692544 (mon NAS)", Secret::SocialInsuranceNumber),
            ("078-05-1120", Secret::SocialSecurityNumber),
            ("SSN 078051120", Secret::SocialSecurityNumber),
            ("1 84 12 76 451 089 46", Secret::SocialSecurityNumber),
            ("numéro de sécurité sociale 1841276451089", Secret::SocialSecurityNumber),
            ("carte Vitale : 2 69 05 2A 004 123", Secret::SocialSecurityNumber),
            ("BOUK 8762 1418", Secret::HealthNumber),
            ("bouk87621418", Secret::HealthNumber),
            ("BOUK-8762-1418", Secret::HealthNumber),
            ("BOUK\u{a0}8762.1418", Secret::HealthNumber),
            ("NAM : BOUK_8762\n1418", Secret::HealthNumber),
            ("Health card 1234 567 897 XK", Secret::HealthNumber),
            ("ma carte soleil, bouk 8799 9918", Secret::HealthNumber),
            ("BOUK23119804", Secret::PermanentCode),
            ("code permanent : bouk 2311 9804", Secret::PermanentCode),
            ("B4321-231187-05", Secret::DriversLicence),
            ("b4321 23118 70512", Secret::DriversLicence),
            ("permis de conduire B432123118705", Secret::DriversLicence),
            ("Passport no. GK 482913", Secret::Passport),
            ("mon passeport : GK482913", Secret::Passport),
            ("passeport 14AB12345", Secret::Passport),
            ("FR14 2004 1010 0505 0001 3M02 606 merci", Secret::BankAccount),
            ("gb82west12345698765432", Secret::BankAccount),
            ("IBAN DE89.3704.0044.0532.0130.00", Secret::BankAccount),
            ("transit 12345, institution 815, compte 7654321", Secret::BankAccount),
            ("bank account 12345-815-7654321", Secret::BankAccount),
            ("compte bancaire 7654321", Secret::BankAccount),
            ("virement de 12 FR14 2004 1010 0505 0001 3M02 606", Secret::BankAccount),
            ("CVV : 123", Secret::CardNumber),
            ("4111\t1111\t1111\t1111", Secret::CardNumber),
        ] {
            assert_eq!(looks_secret(text), [secret], "{text}");
        }
    }

    #[test]
    fn passwords_and_codes_are_seen() {
        for text in [
            "Mot de passe : Soleil99",
            "MOT DE PASSE = Soleil99",
            "mon mot de passe VPN est Tr0ub4dor",
            "password=hunter",
            "The password for the shared mailbox is Hiver!vert",
            "mot de passe : « framboise »",
            "mdp: framboise",
            "mdp Framb0ise!",
            "le pwd c'est Framb0ise",
            "Mot de passe :\nFramb0ise",
            "M\u{f4}t de passe : Framb0ise",
            "Mo\u{302}t de pas\u{ad}se\u{a0}: Framb0ise",
            "PIN: 4821",
            "NIP 4821",
            "PIN code 4821",
            "otp: 554 221",
            "SSID Bleuet, clé : bleuet2024",
            "mon mot de passe, c'est Framb0ise!",
            "code wifi : bleuet2024",
            "Clé Wi-Fi = bleuet2024",
            "code de vérification : 482913",
            "482913 est votre code de vérification",
            "G-482913 is your Google verification code",
            "OTP 482913",
            "identifiant / mot de passe : bgagne / Framb0ise",
            "login: bgagne / Framb0ise!",
            "user: bgagne pass: Framb0ise",
            "{\"password\": \"framboise\"}",
            "DB_PASSWORD=framboise",
            "<password>framboise</password>",
            "mysql --password=framboise",
            "https://bgagne:framboise@depot.test/x",
        ] {
            assert_eq!(looks_secret(text), [Secret::Password], "{text}");
        }
    }

    #[test]
    fn keys_are_seen() {
        let long = "Zm9vYmFy0123456789Zm9vYmFy0123456789";
        for text in [
            token(&["AKIA", "ABCDEFGHIJKLMNOP"]),
            token(&["ghp", "_", long]),
            token(&["github", "_pat_", long]),
            token(&["glpat", "-", "abcdefghij0123456789"]),
            token(&["xoxb", "-", "012345678901"]),
            token(&["AIza", long]),
            token(&["sk", "_live_", "0123456789abcdef"]),
            token(&["eyJ", "hbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxIn0abc", ".c2lnbmF0dXJl"]),
            token(&["Authorization: Bearer ", long]),
            token(&["https://depot.test/c?sv=2024&si", "g=", "a%2Bb%2Fc0123"]),
            token(&["https://depot.test/c?access_token", "=", "abcdefgh"]),
            token(&["client_secret: ", long]),
            token(&["clé API : ", "bleu0123456789"]),
            "123456-234567-345678-456789-567890-678901-789012-890123".to_owned(),
        ] {
            assert_eq!(looks_secret(&text), [Secret::AccessKey], "{text}");
        }
        for kind in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
            let armour = format!("Voici\n-----BEGIN {kind}-----\nMIIabc\n-----END {kind}-----\nmerci");
            assert_eq!(looks_secret(&armour), [Secret::PrivateKey], "{kind}");
            assert_eq!(without_secrets(&armour, "[retiré]"), "Voici\n[retiré]\nmerci");
        }
    }

    #[test]
    fn ordinary_numbers_and_words_about_secrets_are_none() {
        for text in [
            "Mon mot de passe est refusé depuis ce matin",
            "The password is wrong, says the VPN",
            "Mot de passe : il ne fonctionne plus",
            "Mot de passe : expiré",
            "mot de passe refusé, erreur : 0x80070005",
            "mot de passe Office365 à réinitialiser",
            "mot de passe : ********",
            "mot de passe : [retiré]",
            "réinitialiser le mot de passe de M365",
            "code d'erreur : 482913",
            "code postal : G1R 4S9",
            "commande 4111 1111 1111 1112",
            "Error 0x80070005 on 2026-11-22 15:08:17",
            "R-000123, case CS1234567",
            "KB5034441 et KB5034123",
            "le serveur 192.168.100.200 ne répond pas",
            "NAS 192.168.100.200 hors ligne",
            "514-555-0123 ou 418-555-0199",
            "514 555 0123\n514 555 0199",
            "+33 1 23 45 67 89",
            "numéro de série CN0J7X9P7426194",
            "S/N 5CG0123XYZ, modèle 21AH00BUCA",
            "le 2026-11-27 et le 28/11/2026",
            "date 20101122",
            "le 12-10-2026, avec 12 10 2026",
            "bon de commande PO-20261127-004",
            "1 130 692 544 octets libres",
            "TASK0012345 RITM0054321 INC0123456",
            "GUID 6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "https://portail.test/aide?key=outlook&id=12",
            "https://portail.test:8443/a@b",
            "Mon passeport est expiré, que faire?",
            "version 16.0.17328.20162",
            "spf=pass smtp.mailfrom=bgagne@client.test",
            "relais mx1-prod-ztbu08053101.client.test",
            "Message-ID 411111111111.1111",
            "-----BEGIN CERTIFICATE-----",
            "le code permanent de l'élève manque",
            "carte réseau 00-15-5D-01-02-03",
            "permis de 500 utilisateurs",
            "colis en transit depuis 2026",
        ] {
            assert_eq!(looks_secret(text), [], "{text}");
        }
    }

    #[test]
    fn a_text_can_be_handed_on_without_its_secrets() {
        for (text, expected) in [
            ("Le mot de passe : Soleil99, merci", "Le mot de passe : [retiré], merci"),
            ("NAS 130\u{a0}692\u{a0}544.", "NAS [retiré]."),
            ("BOUK 8762\n1418 et 4111111111111111", "[retiré] et [retiré]"),
            ("https://u:p@h.test/?token=abcdefgh&x=1", "https://[retiré]@h.test/?token=[retiré]&x=1"),
            ("rien à cacher", "rien à cacher"),
        ] {
            assert_eq!(without_secrets(text, "[retiré]"), expected);
        }
    }

    /// What stands between two groups of digits.
    fn separator() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "", " ", "\u{a0}", "\u{202f}", "-", "\u{2011}", "\u{2013}", ".", "/", "_", "\n", " - ",
        ])
    }

    fn any_script(text: &str, zero: u32) -> String {
        let digit = |c: char| c.to_digit(10).and_then(|value| char::from_u32(zero + value)).unwrap_or(c);
        text.chars().map(digit).collect()
    }

    proptest! {
        #[test]
        fn no_separator_and_no_script_hides_a_number(
            between in separator(), zero in prop::sample::select(vec![0x30, 0x660, 0x6f0, 0x966, 0xff10, 0x1d7ce]),
        ) {
            for (groups, secret) in [
                (&["4111", "1111", "1111", "1111"][..], Secret::CardNumber),
                (&["NAS : 130", "692", "544"], Secret::SocialInsuranceNumber),
                (&["BOUK", "8762", "1418"], Secret::HealthNumber),
                (&["code permanent BOUK", "2311", "9804"], Secret::PermanentCode),
                (&["permis B4321", "231187", "05"], Secret::DriversLicence),
                (&["1", "84", "12", "76", "451", "089", "46"], Secret::SocialSecurityNumber),
                (&["passeport GK", "482913"], Secret::Passport),
                (&["DE89", "3704", "0044", "0532", "0130", "00"], Secret::BankAccount),
            ] {
                let text = any_script(&groups.join(between), zero);
                prop_assert_eq!(looks_secret(&text), vec![secret], "{}", text);
            }
        }

        #[test]
        fn what_was_taken_out_is_gone(text in "(?s)(.{0,30}|NAS|mdp ?[:=]|130 692 544|[A-Z]{4} 5[1-9]12 1[0-9]{3}|[0-9 -]{9,20}|\\n){1,6}") {
            let once = without_secrets(&text, "[retiré]");
            prop_assert_eq!(looks_secret(&once), vec![], "{}", once);
        }
    }
}
