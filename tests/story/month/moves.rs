//! What people, robots and strangers do, drawn by chance. Each text bears a word that was written once, by which it is known
//! wherever it turns up.

use guichet::desk::TicketNumber;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::people::{AGENTS, CROWD, MACHINE, REQUESTERS, VENDOR, asks_in_english};
use super::world::World;
use crate::cast::{ALICE, DESK, L2, LUC, STRANGER};
use crate::client::{Client, Mail, Person, Received, Verdict, bounce};
use crate::crowds::VPN;

/// What a word says of the text that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Written {
    /// By somebody who asks.
    Request,
    /// For the desk.
    Inside,
    /// To the requester.
    Answer,
    /// By the vendor.
    ByVendor,
    /// To the vendor.
    ToVendor,
}

const WORDS: [(Written, &str); 5] = [
    (Written::Request, "abricot"),
    (Written::Inside, "betterave"),
    (Written::Answer, "endive"),
    (Written::ByVendor, "dattier"),
    (Written::ToVendor, "fenouil"),
];

/// A word of this sort that only the mail of this number bears.
fn word(written: Written, mail: usize) -> String {
    let (_, stem) = WORDS.iter().find(|(one, _)| *one == written).unwrap();
    let digits = format!("{mail:04}");
    let letters = digits.bytes().map(|digit| char::from(b'k' + (digit - b'0')));
    [*stem, "q"].into_iter().map(str::to_owned).chain([letters.collect()]).collect()
}

/// The marked words in a text, with the number of the mail that each comes from.
pub(super) fn words_in(text: &str) -> Vec<(Written, usize)> {
    let read = |word: &str| {
        let (written, letters) =
            WORDS.iter().find_map(|(written, stem)| Some((*written, word.strip_prefix(stem)?.strip_prefix('q')?)))?;
        let digits: String =
            letters.bytes().map(|letter| char::from(b'0' + letter.checked_sub(b'k').unwrap())).collect();
        Some((written, digits.parse().ok()?))
    };
    text.split(|c: char| !c.is_alphanumeric()).filter_map(read).collect()
}

/// One thing that somebody does.
#[derive(Clone, Copy, Debug)]
enum Move {
    Asks,
    Answers,
    Works,
    VendorWrites,
    Copies,
    Bounces,
    IsAway,
    SaysAbsent,
    Crowds,
    Withdraws,
    Forges,
    Watches,
    TakesACall,
    WritesRubbish,
}

const MOVES: [(i64, Move); 14] = [
    (20, Move::Asks),
    (14, Move::Answers),
    (44, Move::Works),
    (8, Move::VendorWrites),
    (3, Move::Copies),
    (2, Move::Bounces),
    (4, Move::IsAway),
    (3, Move::SaysAbsent),
    (1, Move::Crowds),
    (8, Move::Withdraws),
    (3, Move::Forges),
    (4, Move::Watches),
    (2, Move::TakesACall),
    (1, Move::WritesRubbish),
];

const TROUBLE_IN_FRENCH: [(&str, &str); 6] = [
    ("Clavier", "Bonjour, le clavier n'écrit plus du tout."),
    ("Imprimante", "Bonjour, l'imprimante du deuxième étage ne sort que des pages blanches."),
    ("Accès au dossier", "Je n'arrive plus à ouvrir le dossier partagé de l'équipe."),
    ("Écran noir", "Mon écran reste noir depuis ce matin."),
    ("Courriel lent", "Les courriels mettent une heure à arriver."),
    ("Nouveau poste", "Il me faudrait un poste pour une stagiaire, lundi."),
];
const TROUBLE_IN_ENGLISH: [(&str, &str); 4] = [
    ("Keyboard", "Hello, my keyboard does not write any more."),
    ("Shared folder", "I cannot open the shared folder of our team."),
    ("Black screen", "My screen has been black since this morning."),
    ("Slow mail", "Mail takes an hour to arrive here."),
];

