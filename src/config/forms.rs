//! What `[[form]]` and `[rules] forwarders` mean.

use regex::Regex;

use super::people::{People, is_near, is_within};
use super::section::{Place, Placed, Section, Whole};
use super::value::{FormField, address_or_domain, form_field, form_pattern, name, whole_number};
use crate::desk::{Form, Machine, Organisation, RequesterIn, Sender};
use crate::mail::Address;
use crate::said;

pub(super) fn form(section: &Section<'_>) -> Placed<Form> {
    let own_name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"site\": letters and the history say it.",
            "Ajoutez name = \"site\"\u{a0}: les lettres et l’historique le disent."
        ),
    );
    let own_sender = section.needed(
        "sender",
        address_or_domain,
        &said!(
            "Add sender = \"www@example.com\": the address, or the domain, that it writes from.",
            "Ajoutez sender = \"www@example.com\"\u{a0}: l’adresse, ou le domaine, d’où il écrit."
        ),
    );
    let field = section.needed(
        "requester",
        form_field,
        &said!(
            "Add requester = \"reply-to\", \"subject\", \"body\" or a field X-…: where it names who asks.",
            "Ajoutez requester = \"reply-to\", \"subject\", \"body\" ou un champ X-…\u{a0}: là où il nomme le demandeur."
        ),
    );
    let pattern = section.optional("pattern", form_pattern);
    let requester = field.zip(pattern).and_then(|(field, pattern)| requester(section, field, pattern));
    let limit = section.or("acknowledgements_per_hour", whole_number(1..=1_000_000_000), 20);
    section.finish();
    let whole = || {
        let acknowledgements_per_hour = u32::try_from(limit?).ok()?;
        Some(Form { name: own_name?, sender: own_sender?, requester: requester?, acknowledgements_per_hour })
    };
    section.placed(whole())
}

fn requester(section: &Section<'_>, field: FormField, pattern: Option<Regex>) -> Option<RequesterIn> {
    match (field, pattern) {
        (FormField::Subject, Some(pattern)) => Some(RequesterIn::Subject(pattern)),
        (FormField::Body, Some(pattern)) => Some(RequesterIn::Body(pattern)),
        (FormField::Subject | FormField::Body, None) => {
            section.fault(
                &said!("there is no pattern", "il manque pattern"),
                &said!(
                    "Add pattern = 'Email (?P<address>[^ ]+@[^ ]+)': what finds the address there.",
                    "Ajoutez pattern = 'Email (?P<address>[^ ]+@[^ ]+)'\u{a0}: ce qui y trouve l’adresse."
                ),
            );
            None
        }
        (FormField::ReplyTo | FormField::Header(_), Some(_)) => {
            section.fault_of(
                "pattern",
                &said!("is read in subject and body alone", "ne se lit que dans l’objet et le texte"),
                &said!(
                    "Write requester = \"body\" or \"subject\", or remove the line: a field is read as an address.",
                    "Écrivez requester = \"body\" ou \"subject\", ou enlevez la ligne\u{a0}: un champ se lit comme une adresse."
                ),
            );
            None
        }
        (FormField::ReplyTo, None) => Some(RequesterIn::ReplyTo),
        (FormField::Header(name), None) => Some(RequesterIn::Header(name)),
    }
}

