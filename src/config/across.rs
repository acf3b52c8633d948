//! What can only be seen across several tables.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::section::{Place, Section, Whole};
use super::servers::Mailbox;
use super::{escalations, organisations, targets};
use crate::desk::clock::Calendar;
use crate::desk::{Agent, Desk, Escalation, Level, Manager, Organisation, Target, Team, Vendor};
use crate::dkim::Signer;
use crate::gateway::End;
use crate::imap;
use crate::mail::{Address, Language};
use crate::said;

/// All tables that have no fault of their own.
pub(super) struct Parties<'a> {
    pub(super) calendars: &'a Whole<'a, Calendar>,
    pub(super) desks: &'a Whole<'a, (Desk, Option<PathBuf>)>,
    pub(super) mailboxes: &'a Whole<'a, Mailbox>,
    pub(super) agents: &'a Whole<'a, Agent>,
    pub(super) teams: &'a Whole<'a, Team>,
    pub(super) vendors: &'a Whole<'a, Vendor>,
    pub(super) organisations: &'a Whole<'a, Organisation>,
    pub(super) managers: &'a Whole<'a, Manager>,
    pub(super) targets: &'a Whole<'a, Target>,
    pub(super) escalations: &'a Whole<'a, Escalation>,
    pub(super) signers: &'a Whole<'a, (Signer, Option<End>)>,
    pub(super) letters_folder: Option<&'a Path>,
}

/// Notes what contradicts itself.
pub(super) fn check(root: &Section<'_>, parties: &Parties<'_>) {
    something_is_there(root, parties);
    names_are_unique(root, parties);
    addresses_have_one_owner(root, parties);
    folders_are_watched_once(root, parties);
    vendors_do_not_own_our_domains(root, parties);
    letters_leave_the_desk(root, parties);
    teams_count_in_hours(root, parties);
    organisations::check(root, parties.organisations, parties.desks);
    targets::check(root, parties.targets, parties.desks, parties.organisations);
    let around = escalations::Around {
        desks: parties.desks,
        agents: parties.agents,
        teams: parties.teams,
        vendors: parties.vendors,
        organisations: parties.organisations,
        targets: parties.targets,
    };
    escalations::check(root, parties.escalations, &around);
    languages_have_templates(root, parties);
}

fn something_is_there(root: &Section<'_>, parties: &Parties<'_>) {
    if parties.desks.is_empty() {
        root.fault(
            &said!("there is no [[desk]]", "il manque un [[desk]]"),
            &said!(
                "Add one with name, display_name and addresses.",
                "Ajoutez-en un avec name, display_name et addresses."
            ),
        );
    }
    if parties.mailboxes.is_empty() {
        root.fault(
            &said!("there is no [[mailbox]]", "il manque une [[mailbox]]"),
            &said!("Add one with name, host, user and password.", "Ajoutez-en une avec name, host, user et password."),
        );
    }
    let agents = || parties.agents.understood().filter(|(agent, _)| agent.level == Level::L1).map(|(one, _)| &one.desk);
    let teams = || parties.teams.understood().filter(|(team, _)| team.level == Level::L1).map(|(one, _)| &one.desk);
    let first_level = || agents().chain(teams());
    if !parties.agents.is_whole() || !parties.teams.is_whole() {
        return;
    }
    let remedy = said!(
        "Add an [[agent]] or a [[team]] with level = \"L1\": new tickets are mailed there.",
        "Ajoutez un [[agent]] ou une [[team]] avec level = \"L1\"\u{a0}: les nouveaux billets y vont."
    );
    if first_level().next().is_none() {
        root.fault(&said!("nobody works at L1", "personne ne travaille au niveau N1"), &remedy);
        return;
    }
    for ((desk, _), place) in parties.desks.understood() {
        if !first_level().any(|own| own.as_ref().is_none_or(|own| *own == desk.name)) {
            let problem = said!(
                "nobody works at L1 of {:?}: all there are of other desks",
                "personne ne travaille au niveau N1 de {:?}\u{a0}: tous ceux qui y sont sont d’autres guichets",
                desk.name
            );
            root.fault_at(place, problem, remedy.clone());
        }
    }
}