/// Something happens at the desk's mailbox, if chance finds somebody for it.
pub(super) fn one_move(world: &mut World) {
    match *world.chance.weighed(&MOVES) {
        Move::Asks => asks(world),
        Move::Answers => answers(world),
        Move::Works => works(world),
        Move::VendorWrites => vendor_writes(world),
        Move::Copies => copies(world),
        Move::Bounces => bounces(world),
        Move::IsAway => is_away(world),
        Move::SaysAbsent => says_absent(world),
        Move::Crowds => crowds(world),
        Move::Withdraws => withdraws(world),
        Move::Forges => forges(world),
        Move::Watches => watches(world),
        Move::TakesACall => takes_a_call(world),
        Move::WritesRubbish => writes_rubbish(world),
    }
}

fn write(world: &mut World, mail: Mail) {
    let is_automatic = mail.fields.iter().any(|(name, _)| name == "Auto-Submitted");
    let from = mail.from.rsplit('<').next().unwrap().trim_end_matches('>').to_owned();
    let number = world.mails.len();
    let bytes = dated(world, mail.again(number).bytes());
    world.write(bytes, &from, is_automatic);
}

/// With the day on which it is written.
fn dated(world: &World, raw: Vec<u8>) -> Vec<u8> {
    let written = world.true_time().to_zoned(TimeZone::get("America/Toronto").unwrap());
    let date = jiff::fmt::rfc2822::to_string(&written).unwrap();
    let text = String::from_utf8(raw).unwrap();
    let seconds = ["00", "01", "05"].map(|second| format!("Mon, 3 Aug 2026 09:00:{second} -0400"));
    seconds.iter().fold(text, |text, fixed| text.replace(fixed, &date)).into_bytes()
}

/// A letter that this person has and may answer, and among the last ones rather than old ones.
fn letter_of(world: &mut World, address: &str) -> Option<Received> {
    let many = if world.chance.one_in(6) { 40 } else { 8 };
    let inbox = world.inbox(address).to_vec();
    let at = *world.chance.of_last(many, &inbox)?;
    Some(world.left[at].letter.clone())
}

fn asks(world: &mut World) {
    let who = *world.chance.of(&REQUESTERS);
    let all: &[(&str, &str)] = if asks_in_english(&who) { &TROUBLE_IN_ENGLISH } else { &TROUBLE_IN_FRENCH };
    let (subject, text) = *world.chance.of(all);
    let mut mail = who.writes(subject, &format!("{text} {}.", word(Written::Request, world.mails.len())));
    if world.chance.one_in(5) {
        let other = *world.chance.of(&REQUESTERS);
        mail = mail.cc(&[other.address]);
    }
    if world.chance.one_in(10) {
        mail = mail.attached("capture.png", "image/png", b"\x89PNG not really");
    }
    write(world, mail);
    if world.chance.one_in(6) {
        adds(world, &who, subject);
    }
}

/// What they forgot, a moment later.
fn adds(world: &mut World, who: &Person, subject: &str) {
    let own = word(Written::Request, world.mails.len());
    let text = *world.chance.of(&["Oups, la pièce jointe !", "Sorry, I forgot the attachment.", "C'est le bureau 12."]);
    let mail = who.writes(subject, &format!("{text} {own}."));
    write(world, mail.attached("formulaire.pdf", "application/pdf", b"%PDF-1.7 a form"));
}

/// What is down is down for everybody.
fn crowds(world: &mut World) {
    for (who, (subject, text)) in CROWD.iter().zip(VPN) {
        let own = word(Written::Request, world.mails.len());
        write(world, who.writes(subject, &format!("{text} ({own})")));
    }
}

fn answers(world: &mut World) {
    let who = if world.chance.one_in(6) { *world.chance.of(&CROWD) } else { *world.chance.of(&REQUESTERS) };
    let Some(letter) = letter_of(world, who.address) else { return };
    let own = word(Written::Request, world.mails.len());
    let words = [
        (8, format!("Cela ne va toujours pas, {own}.")),
        (4, format!("It is the third one from the left, {own}.")),
        (2, "Merci !".to_owned()),
        (2, "oui".to_owned()),
        (1, "non".to_owned()),
        (1, "statut".to_owned()),
        (1, "english".to_owned()),
        (1, "#close".to_owned()),
    ];
    let words = world.chance.weighed(&words).clone();
    let mut mail = who.answers(&letter, &words);
    if world.chance.one_in(12) {
        mail = mail.unthreaded();
    }
    if world.chance.one_in(12) {
        mail = mail.judged(Verdict::None);
    }
    write(world, mail);
}