/// Notes what contradicts other tables: whose mail is whose must be told by the address.
pub(super) fn check(
    root: &Section<'_>,
    forms: &[Placed<Form>],
    machines: &[Placed<Machine>],
    organisations: &[Placed<Organisation>],
    people: &People<'_>,
) {
    let forms = Whole::of(forms);
    for (form, place) in forms.understood() {
        let organisations = Whole::of(organisations);
        let covers = |domain: &str| form.sender.address().is_none() && is_within(domain, form.sender.domain());
        let is_covered = |one: &Organisation| one.domains.iter().any(|own| covers(own));
        if let Some((one, _)) = organisations.understood().find(|(one, _)| is_covered(one)) {
            root.fault_at(
                place,
                said!(
                    "sender = \"{}\" is where the people of {:?} write from",
                    "sender = \"{}\" est là d’où écrivent les gens de {:?}",
                    form.sender,
                    one.name
                ),
                said!("Write the form's own address.", "Écrivez l’adresse du formulaire."),
            );
        }
        let owner = form.sender.address().map_or_else(|| people.owner_at(covers), |address| people.owner_of(address));
        if let Some((english, french)) = owner {
            root.fault_at(
                place,
                said!("{} is {english} address already", "{} est déjà {french}", form.sender),
                said!(
                    "Let the form write from an address of its own.",
                    "Faites écrire le formulaire d’une adresse à lui."
                ),
            );
        }
        let machines = Whole::of(machines);
        if let Some((machine, of_machine)) = machines.understood().find(|(machine, _)| machine.sender == form.sender) {
            root.fault_at(
                place,
                said!(
                    "sender = \"{}\" is that of the machine {:?} (line {}) already",
                    "sender = \"{}\" est déjà celui de la machine {:?} (ligne {})",
                    form.sender,
                    machine.name,
                    of_machine.line()
                ),
                said!("Keep one of both tables.", "Gardez une seule des deux tables."),
            );
        }
        let is_same = |(earlier, before): &(&Form, &Place)| {
            before.line() < place.line() && earlier.name.to_lowercase() == form.name.to_lowercase()
        };
        if let Some((_, before)) = forms.understood().find(is_same) {
            let line = before.line();
            root.fault_at(
                place,
                said!("name = {:?} is taken on line {line}", "name = {:?} est déjà pris à la ligne {line}", form.name),
                said!("Give each a name of its own.", "Donnez à chacun un nom à lui."),
            );
        }
    }
}

/// Notes lists under whose address somebody writes who has powers: a list's mail is its posters'.
pub(super) fn check_lists(rules: &Section<'_>, lists: &[Address], people: &People<'_>) {
    for list in lists {
        let owner = people.owner_of(list).filter(|(english, _)| *english != "a desk's");
        if let Some((english, french)) = owner {
            rules.fault_of(
                "own_lists",
                &said!("holds {list}, which is {english} address", "contient {list}, qui est {french}"),
                &said!(
                    "Take it out: who writes from there could not be proven.",
                    "Enlevez-la\u{a0}: qui écrit de là ne pourrait plus être authentifié."
                ),
            );
        }
    }
}

/// Notes forwarders under which the mail of people whom we must be able to prove would count as redirected.
pub(super) fn check_forwarders(
    rules: &Section<'_>,
    forwarders: &[Sender],
    organisations: &[Placed<Organisation>],
    people: &People<'_>,
) {
    for forwarder in forwarders {
        let owner = match forwarder {
            Sender::Address(address) => people.owner_of(address),
            Sender::Domain(domain) => people.owner_at(|own| is_near(own, domain)),
        };
        let organisations = Whole::of(organisations);
        let of_organisation = organisations.understood().find(|(organisation, _)| match forwarder {
            Sender::Address(address) => organisation.addresses.iter().any(|own| own.is(address)),
            Sender::Domain(domain) => organisation.domains.iter().any(|own| is_near(own, domain)),
        });
        let owner = owner.map(|(english, french)| said!("{english} address", "{french}"));
        let of_organisation =
            of_organisation.map(|(one, _)| said!("of the organisation {:?}", "de l’organisation {:?}", one.name));
        if let Some(whose) = owner.or(of_organisation) {
            rules.fault_of(
                "forwarders",
                &said!(
                    "holds {forwarder}, which is {whose} too: who writes from there could not be proven",
                    "contient {forwarder}, qui est aussi {whose}\u{a0}: qui écrit de là ne pourrait plus être authentifié"
                ),
                &said!(
                    "Write the one address that redirects, such as \"aide@old.example.com\".",
                    "Écrivez la seule adresse qui réachemine, comme \"aide@old.example.com\"."
                ),
            );
        }
    }
}
