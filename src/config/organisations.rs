//! What `[[organisation]]` means, and who belongs to which.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::calendars::Calendars;
use super::names::Names;
use super::section::{Place, Placed, Section, Whole};
use super::value::{address_list, domains, line, name, parsed};
use crate::desk::{Desk, Organisation};
use crate::mail::Address;
use crate::said;

/// Domains at which anybody has an address, one a line; `#` begins a remark.
static PUBLIC_DOMAINS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("public_domains.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

pub(super) fn organisation(section: &Section<'_>, calendars: &Calendars<'_>, vendors: &Names) -> Placed<Organisation> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"cegep\": targets, commands and the store use it.",
            "Ajoutez name = \"cegep\"\u{a0}: les cibles, les commandes et la base s’en servent."
        ),
    );
    let display_name = section.optional("display_name", line);
    let domains = section.or("domains", domains, Vec::new());
    let addresses = section.or("addresses", address_list, Vec::new());
    let calendar = calendars.named_in(section);
    let language = section.optional("language", parsed);
    let vendor = vendors.named_in(section, "vendor");
    section.finish();
    let is_empty = domains.as_ref().is_some_and(Vec::is_empty) && addresses.as_ref().is_some_and(Vec::is_empty);
    if is_empty {
        section.fault(
            &said!("nobody belongs to it", "personne n’en fait partie"),
            &said!(
                "Add domains = [\"client.example\"], or addresses of its people.",
                "Ajoutez domains = [\"client.example\"], ou les adresses de ses gens dans addresses."
            ),
        );
    }
    let whole = || {
        let (name, display_name) = (name?, display_name?);
        Some(Organisation {
            display_name: display_name.unwrap_or_else(|| name.clone()),
            name,
            domains: domains?.iter().map(|domain| domain.to_lowercase()).collect(),
            addresses: addresses?,
            calendar: calendar?,
            language: language?,
            vendor: vendor?,
        })
    };
    section.placed(whole())
}

/// Notes domains and addresses that do not tell whose somebody is.
pub(super) fn check<F>(root: &Section<'_>, organisations: &Whole<'_, Organisation>, desks: &Whole<'_, (Desk, F)>) {
    let ours: Vec<&Address> = desks.understood().flat_map(|((desk, _), _)| desk.addresses.iter()).collect();
    for (organisation, place) in organisations.understood() {
        for domain in &organisation.domains {
            tells_whose(root, place, domain, &ours);
        }
        for address in organisation.addresses.iter().filter(|address| ours.iter().any(|own| address.is_within(own))) {
            let problem = said!("{address} is a desk's address", "{address} est l’adresse d’un guichet");
            let remedy = said!("List the people's own addresses.", "Mettez les adresses des personnes elles-mêmes.");
            root.fault_at(place, problem, remedy);
        }
    }
    nobody_belongs_to_two(root, organisations);
}

fn tells_whose(root: &Section<'_>, place: &Place, domain: &str, ours: &[&Address]) {
    let by_address = said!(
        "List in addresses those who belong to it, one by one.",
        "Nommez une à une, dans addresses, les personnes qui en font partie."
    );
    if PUBLIC_DOMAINS.contains(domain) {
        let problem = said!(
            "domains holds {domain}, where anybody has an address",
            "domains contient {domain}, où n’importe qui a une adresse"
        );
        root.fault_at(place, problem, by_address);
    } else if psl::suffix_str(domain) == Some(domain) {
        let problem = said!(
            "domains holds {domain}, below which anybody has a domain",
            "domains contient {domain}, sous lequel n’importe qui a un domaine"
        );
        let remedy = said!(
            "Write its own domain, such as client.{domain}.",
            "Écrivez son domaine à elle, comme client.{domain}."
        );
        root.fault_at(place, problem, remedy);
    } else if let Some(own) = ours.iter().find(|own| is_or_holds(domain, own.domain())) {
        let problem = said!(
            "domains holds {domain}, which {own} of ours is in",
            "domains contient {domain}, où se trouve notre adresse {own}"
        );
        root.fault_at(place, problem, by_address);
    }
}

fn is_or_holds(outer: &str, inner: &str) -> bool {
    let inner = inner.to_lowercase();
    inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn nobody_belongs_to_two(root: &Section<'_>, organisations: &Whole<'_, Organisation>) {
    let mut taken: Vec<(String, &Place)> = Vec::new();
    for (organisation, place) in organisations.understood() {
        let addresses = organisation.addresses.iter().map(Address::key);
        for key in organisation.domains.iter().cloned().chain(addresses) {
            match taken.iter().find(|(known, _)| *known == key) {
                Some((_, earlier)) => {
                    let line = earlier.line();
                    let problem =
                        said!("{key} belongs to the one on line {line}", "{key} appartient à celle de la ligne {line}");
                    let remedy = said!(
                        "Keep it in one [[organisation]]; a domain below it may be another's.",
                        "Gardez-le dans une seule [[organisation]]; un domaine plus bas peut être à une autre."
                    );
                    root.fault_at(place, problem, remedy);
                }
                None => taken.push((key, place)),
            }
        }
    }
}