/// An agent has one of the letters of the desk before them, and says what is to be done.
fn works(world: &mut World) {
    let who = *world.chance.of(&AGENTS);
    let inbox = if who.address == LUC.address { *world.chance.of(&[L2, LUC.address]) } else { who.address };
    let Some(letter) = letter_of(world, inbox) else { return };
    let words = agents_words(world);
    write(world, who.answers(&letter, &words));
}

fn agents_words(world: &mut World) -> String {
    let mail = world.mails.len();
    let [inside, answer, to_vendor] =
        [Written::Inside, Written::Answer, Written::ToVendor].map(|written| word(written, mail));
    let priority = world.chance.between(1, 4);
    let days = world.chance.between(1, 6);
    let other = world.chance.of(&REQUESTERS).address;
    let newest = i64::try_from(world.mails.len() / 3).unwrap().max(1);
    let reference = TicketNumber(world.chance.between(1, newest));
    let words = [
        (12, format!("Essayez ceci : débranchez, attendez, rebranchez, {answer}.")),
        (5, format!("#note\nÀ voir avec l'équipe, {inside}.")),
        (4, "#prendre".to_owned()),
        (3, format!("#escalader L2 : à ouvrir, {inside}")),
        (3, format!("#escalader L3 acme : It does not start, {to_vendor}.")),
        (2, format!("#fournisseur acme : One thing more, {to_vendor}.")),
        (3, "#publier".to_owned()),
        (3, format!("#répondre\nÀ demain, {answer}.")),
        (9, format!("#résolu\nC'était la pile, {answer}.")),
        (2, "#fermer".to_owned()),
        (2, "#rouvrir".to_owned()),
        (3, format!("#retour L1 : merci, {inside}")),
        (3, format!("#attente {days} jours")),
        (2, format!("#attente demandeur\nQuel est le modèle, {answer} ?")),
        (1, "#attente fournisseur".to_owned()),
        (4, format!("#priorité {priority}")),
        (1, format!("#fusionner {reference}")),
        (1, format!("#lier {reference}")),
        (1, format!("#cc +{other}")),
        (1, format!("#cc -{other}")),
        (1, format!("#assigner {}", ALICE.address)),
        (1, format!("#demandeur {other}")),
        (2, format!("#prendre\n#priorité {priority}\nJe regarde, {answer}.")),
        (3, "#ok".to_owned()),
        (1, "#annuler".to_owned()),
        (2, "#libérer".to_owned()),
        (1, "#statut".to_owned()),
        (1, "#liste".to_owned()),
        (1, "#aperçu".to_owned()),
        (1, "#service Réseau".to_owned()),
        (1, "#spam".to_owned()),
        (2, "#majeur Panne du VPN".to_owned()),
        (1, format!("#majeur\nOn y travaille, {answer}.")),
        (1, format!("#majeur {reference}")),
        (1, "#majeur -".to_owned()),
        (1, format!("#nimporte\nEssayez cela, {answer}.")),
    ];
    world.chance.weighed(&words).clone()
}

/// An agent takes an answer back that waits to leave, or lets it go at once; the receipt says how.
fn withdraws(world: &mut World) {
    let who = *world.chance.of(&AGENTS);
    let says = |letter: &Received| ["#annuler", "#cancel"].iter().any(|word| letter.mail.body.text.contains(word));
    let last = world.inbox(who.address).iter().rev().take(3).map(|at| &world.left[*at].letter);
    let Some(letter) = last.into_iter().find(|letter| says(letter)).cloned() else { return };
    let words = *world.chance.weighed(&[(2, "#annuler"), (1, "#ok")]);
    write(world, who.answers(&letter, words));
}

/// An agent says until when they are away, or that they are back.
fn says_absent(world: &mut World) {
    let who = *world.chance.of(&AGENTS);
    let back = world.true_time() + SignedDuration::from_hours(24 * world.chance.between(1, 8));
    let back = back.strftime("%Y-%m-%d");
    let words = [(3, format!("#absent {back}")), (2, "#présent".to_owned()), (1, "#absent bientôt".to_owned())];
    let words = world.chance.weighed(&words).clone();
    write(world, who.writes("Absence", &words).to(&[DESK]));
}

