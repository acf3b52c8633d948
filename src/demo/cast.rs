//! Who plays: the people with their habits, and what the desk knows. Who works there stands in the configuration (`house`).

use std::sync::LazyLock;

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::config::zones;
use crate::known_fix::{Article, Library};
use crate::mail::{Address, Mailbox};
use crate::said;

/// Everybody's password. The servers listen on this machine alone, and as long as the demo runs.
pub const PASSWORD: &str = "guichet";
/// The vendor's name in commands.
pub(super) const VENDOR: &str = "acme";
/// Where times of day are the story's.
pub(super) static TIME_ZONE: LazyLock<TimeZone> =
    LazyLock::new(|| zones::zone("America/Toronto").unwrap_or(TimeZone::UTC));

/// One of the cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The support mailbox, which is guichet's alone.
    Desk,
    /// The requester of the story.
    Marie,
    /// An agent at L1.
    Alice,
    /// L2's shared mailbox.
    SecondLevel,
    /// An engineer who reads L2's mailbox and answers from a mailbox of his own.
    Karim,
    /// The vendor's mailbox, and the robot that answers there.
    Acme,
    /// A developer of the vendor, who reads the vendor's mailbox.
    Etienne,
    /// One of those who work where Marie does, counted from 0.
    Colleague(usize),
}

/// Somebody with a mailbox.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who it is.
    pub who: Who,
    /// The name in From.
    pub name: &'static str,
    /// The mailbox, which is also the login.
    pub address: Address,
    /// How replies look.
    pub client: Client,
    /// What the story has them for, in a few words.
    pub part: String,
}

impl Person {
    /// Name and address.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox { name: Some(self.name.to_owned()), address: self.address.clone() }
    }
}

/// A mail program and its habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Nobody writes from there.
    None,
    /// In French, on a telephone: attribution, `>` and its own signature.
    AppleMail,
    /// In French: a rule and a block of header lines, the answered mail unmarked below.
    Outlook,
    /// In English: attribution and `>`.
    Gmail,
    /// A vendor's ticket system: marked as automatic, quotes nothing.
    TicketSystem,
}

/// Those who work where Marie does: name, and what stands before the @.
const COLLEAGUES: [(&str, &str); 11] = [
    ("Nadia Bouchard", "nadia.bouchard"),
    ("Luc Pelletier", "luc.pelletier"),
    ("Tom Walker", "tom.walker"),
    ("Sophie Gauthier", "sophie.gauthier"),
    ("Omar Benali", "omar.benali"),
    ("Julie Morin", "julie.morin"),
    ("Hugo Lavoie", "hugo.lavoie"),
    ("Ana Silva", "ana.silva"),
    ("Denis Fortin", "denis.fortin"),
    ("Mei Chen", "mei.chen"),
    ("Rita Kowalski", "rita.kowalski"),
];

/// Everybody who writes or is written to in the story.
#[derive(Clone, Debug)]
pub struct Cast {
    people: Vec<Person>,
    colleagues: Vec<Person>,
}

impl Cast {
    pub(super) fn new() -> Result<Cast> {
        let person = |who, name, address: &str, client, part| -> Result<Person> {
            Ok(Person { who, name, address: address.parse()?, client, part })
        };
        let people = vec![
            person(
                Who::Desk,
                "Centre de services",
                "support@desk.example",
                Client::None,
                said!("support mailbox", "boîte du soutien"),
            )?,
            person(
                Who::Marie,
                "Marie Tremblay",
                "marie.tremblay@atelier.example",
                Client::AppleMail,
                said!("requester", "demandeuse"),
            )?,
            person(
                Who::Alice,
                "Alice Roy",
                "alice.roy@desk.example",
                Client::Outlook,
                said!("L1 agent", "agente au N1"),
            )?,
            person(
                Who::SecondLevel,
                "Équipe N2",
                "niveau2@desk.example",
                Client::None,
                said!("mailbox of the L2 team", "boîte de l’équipe N2"),
            )?,
            person(
                Who::Karim,
                "Karim Haddad",
                "karim.haddad@desk.example",
                Client::Gmail,
                said!("L2 engineer", "ingénieur au N2"),
            )?,
            person(
                Who::Acme,
                "Acme Support",
                "support@acme.example",
                Client::TicketSystem,
                said!("vendor, and its robot", "fournisseur, et son robot"),
            )?,
            person(
                Who::Etienne,
                "Étienne Gagnon",
                "etienne@acme.example",
                Client::Gmail,
                said!("vendor's developer", "développeur d’Acme"),
            )?,
        ];
        let colleagues = COLLEAGUES.iter().enumerate().map(|(at, (name, local))| {
            let part = said!("colleague of Marie's", "collègue de Marie");
            person(Who::Colleague(at), name, &format!("{local}@atelier.example"), Client::Gmail, part)
        });
        Ok(Cast { people, colleagues: colleagues.collect::<Result<_>>()? })
    }

    /// One of them.
    pub fn person(&self, who: Who) -> &Person {
        match self.everybody().find(|person| person.who == who) {
            Some(person) => person,
            None => unreachable!("everybody is cast"),
        }
    }

    /// Those whom the story is about.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Those who work where Marie does.
    pub fn colleagues(&self) -> &[Person] {
        &self.colleagues
    }

    /// All of them.
    pub fn everybody(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().chain(&self.colleagues)
    }
}

const KNOWN_FIXES: [(&str, &str); 3] = [
    (
        "vpn-mot-de-passe.md",
        r#"+++
id = "vpn-mot-de-passe"
title = "Le VPN refuse le mot de passe"
language = "fr"
symptoms = [
    "le VPN refuse mon mot de passe",
    "mot de passe VPN refusé",
    "je ne peux plus me connecter au VPN depuis que j'ai changé mon mot de passe",
    "connexion VPN impossible, identifiants invalides",
]
answer = "suggest"
+++
Le VPN garde l'ancien mot de passe en mémoire.

1. Ouvrez le client VPN, puis **Paramètres**.
2. Cliquez sur **Oublier le mot de passe**.
3. Reconnectez-vous avec le nouveau mot de passe.
"#,
    ),
    (
        "boite-pleine.md",
        r#"+++
id = "boite-pleine"
title = "La boîte de courriel est pleine"
language = "fr"
symptoms = [
    "ma boîte de courriel est pleine",
    "je ne reçois plus de courriels, quota dépassé",
    "Outlook dit que ma boîte aux lettres a atteint sa limite",
]
answer = "suggest"
+++
Videz les éléments supprimés, puis archivez les courriels de plus d'un an.
"#,
    ),
    (
        "deuxieme-ecran.md",
        r#"+++
id = "deuxieme-ecran"
title = "Le deuxième écran reste noir"
language = "fr"
symptoms = [
    "mon deuxième écran reste noir",
    "l'écran externe n'est pas détecté par le portable",
    "aucun signal sur le moniteur branché à la station d'accueil",
]
answer = "suggest"
+++
Débranchez la station d'accueil dix secondes, puis rebranchez-la.
"#,
    ),
];

/// What the desk knows already.
pub(super) fn library() -> Result<Library> {
    let articles: Result<Vec<Article>, _> = KNOWN_FIXES.iter().map(|(file, text)| Article::parse(file, text)).collect();
    Ok(Library::new(articles?))
}