fn names_are_unique(root: &Section<'_>, parties: &Parties<'_>) {
    let remedy = &said!("Give each a name of its own.", "Donnez à chacun un nom à lui.");
    let calendars = parties.calendars.understood();
    unique(root, remedy, calendars.map(|(calendar, place)| (calendar.name.to_lowercase(), "name", place)));
    let desks = || parties.desks.understood().map(|((desk, _), place)| (desk, place));
    unique(root, remedy, desks().map(|(desk, place)| (desk.name.to_lowercase(), "name", place)));
    let remedy = &said!(
        "Give each desk a tag of its own: it tells their subjects apart.",
        "Donnez à chaque guichet une marque à lui\u{a0}: elle distingue leurs objets."
    );
    unique(root, remedy, desks().map(|(desk, place)| (desk.tag.to_lowercase(), "tag", place)));
    let remedy = &said!("Give each a name of its own.", "Donnez à chacun un nom à lui.");
    let mailboxes = parties.mailboxes.understood();
    unique(root, remedy, mailboxes.map(|(mailbox, place)| (mailbox.name().to_lowercase(), "name", place)));
    let vendors = parties.vendors.understood();
    unique(root, remedy, vendors.map(|(vendor, place)| (vendor.name.to_lowercase(), "name", place)));
    let organisations = parties.organisations.understood();
    unique(root, remedy, organisations.map(|(one, place)| (one.name.to_lowercase(), "name", place)));
    let escalations = parties.escalations.understood();
    unique(root, remedy, escalations.map(|(rule, place)| (rule.name.to_lowercase(), "name", place)));
    let remedy = &said!("Give a domain its keys once.", "Donnez ses clés à un domaine une seule fois.");
    let signers = parties.signers.understood();
    unique(root, remedy, signers.map(|((signer, _), place)| (signer.domain.clone(), "domain", place)));
    let remedy = &said!(
        "Keep one team a level and desk; list further people as members.",
        "Gardez une équipe par niveau et par guichet; mettez les autres personnes dans members."
    );
    let desks = parties.desks.understood().map(|((desk, _), _)| Some(desk.name.as_str()));
    for of in desks.chain([None]) {
        let teams = parties.teams.understood().filter(|(team, _)| team.desk.as_deref() == of);
        unique(root, remedy, teams.map(|(team, place)| (team.level.to_string(), "level", place)));
    }
}

fn unique<'a>(root: &Section<'_>, remedy: &str, values: impl Iterator<Item = (String, &'static str, &'a Place)>) {
    let mut first: HashMap<String, &Place> = HashMap::new();
    for (value, key, place) in values {
        match first.get(&value) {
            Some(earlier) => {
                let problem = said!(
                    "{key} = {value:?} is taken on line {}",
                    "{key} = {value:?} est déjà pris à la ligne {}",
                    earlier.line()
                );
                root.fault_at(place, problem, remedy.to_owned());
            }
            None => {
                first.insert(value, place);
            }
        }
    }
}

/// Who an address belongs to decides what its mail may do: nobody may be two.
fn addresses_have_one_owner(root: &Section<'_>, parties: &Parties<'_>) {
    // Each address, and whose it is in English and in French.
    let mut owners: Vec<(&Address, (&'static str, &'static str), &Place)> = Vec::new();
    for ((desk, _), place) in parties.desks.understood() {
        owners.extend(desk.addresses.iter().map(|address| (address, ("a desk's", "celle d’un guichet"), place)));
    }
    owners.extend(
        parties.agents.understood().map(|(agent, place)| (&agent.address, ("an agent's", "celle d’un agent"), place)),
    );
    owners.extend(
        parties.teams.understood().map(|(team, place)| (&team.address, ("a team's", "celle d’une équipe"), place)),
    );
    for (vendor, place) in parties.vendors.understood() {
        let addresses = std::iter::once(&vendor.address).chain(&vendor.addresses);
        owners.extend(addresses.map(|address| (address, ("a vendor's", "celle d’un fournisseur"), place)));
    }
    for (index, (address, _, place)) in owners.iter().enumerate() {
        let earlier = owners[..index]
            .iter()
            .find(|(other, of, _)| other.is(address) || of.0 == "a desk's" && address.is_within(other));
        if let Some((_, (english, french), earlier)) = earlier {
            let line = earlier.line();
            let problem = said!(
                "{address} is {english} address already (line {line})",
                "{address} est déjà {french} (ligne {line})"
            );
            root.fault_at(
                place,
                problem,
                said!("Give each party an address of its own.", "Donnez à chacun une adresse à lui."),
            );
        }
    }
    for (team, place) in parties.teams.understood() {
        for member in &team.members {
            let mut desks = parties.desks.understood();
            if desks.any(|((desk, _), _)| desk.addresses.iter().any(|own| member.is_within(own))) {
                let problem =
                    said!("member {member} is a desk's address", "le membre {member} est l’adresse d’un guichet");
                root.fault_at(
                    place,
                    problem,
                    said!("List the people's own addresses.", "Mettez les adresses des personnes elles-mêmes."),
                );
            }
        }
    }
}