fn vendor_writes(world: &mut World) {
    let who = *world.chance.of(&VENDOR);
    let Some(letter) = letter_of(world, crate::cast::ACME) else { return };
    let words = word(Written::ByVendor, world.mails.len());
    let mail = match who.client {
        Client::Robot => {
            who.answers(&letter, &format!("Your request was received, {words}.")).with("Auto-Submitted", "auto-replied")
        }
        _ => who.answers(&letter, &format!("It is known and mended in version 4, {words}.")),
    };
    write(world, mail);
}

/// The same bytes come once more, as by an alias.
fn copies(world: &mut World) {
    let numbers: Vec<usize> = (0..world.mails.len()).collect();
    let Some(at) = world.chance.of_last(30, &numbers).copied() else { return };
    let first = &world.mails[at];
    let (raw, from, is_automatic) = (first.raw.clone(), first.from.clone(), first.is_automatic);
    world.write(raw, &from, is_automatic);
}

fn bounces(world: &mut World) {
    let who = *world.chance.of(&REQUESTERS);
    let Some(letter) = letter_of(world, who.address) else { return };
    let report = String::from_utf8(bounce(&letter.id(), who.address)).unwrap();
    let report = report.replace("<report.", &format!("<report.{}.", world.mails.len()));
    let report = dated(world, report.into_bytes());
    world.write(report, "mailer-daemon@relay.test", true);
}

/// Somebody's mail program says until when they are away.
fn is_away(world: &mut World) {
    let everybody: Vec<Person> = REQUESTERS.into_iter().chain(AGENTS).collect();
    let who = *world.chance.of(&everybody);
    let Some(letter) = letter_of(world, who.address) else { return };
    let back = world.true_time() + SignedDuration::from_hours(24 * world.chance.between(1, 12));
    let back = back.strftime("%Y-%m-%d");
    let mut mail = who.answers(&letter, &format!("Je suis absente jusqu'au {back}. I am away until {back}."));
    mail.subject = format!("Réponse automatique : {}", letter.mail.subject);
    write(world, mail.with("Auto-Submitted", "auto-replied"));
}

/// A stranger writes as somebody else, or as themselves about what is not theirs.
fn forges(world: &mut World) {
    let everybody: Vec<Person> = REQUESTERS.into_iter().chain(AGENTS).collect();
    let as_whom = *world.chance.of(&everybody);
    let Some(letter) = letter_of(world, as_whom.address) else { return };
    let own = word(Written::Request, world.mails.len());
    let mail = match world.chance.between(1, 3) {
        1 => as_whom.answers(&letter, &format!("#fermer\nTout va bien, {own}.")).judged(Verdict::Fail),
        2 => as_whom.writes("Mot de passe", &format!("Envoyez-moi le mot de passe, {own}.")).judged(Verdict::Fail),
        _ => STRANGER.answers(&letter, &format!("Et moi, {own} ?")),
    };
    write(world, mail);
}

fn watches(world: &mut World) {
    let disk = world.chance.between(1, 4);
    let state = *world.chance.of(&["CRITICAL", "RECOVERY"]);
    let mail = MACHINE.writes(&format!("{state}: disk {disk} on srv-03"), &format!("Disk {disk} of srv-03: {state}."));
    write(world, mail.with("Auto-Submitted", "auto-generated"));
}

fn takes_a_call(world: &mut World) {
    let (who, caller) = (*world.chance.of(&AGENTS), *world.chance.of(&REQUESTERS));
    let own = word(Written::Request, world.mails.len());
    write(
        world,
        who.writes("Appel", &format!("#demandeur {}\nElle n'entend rien au téléphone, {own}.", caller.address)),
    );
}

fn writes_rubbish(world: &mut World) {
    let bytes = (0..200).map(|_| u8::try_from(world.chance.between(0, 255)).unwrap());
    let bytes: Vec<u8> = bytes.collect();
    let raw =
        [b"From: \xff\xfe <rubbish@elsewhere.test>\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n", &bytes[..]]
            .concat();
    world.write(raw, "rubbish@elsewhere.test", false);
}
