//! What `[[escalation]]` means, and which rules could never do anything.

use toml::de::DeValue;

use super::names::Names;
use super::section::{Place, Placed, Section, Whole};
use super::targets::is_promised;
use super::value::{Wrong, address, line, list_of, name, one_of, priority, sender};
use crate::desk::{Agent, ClockName, Desk, Escalation, Level, Organisation, Target, Team, Vendor};
use crate::mail::Address;
use crate::said;

const LEVELS: [(&str, Level); 2] = [("L2", Level::L2), ("L3", Level::L3)];
const CLOCKS: [(&str, ClockName); 3] = [("tto", ClockName::Tto), ("ttr", ClockName::Ttr), ("tnr", ClockName::Tnr)];

/// What a rule may name.
pub(super) struct Named<'a> {
    pub(super) organisations: &'a Names,
    pub(super) vendors: &'a Names,
}

/// What a rule is held against.
pub(super) struct Around<'w, 'a, F> {
    pub(super) desks: &'w Whole<'a, (Desk, F)>,
    pub(super) agents: &'w Whole<'a, Agent>,
    pub(super) teams: &'w Whole<'a, Team>,
    pub(super) vendors: &'w Whole<'a, Vendor>,
    pub(super) organisations: &'w Whole<'a, Organisation>,
    pub(super) targets: &'w Whole<'a, Target>,
}

pub(super) fn escalation(section: &Section<'_>, named: &Named<'_>) -> Placed<Escalation> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"payroll\": the team and the history read it.",
            "Ajoutez name = \"paie\"\u{a0}: l’équipe et l’historique le montrent."
        ),
    );
    let words = section.or(
        "words",
        list_of(said!("words, such as [\"payroll\"]", "mots, comme [\"paie\"]"), words),
        Vec::new(),
    );
    let senders = said!(
        "addresses and domains, such as [\"client.example\"]",
        "adresses et domaines, comme [\"client.example\"]"
    );
    let senders = section.or("senders", list_of(senders, sender), Vec::new());
    let to_address = section.optional("to_address", address);
    let service = section.optional("service", line);
    let organisation = named.organisations.named_in(section, "organisation");
    let at_priority = section.optional("priority", priority);
    let clock = section.optional("clock", one_of(&CLOCKS));
    let level = section.optional("level", one_of(&LEVELS));
    let vendor = named.vendors.named_in(section, "vendor");
    let set_priority = section.optional("set_priority", priority);
    section.finish();
    let whole = || {
        let (organisation, vendor, level) = (organisation?, vendor?, level?);
        Some(Escalation {
            name: name?,
            words: words?,
            senders: senders?,
            to_address: to_address?,
            service: service?,
            organisation,
            priority: at_priority?,
            clock: clock?,
            level: level.or(vendor.as_ref().map(|_| Level::L3)),
            vendor,
            set_priority: set_priority?,
        })
    };
    section.placed(whole().filter(|rule| is_sound(section, rule)))
}

/// Words that can stand in a text: at least one letter or digit.
fn words(value: &DeValue<'_>) -> Result<String, Wrong> {
    let words = line(value)?;
    if words.chars().any(char::is_alphanumeric) {
        return Ok(words);
    }
    Err(Wrong {
        problem: said!("= {words:?} holds no word", "= {words:?} ne contient aucun mot"),
        remedy: said!(
            "Write a word, or several that follow one another.",
            "Écrivez un mot, ou plusieurs qui se suivent."
        ),
    })
}

