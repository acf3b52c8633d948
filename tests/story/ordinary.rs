//! What people write to a support desk and what looks like a robot's: none of it is hidden. The mails are put together from
//! lists of words, so that there are more than anybody would write down.

use std::collections::HashMap;

use guichet::desk::{
    Arrival, Contact, ContactId, Docket, Incoming, LedgerId, Occasion, Outcome, PersonId, Proof, Rules, decide,
};
use guichet::known_fix::Library;
use guichet::mail::token::{Key, Keyring};
use guichet::mail::{self, Kind};

use crate::house;

/// How subjects begin that robots' subjects begin like, too.
const STARTS: &[&str] = &[
    "Absence",
    "Absent",
    "Absente",
    "Avis d'absence",
    "Message d'absence",
    "Réponse automatique",
    "Hors du bureau",
    "Congés",
    "Vacances",
    "Rappel",
    "RAPPEL",
    "Relance",
    "Lu",
    "Non lu",
    "Remis",
    "Non remis",
    "Non distribué",
    "Retour",
    "Échec de la remise",
    "Échec de l'envoi",
    "Message non remis",
    "Accusé de réception",
    "Accusé de lecture",
    "Confirmation de lecture",
    "Notification",
    "AUTO",
    "Auto",
    "Annulation",
    "Réaction",
    "Courriel refusé",
    "Undeliverable",
    "Undelivered",
    "Delivery",
    "Delivery delayed",
    "Delivery failure",
    "Delivery report",
    "Failed delivery",
    "Mail delivery",
    "Returned mail",
    "Returned to sender",
    "Out of office",
    "Out of Office AutoReply",
    "OOO",
    "Automatic reply",
    "Auto reply",
    "Autoreply",
    "Vacation",
    "Vacation message",
    "Read",
    "Not read",
    "Delivered",
    "Read receipt",
    "Recall",
    "Warning",
    "Reaction",
];

/// What people write about behind it.
const THINGS: &[&str] = &[
    "saisie des heures",
    "colis pour l'accueil",
    "contrat de la salle 4",
    "imprimante du deuxième",
    "badge de M. Lavoie",
    "facture 2231",
    "invoice for room 12",
    "parcel at the front desk",
    "projector, building C",
    "elle ne s'active pas",
    "does not go out",
    "the calendar of our team",
    "panne ce matin",
];

const SHAPES: &[fn(&str, &str) -> String] = &[
    |start, thing| format!("{start} : {thing}"),
    |start, thing| format!("{start}: {thing}"),
    |start, thing| format!("{start} - {thing}"),
    |start, thing| format!("{start} {thing}"),
    |start, thing| format!("[{start}] {thing}"),
    |start, thing| format!("{start} ({thing})"),
    |start, _| start.to_owned(),
];

const TEXTS: &[&str] = &[
    "Bonjour,\n\nPouvez-vous regarder cela aujourd'hui ?\n\nMerci, Claude",
    "Bonjour, rien ne se passe quand je clique sur Enregistrer. Claude",
    "Hello,\n\nPlease have a look, it has been so since Monday.\n\nClaude",
    "Toujours rien reçu !",
    "Bonjour, je suis absent lundi. Le poste sera libre pour la mise à jour.",
    "I am on vacation from Friday. Please change the lock before that.",
    "Voici ce que je reçois :\n\nDelivery has failed to these recipients or groups:\n\nsophie@fournisseur.test\n550 5.1.1 user unknown",
    "This is the mail system at host mx.fournisseur.test.\n\nI get this whenever I write to Sophie. Claude",
    "Le message d'absence part à tout le monde, il faut l'arrêter.",
    "Our supplier says that the mailbox is full and my message was not delivered. Whom do I ask?",
    "Votre message a été lu, dit l'écran, mais je n'ai pas de réponse.",
    "",
];

/// Who writes, and what else stands in the header that says nothing of a robot.
const HEADERS: &[&str] = &[
    "From: Claude Roy <claude@client.test>\n",
    "From: Claude Roy <claude@client.test>\nReturn-Path: <claude@client.test>\nX-Autorespond:\n",
    "From: \"System Administrator\" <claude@client.test>\n",
    "From: postmaster@client.test\nReturn-Path: <postmaster@client.test>\n",
    "From: Mail Administrator <root@client.test>\n",
    "From: Claude Roy <claude@client.test>\nX-MS-Exchange-Inbox-Rules-Loop: claude@client.test\nX-Auto-Response-Suppress: All\n",
    "From: Claude Roy <claude@client.test>\nAuto-Submitted: no\nX-Auto-Response-Suppress: OOF\n",
];

fn mail(header: &str, subject: &str, text: &str, number: usize) -> Vec<u8> {
    format!(
        "{header}To: support@desk.test\nSubject: {subject}\nMessage-ID: <ordinary.{number}@client.test>\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    .into_bytes()
}

#[test]
fn no_ordinary_mail_is_hidden_whatever_it_begins_with() {
    let policy = house::policy();
    let keyring = Keyring::new(Key { id: 1, secret: vec![7; 32] }, Vec::new());
    let library = Library::default();
    let rules = Rules { policy: &policy, keyring: &keyring, library: &library };
    let now = "2026-08-03T13:00:00Z".parse().unwrap();
    let (mut judged, mut hidden) = (0, Vec::new());
    for (at, start) in STARTS.iter().enumerate() {
        for (about, thing) in THINGS.iter().enumerate() {
            for (shaped, shape) in SHAPES.iter().enumerate() {
                judged += 1;
                let (text, header) = (TEXTS[(at + about + shaped) % TEXTS.len()], HEADERS[judged % HEADERS.len()]);
                let subject = shape(start, thing);
                let read = mail::parse(&mail(header, &subject, text, judged));
                let docket = docket(&read);
                let incoming = Incoming {
                    ledger: LedgerId(judged as i64),
                    mail: &read,
                    raw_sha256: None,
                    proof: &Proof::Challenge,
                    arrival: Arrival::Ordinary,
                    held: None,
                };
                let decision = decide(rules, &docket, &Occasion::Mail(incoming), now);
                let told = !decision.letters.is_empty();
                if !matches!(decision.outcome, Some(Outcome::Ticket(_))) || !told {
                    hidden.push(format!("{:?} {:?}: {header}{subject} / {text}", decision.outcome, read.writer.by));
                }
            }
        }
    }
    assert!(judged > 2_000, "only {judged} mails were judged");
    assert!(hidden.is_empty(), "{} of {judged} are hidden:\n{}", hidden.len(), hidden.join("\n\n"));
}

#[test]
fn the_kind_of_a_persons_mail_is_new_unless_a_sentence_beside_the_subject_says_otherwise() {
    for start in STARTS {
        let read = mail::parse(&mail(HEADERS[0], &format!("{start} : {}", THINGS[0]), TEXTS[0], 1));
        assert_eq!((read.kind(), read.writer.by.len()), (Kind::New, 0), "{start}");
    }
}

/// What is known when somebody writes for the first time.
fn docket(read: &mail::InboundMail) -> Docket {
    let address = &read.from.as_ref().unwrap().address;
    let id = ContactId(1);
    let contact = Contact {
        id,
        person: PersonId(1),
        address: address.clone(),
        name: None,
        names: Vec::new(),
        language: None,
        deliverable: true,
        complained: false,
    };
    Docket {
        contacts: HashMap::from([(id, contact)]),
        by_address: HashMap::from([(address.key(), id)]),
        next_ticket: 1,
        ..Docket::default()
    }
}
