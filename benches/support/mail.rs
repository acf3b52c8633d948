//! Support mail as people's programs write it: text and HTML, 5 to 20 KB; every twentieth brings 50 to 500 KB. The same
//! number is the same mail, byte for byte.

use std::fmt::Write;

use data_encoding::BASE64;

use super::{AUTHSERV_ID, SUPPORT};

/// So many people write.
pub(crate) const PEOPLE: u64 = 40;

const TOPICS: [(&str, &str); 8] = [
    ("L'écran reste noir au démarrage", "Depuis ce matin, l'écran de mon poste reste noir quand je l'allume."),
    ("Accès au dossier des contrats", "Je ne peux plus ouvrir le dossier partagé des contrats : accès refusé."),
    ("Imprimante du deuxième étage", "L'imprimante du deuxième étage avale les feuilles et s'arrête."),
    ("Mot de passe oublié", "J'ai oublié mon mot de passe pendant mes vacances et mon compte est verrouillé."),
    ("VPN drops every few minutes", "The VPN connection drops every few minutes when I work from home."),
    ("Mailbox is full", "I cannot send mail any more: a message says that my mailbox is full."),
    ("Headset without sound", "Nobody hears me in calls since the last update of the meeting program."),
    ("Laptop for a new colleague", "A colleague starts on Monday and needs a laptop and an account."),
];

const DETAILS: [&str; 10] = [
    "J'ai déjà redémarré deux fois, sans résultat.",
    "Un collègue du même bureau a exactement le même problème.",
    "Hier soir tout fonctionnait encore normalement.",
    "Le voyant de la prise réseau clignote en orange.",
    "Je peux vous appeler dès que vous êtes disponibles.",
    "It started after the update that came in last Tuesday.",
    "I tried the cable of my neighbour, and nothing changed.",
    "The error shows a long number that I could not copy.",
    "We have a deadline on Friday and depend on it.",
    "Please tell me if you need the number on the sticker.",
];

/// The `number`-th mail, as it lies in a mailbox.
pub(crate) fn mail(number: u64) -> Vec<u8> {
    let mut dice = Dice(number);
    let (subject, first) = TOPICS[dice.below(TOPICS.len() as u64) as usize];
    let lines = 10 + dice.below(20);
    let paragraphs: Vec<&str> =
        std::iter::once(first).chain((0..lines).map(|_| DETAILS[dice.below(DETAILS.len() as u64) as usize])).collect();
    let alternative = alternative(&paragraphs, dice.below(9_000) as usize);
    let mut mail = header(number, subject);
    if number % 20 == 19 {
        let size = 50_000 + dice.below(450_000) as usize;
        mail += "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n";
        mail += &alternative;
        mail += "\r\n--outer\r\nContent-Type: image/png; name=\"capture.png\"\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename=\"capture.png\"\r\n\r\n";
        let bytes: Vec<u8> = (0..size * 3 / 4).map(|_| dice.below(256) as u8).collect();
        for line in BASE64.encode(&bytes).as_bytes().chunks(76) {
            mail += &String::from_utf8_lossy(line);
            mail += "\r\n";
        }
        mail += "--outer--\r\n";
    } else {
        mail += &alternative;
    }
    mail.into_bytes()
}

/// Who wrote the `number`-th mail.
pub(crate) fn author(number: u64) -> String {
    format!("person{}@client.test", number % PEOPLE)
}

fn header(number: u64, subject: &str) -> String {
    let author = author(number);
    let subject = if subject.is_ascii() {
        subject.to_owned()
    } else {
        format!("=?utf-8?B?{}?=", BASE64.encode(subject.as_bytes()))
    };
    format!(
        "Return-Path: <{author}>\r\nDelivered-To: {SUPPORT}\r\n\
        Authentication-Results: {AUTHSERV_ID};\r\n\tdkim=pass header.d=client.test;\r\n\tdmarc=pass header.from=client.test\r\n\
        Received: from out.client.test by {AUTHSERV_ID} with ESMTPS id {number}\r\n\tfor <{SUPPORT}>; Mon, 2 Mar 2026 08:30:00 +0000\r\n\
        DKIM-Signature: v=1; a=rsa-sha256; d=client.test; s=k1; h=from:to:subject:date;\r\n\tb={}\r\n\
        From: Person {number} <{author}>\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\nDate: Mon, 2 Mar 2026 09:29:58 +0100\r\n\
        Message-ID: <{number}.bench@client.test>\r\nMIME-Version: 1.0\r\n",
        "R".repeat(340)
    )
}

/// Text and HTML, as a quoted-printable mail has them; the HTML begins with `style` bytes of style sheet.
fn alternative(paragraphs: &[&str], style: usize) -> String {
    let mut text = String::from("Content-Type: multipart/alternative; boundary=inner\r\n\r\n");
    text += "--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    for paragraph in paragraphs {
        text += &quoted_printable(paragraph);
        text += "\r\n\r\n";
    }
    text += "--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <html><head><style>\r\n<!--\r\n";
    for rule in 0..style / 70 {
        let _ = write!(text, "p.Style{rule:03}, li.Style{rule:03} {{margin:0cm; font-size:11.0pt; color:black}}\r\n");
    }
    text += "-->\r\n</style></head><body lang=3D\"FR-CA\">\r\n";
    for paragraph in paragraphs {
        text += "<p class=3D\"Style001\"><span style=3D\"font-family:sans-serif\">";
        text += &quoted_printable(paragraph);
        text += "</span></p>\r\n";
    }
    text += "</body></html>\r\n--inner--\r\n";
    text
}

/// RFC 2045 §6.7, with soft line breaks.
fn quoted_printable(text: &str) -> String {
    let mut encoded = String::new();
    let mut column = 0;
    for byte in text.bytes() {
        if column > 70 {
            encoded += "=\r\n";
            column = 0;
        }
        if byte.is_ascii() && byte != b'=' {
            encoded.push(char::from(byte));
            column += 1;
        } else {
            let _ = write!(encoded, "={byte:02X}");
            column += 3;
        }
    }
    encoded
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same seed throws the same numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}
