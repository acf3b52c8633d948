//! What `[[machine]]` means.

use std::path::PathBuf;

use super::people::People;
use super::section::{Place, Placed, Section};
use super::value::{address_or_domain, machine_key, machine_words, name, one_of};
use crate::desk::{Desk, KeyFrom, Machine, Sender};
use crate::said;

pub(super) fn machine(section: &Section<'_>) -> Placed<Machine> {
    let own_name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"nagios\": letters and the history say it.",
            "Ajoutez name = \"nagios\" : les lettres et l’historique le disent."
        ),
    );
    let sender = section.needed(
        "sender",
        address_or_domain,
        &said!(
            "Add sender = \"nagios@example.com\": the address, or the domain, that it writes from.",
            "Ajoutez sender = \"nagios@example.com\" : l’adresse, ou le domaine, d’où elle écrit."
        ),
    );
    let desk = section.optional("desk", name);
    let places = [("subject", KeyFrom::Subject), ("body", KeyFrom::Body)];
    let key_from = section.or("key_from", one_of(&places), KeyFrom::Subject);
    let key = section.needed(
        "key",
        machine_key,
        &said!(
            "Add key = '(?P<key>[^ ]+) is DOWN': failures of one key are one ticket.",
            "Ajoutez key = '(?P<key>[^ ]+) is DOWN' : les pannes d’une même clé font un seul billet."
        ),
    );
    let opens = section.optional("opens", machine_words);
    let recovers = section.optional("recovers", machine_words);
    section.finish();
    let whole = || {
        Some(Machine {
            name: own_name?,
            sender: sender?,
            desk: desk?,
            key_from: key_from?,
            key: key?,
            opens: opens?,
            recovers: recovers?,
        })
    };
    section.placed(whole())
}

/// Notes what contradicts itself, or other tables.
pub(super) fn check(
    root: &Section<'_>,
    machines: &[Placed<Machine>],
    desks: &[Placed<(Desk, Option<PathBuf>)>],
    people: &People<'_>,
) {
    let machines: Vec<(&Machine, &Place)> =
        machines.iter().filter_map(|placed| Some((placed.value.as_ref()?, &placed.place))).collect();
    let known: Vec<&str> = desks.iter().filter_map(|placed| Some(placed.value.as_ref()?.0.name.as_str())).collect();
    for (at, (machine, place)) in machines.iter().enumerate() {
        let desk = machine.desk.as_deref().filter(|desk| !known.contains(desk));
        if let Some(desk) = desk.filter(|_| known.len() == desks.len()) {
            let remedy = said!("The desks are: {}.", "Les guichets sont : {}.", known.join(", "));
            root.fault_at(place, said!("there is no desk {desk:?}", "il n’y a pas de guichet {desk:?}"), remedy);
        }
        if let Sender::Address(address) = &machine.sender
            && let Some((english, french)) = people.owner_of(address)
        {
            root.fault_at(
                place,
                said!("{address} is {english} address already", "{address} est déjà {french}"),
                said!("Give the machine an address of its own.", "Donnez à la machine une adresse à elle."),
            );
        }
        for (earlier, before) in &machines[..at] {
            check_two(root, machine, place, earlier, before);
        }
    }
}

/// Two machines that no mail tells apart, or no person.
fn check_two(root: &Section<'_>, machine: &Machine, place: &Place, earlier: &Machine, before: &Place) {
    let line = before.line();
    if machine.name.to_lowercase() == earlier.name.to_lowercase() {
        root.fault_at(
            place,
            said!("name = {:?} is taken on line {line}", "name = {:?} est déjà pris à la ligne {line}", machine.name),
            said!("Give each a name of its own.", "Donnez à chacun un nom à lui."),
        );
    }
    let words =
        |machine: &Machine| [&machine.opens, &machine.recovers].map(|one| one.as_ref().map(ToString::to_string));
    let is_same = machine.sender == earlier.sender
        && machine.key_from == earlier.key_from
        && machine.key.as_str() == earlier.key.as_str()
        && words(machine) == words(earlier);
    if is_same {
        root.fault_at(
            place,
            said!(
                "no mail tells it from {:?} (line {line})",
                "aucun courriel ne la distingue de {:?} (ligne {line})",
                earlier.name
            ),
            said!(
                "Give it another sender, another key, or other words in opens.",
                "Donnez-lui un autre expéditeur, une autre clé, ou d’autres mots dans opens."
            ),
        );
    }
}