fn folders_are_watched_once(root: &Section<'_>, parties: &Parties<'_>) {
    let remedy = &said!(
        "Watch a folder once; several desks may share it.",
        "Surveillez un dossier une seule fois; plusieurs guichets peuvent le partager."
    );
    let mailboxes = parties.mailboxes.understood();
    let mailboxes = mailboxes.filter_map(|(mailbox, place)| Some((mailbox.watched()?, place)));
    let folder = |imap: &imap::Settings| format!("{} on {}:{}/{}", imap.login.user, imap.host, imap.port, imap.folder);
    unique(root, remedy, mailboxes.map(|(mailbox, place)| (folder(&mailbox.imap).to_lowercase(), "folder", place)));
}

/// A vendor's domain gives everybody in it the vendor's powers.
fn vendors_do_not_own_our_domains(root: &Section<'_>, parties: &Parties<'_>) {
    let desks = parties.desks.understood().flat_map(|((desk, _), _)| &desk.addresses);
    let agents = parties.agents.understood().map(|(agent, _)| &agent.address);
    let teams = parties.teams.understood().map(|(team, _)| &team.address);
    let ours: Vec<&Address> = desks.chain(agents).chain(teams).collect();
    for (vendor, place) in parties.vendors.understood() {
        for domain in &vendor.domains {
            if let Some(address) = ours.iter().find(|address| address.domain().eq_ignore_ascii_case(domain)) {
                let problem = said!(
                    "domains holds {domain}, which {address} of ours is in",
                    "domains contient {domain}, où se trouve notre adresse {address}"
                );
                root.fault_at(
                    place,
                    problem,
                    said!(
                        "List the vendor's single addresses instead.",
                        "Nommez plutôt les adresses du fournisseur une à une."
                    ),
                );
            }
        }
    }
}

/// What is written to a desk's own address comes back as new mail.
fn letters_leave_the_desk(root: &Section<'_>, parties: &Parties<'_>) {
    let desks = parties.desks.understood();
    let on_call = desks.filter_map(|((desk, _), place)| Some((desk.on_call.as_ref()?, "on_call", place)));
    let managers = parties.managers.understood().map(|(manager, place)| (&manager.address, "address", place));
    for (address, key, place) in on_call.chain(managers) {
        let mut ours = parties.desks.understood().flat_map(|((desk, _), _)| desk.addresses.iter());
        if ours.any(|own| address.is_within(own)) {
            let problem =
                said!("{key} = \"{address}\" is a desk's address", "{key} = \"{address}\" est l’adresse d’un guichet");
            let remedy = said!("Write a person's own address.", "Écrivez l’adresse d’une personne.");
            root.fault_at(place, problem, remedy);
        }
    }
}

fn teams_count_in_hours(root: &Section<'_>, parties: &Parties<'_>) {
    let has_calendar = |((desk, _), _): (&(Desk, Option<PathBuf>), &Place)| desk.calendar.is_some();
    let is_counted = !parties.desks.is_whole() || parties.desks.understood().any(has_calendar);
    for (_, place) in
        parties.teams.understood().filter(|(team, _)| team.first_answer.is_some() && team.calendar.is_none())
    {
        if !is_counted {
            let problem = said!(
                "first_answer_hours counts in no calendar: neither the team nor a desk has one",
                "first_answer_hours ne compte selon aucun calendrier\u{a0}: ni l’équipe ni un guichet n’en a"
            );
            let remedy = said!("Add calendar = \"…\" to the [[team]].", "Ajoutez calendar = \"…\" à la [[team]].");
            root.fault_at(place, problem, remedy);
        }
    }
}

fn languages_have_templates(root: &Section<'_>, parties: &Parties<'_>) {
    let desks = parties.desks.understood();
    let of_desks = desks.flat_map(|((desk, _), place)| desk.languages.iter().map(move |language| (*language, place)));
    let agents = parties.agents.understood();
    let of_agents = agents.filter_map(|(agent, place)| Some((agent.language?, place)));
    let of_vendors = parties.vendors.understood().map(|(vendor, place)| (vendor.language, place));
    let organisations = parties.organisations.understood();
    let of_organisations = organisations.filter_map(|(one, place)| Some((one.language?, place)));
    let managers = parties.managers.understood();
    let of_managers = managers.filter_map(|(manager, place)| Some((manager.language?, place)));
    let of_staff = of_agents.chain(of_managers);
    for (language, place) in of_desks.chain(of_staff).chain(of_vendors).chain(of_organisations) {
        let built_in = [Language::FRENCH, Language::ENGLISH].contains(&language);
        let has_folder = parties.letters_folder.is_some_and(|folder| folder.join(language.code()).is_dir());
        if !built_in && !has_folder {
            let remedy = said!(
                "Write \"fr\" or \"en\", or name [letters] folder and put templates into its folder {language}.",
                "Écrivez \"fr\" ou \"en\", ou nommez [letters] folder et mettez des gabarits dans son dossier {language}."
            );
            root.fault_at(
                place,
                said!("there are no templates in {language}", "il n’y a pas de gabarits en {language}"),
                remedy,
            );
        }
    }
}
