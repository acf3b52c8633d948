//! Who lives through the month, and the house that they write to.

use std::sync::LazyLock;
use std::time::Duration;

use guichet::desk::{Desk, KeyFrom, Machine, Organisation, Policy, Sender};
use guichet::mail::Language;
use jiff::civil::Time;
use regex::Regex;

use crate::cast::{ALICE, ANNA, BOB, LUC, MARIE, PAUL, ROBOT, TOM};
use crate::client::{Client, Person};
use crate::{clocks, crowds, house};

const SOPHIE: Person = Person {
    name: "Sophie Lavoie",
    address: "sophie@voisin.test",
    client: Client::Outlook,
    signature: "Sophie Lavoie",
};
const JEAN: Person =
    Person { name: "Jean Bouchard", address: "jean@voisin.test", client: Client::AppleMail, signature: "" };
const KATE: Person = Person { name: "Kate Miller", address: "kate@voisin.test", client: Client::Gmail, signature: "" };
const NADIA: Person = Person {
    name: "Nadia Pelletier",
    address: "nadia@client.test",
    client: Client::Thunderbird,
    signature: "-- \nNadia",
};
const OWEN: Person = Person { name: "Owen Wright", address: "owen@client.test", client: Client::Gmail, signature: "" };

/// They ask: eight people of two organisations, in two languages.
pub(super) const REQUESTERS: [Person; 8] = [MARIE, TOM, PAUL, SOPHIE, JEAN, KATE, NADIA, OWEN];
/// They write when what everybody needs is down.
pub(super) static CROWD: LazyLock<Vec<Person>> = LazyLock::new(|| (0..12).map(crowds::person).collect());
/// They answer: two at L1, one at L2.
pub(super) const AGENTS: [Person; 3] = [ALICE, BOB, LUC];
/// They know more: a person at the vendor's, and its robot.
pub(super) const VENDOR: [Person; 2] = [ANNA, ROBOT];
/// It watches disks, and reads nothing.
pub(super) const MACHINE: Person =
    Person { name: "Surveillance", address: "nagios@client.test", client: Client::Robot, signature: "" };

pub(super) fn asks_in_english(person: &Person) -> bool {
    [TOM.address, KATE.address, OWEN.address, BOB.address].contains(&person.address)
}

/// The house of the clocks, with two organisations, a machine, lists in the morning and answers that wait a while.
pub(super) fn policy() -> Policy {
    let organisation = |name: &str, domain: &str, language| Organisation {
        name: name.to_owned(),
        display_name: name.to_owned(),
        domains: vec![domain.to_owned()],
        addresses: Vec::new(),
        calendar: None,
        language,
        vendor: None,
    };
    let mut policy = clocks::policy();
    policy.organisations = vec![
        organisation("client", "client.test", Some(Language::FRENCH)),
        organisation("voisin", "voisin.test", None),
    ];
    policy.teams[0].first_answer = Some(Duration::from_secs(2 * 3600));
    policy.relay_hold = Duration::from_secs(40 * 60);
    policy.desks = [Desk { worklist_at: Time::new(8, 0, 0, 0).ok(), ..policy.desks[0].clone() }].into();
    policy.machines = vec![Machine {
        name: "nagios".to_owned(),
        sender: Sender::Address(house::address(MACHINE.address)),
        desk: None,
        key_from: KeyFrom::Subject,
        key: Regex::new(r": (?P<key>disk \d+ on \S+)").unwrap(),
        opens: Some(Regex::new("^CRITICAL").unwrap()),
        recovers: Some(Regex::new("^RECOVERY").unwrap()),
    }];
    policy.receipts_at_first = 3;
    debug_assert_eq!(house::address(ALICE.address), policy.agents[0].address);
    policy
}