/// Whether a rule says when, and what.
fn is_sound(section: &Section<'_>, rule: &Escalation) -> bool {
    let is_told_when = rule.clock.is_some()
        || rule.to_address.is_some()
        || rule.service.is_some()
        || rule.organisation.is_some()
        || rule.priority.is_some()
        || !rule.words.is_empty()
        || !rule.senders.is_empty();
    if !is_told_when {
        section.fault(
            &said!("it does not say when", "elle ne dit pas quand"),
            &said!(
                "Add words, senders, to_address, service, organisation, priority or clock.",
                "Ajoutez words, senders, to_address, service, organisation, priority ou clock."
            ),
        );
    }
    let does_something = rule.level.is_some() || rule.set_priority.is_some();
    if !does_something {
        section.fault(
            &said!("it does nothing", "elle ne fait rien"),
            &said!(
                "Add level = \"L2\", vendor = \"…\" or set_priority = 1.",
                "Ajoutez level = \"L2\", vendor = \"…\" ou set_priority = 1."
            ),
        );
    }
    let is_at_level = rule.vendor.is_none() || rule.level == Some(Level::L3);
    if !is_at_level {
        section.fault_of(
            "level",
            &said!("is not that of a vendor", "n’est pas celui d’un fournisseur"),
            &said!(
                "Vendors are at L3: remove level or vendor.",
                "Les fournisseurs sont au N3\u{a0}: enlevez level ou vendor."
            ),
        );
    }
    is_told_when && does_something && is_at_level
}

/// Notes rules that lead nowhere.
pub(super) fn check<F>(root: &Section<'_>, rules: &Whole<'_, Escalation>, around: &Around<'_, '_, F>) {
    for (rule, place) in rules.understood() {
        somebody_is_there(root, (rule, place), around);
        if let Some(address) = rule.to_address.as_ref().filter(|address| !is_ours(address, around)) {
            let problem = said!(
                "to_address = \"{address}\" is no desk's address",
                "to_address = \"{address}\" n’est l’adresse d’aucun guichet"
            );
            let own: Vec<String> = around
                .desks
                .understood()
                .flat_map(|((desk, _), _)| desk.addresses.iter())
                .map(Address::to_string)
                .collect();
            let remedy = said!("Write one of {}.", "Écrivez l’une de celles-ci\u{a0}: {}.", own.join(", "));
            root.fault_at(place, problem, remedy);
        }
        if let Some(clock) =
            rule.clock.filter(|clock| around.targets.is_whole() && !is_promised(around.targets, *clock))
        {
            let clock = clock.word();
            let problem = said!("no [[target]] promises a {clock}", "aucune [[target]] ne promet de {clock}");
            let remedy = said!("Add a [[target]] with {clock}.", "Ajoutez une [[target]] avec {clock}.");
            root.fault_at(place, problem, remedy);
        }
    }
}

fn is_ours<F>(address: &Address, around: &Around<'_, '_, F>) -> bool {
    let mut own = around.desks.understood().flat_map(|((desk, _), _)| desk.addresses.iter());
    !around.desks.is_whole() || own.any(|own| own.is(address))
}

fn somebody_is_there<F>(root: &Section<'_>, (rule, place): (&Escalation, &Place), around: &Around<'_, '_, F>) {
    match rule.level {
        Some(Level::L3) if rule.vendor.is_none() && around.vendors.is_whole() => {
            let mut own = around.organisations.understood();
            let by_organisation =
                own.any(|(one, _)| rule.organisation.as_ref() == Some(&one.name) && one.vendor.is_some());
            if around.vendors.understood().count() != 1 && !by_organisation {
                let problem = said!("it does not say which vendor", "elle ne dit pas quel fournisseur");
                let remedy = said!(
                    "Add vendor = \"…\", the name of a [[vendor]].",
                    "Ajoutez vendor = \"…\", le nom d’un [[vendor]]."
                );
                root.fault_at(place, problem, remedy);
            }
        }
        Some(Level::L2) if around.teams.is_whole() && around.agents.is_whole() => {
            let is_team = around.teams.understood().any(|(team, _)| team.level == Level::L2);
            if !is_team && !around.agents.understood().any(|(agent, _)| agent.level == Level::L2) {
                let problem = said!("nobody works at L2", "personne ne travaille au niveau N2");
                let remedy = said!(
                    "Add a [[team]] or an [[agent]] with level = \"L2\".",
                    "Ajoutez une [[team]] ou un [[agent]] avec level = \"L2\"."
                );
                root.fault_at(place, problem, remedy);
            }
        }
        Some(_) | None => {}
    }
}
