//! What can only be seen across several tables.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::section::{Place, Placed, Section};
use super::servers::Mailbox;
use crate::desk::{Agent, Desk, Level, Team, Vendor};
use crate::imap;
use crate::mail::{Address, Language};

/// All tables that have no fault of their own.
pub(super) struct Parties<'a> {
    pub(super) desks: &'a Whole<'a, (Desk, Option<PathBuf>)>,
    pub(super) mailboxes: &'a Whole<'a, Mailbox>,
    pub(super) agents: &'a Whole<'a, Agent>,
    pub(super) teams: &'a Whole<'a, Team>,
    pub(super) vendors: &'a Whole<'a, Vendor>,
    pub(super) letters_folder: Option<&'a Path>,
}

/// Tables of one kind: those that were understood, and how many there are in all.
pub(super) struct Whole<'a, T> {
    understood: Vec<(&'a T, &'a Place)>,
    count: usize,
}

pub(super) fn whole<T>(placed: &[Placed<T>]) -> Whole<'_, T> {
    let understood = placed.iter().filter_map(|placed| Some((placed.value.as_ref()?, &placed.place))).collect();
    Whole { understood, count: placed.len() }
}

/// Notes what contradicts itself.
pub(super) fn check(root: &Section<'_>, parties: &Parties<'_>) {
    something_is_there(root, parties);
    names_are_unique(root, parties);
    addresses_have_one_owner(root, parties);
    mailboxes_belong_to_a_desk(root, parties);
    folders_are_watched_once(root, parties);
    vendors_do_not_own_our_domains(root, parties);
    languages_have_templates(root, parties);
}

/// Without a `desk` of its own, a mailbox belongs to the desk of its name, else to the only one.
pub(super) fn give_desk(mailbox: &mut Mailbox, desks: &[Desk]) {
    if !mailbox.desk.is_empty() {
        return;
    }
    let of_its_name = desks.iter().find(|desk| desk.name == mailbox.imap.name);
    if let Some(desk) = of_its_name.or_else(|| desks.first()) {
        mailbox.desk = desk.name.clone();
    }
}

fn something_is_there(root: &Section<'_>, parties: &Parties<'_>) {
    if parties.desks.count == 0 {
        root.fault("there is no [[desk]]", "Add one with name, display_name and addresses.");
    }
    if parties.mailboxes.count == 0 {
        root.fault("there is no [[mailbox]]", "Add one with name, host, user and password.");
    }
    let all_understood = parties.agents.understood.len() == parties.agents.count
        && parties.teams.understood.len() == parties.teams.count;
    let somebody = parties.agents.understood.iter().any(|(agent, _)| agent.level == Level::L1)
        || parties.teams.understood.iter().any(|(team, _)| team.level == Level::L1);
    if all_understood && !somebody {
        let remedy = "Add an [[agent]] or a [[team]] with level = \"L1\": new tickets are mailed there.";
        root.fault("nobody works at L1", remedy);
    }
}

fn names_are_unique(root: &Section<'_>, parties: &Parties<'_>) {
    let remedy = "Give each a name of its own.";
    let desks = || parties.desks.understood.iter().map(|((desk, _), place)| (desk, *place));
    unique(root, remedy, desks().map(|(desk, place)| (desk.name.to_lowercase(), "name", place)));
    let remedy = "Give each desk a tag of its own: it tells their subjects apart.";
    unique(root, remedy, desks().map(|(desk, place)| (desk.tag.to_lowercase(), "tag", place)));
    let remedy = "Give each a name of its own.";
    let mailboxes = parties.mailboxes.understood.iter();
    unique(root, remedy, mailboxes.map(|(mailbox, place)| (mailbox.imap.name.to_lowercase(), "name", *place)));
    let vendors = parties.vendors.understood.iter();
    unique(root, remedy, vendors.map(|(vendor, place)| (vendor.name.to_lowercase(), "name", *place)));
    let remedy = "Keep one team a level; list further people as members.";
    let teams = parties.teams.understood.iter();
    unique(root, remedy, teams.map(|(team, place)| (team.level.to_string(), "level", *place)));
}

fn unique<'a>(root: &Section<'_>, remedy: &str, values: impl Iterator<Item = (String, &'static str, &'a Place)>) {
    let mut first: HashMap<String, &Place> = HashMap::new();
    for (value, key, place) in values {
        match first.get(&value) {
            Some(earlier) => {
                let problem = format!("{key} = {value:?} is taken on line {}", earlier.line());
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
    let mut owners: Vec<(&Address, &'static str, &Place)> = Vec::new();
    for ((desk, _), place) in &parties.desks.understood {
        owners.extend(desk.addresses.iter().map(|address| (address, "a desk's", *place)));
    }
    owners.extend(parties.agents.understood.iter().map(|(agent, place)| (&agent.address, "an agent's", *place)));
    owners.extend(parties.teams.understood.iter().map(|(team, place)| (&team.address, "a team's", *place)));
    for (vendor, place) in &parties.vendors.understood {
        let addresses = std::iter::once(&vendor.address).chain(&vendor.addresses);
        owners.extend(addresses.map(|address| (address, "a vendor's", *place)));
    }
    for (index, (address, _, place)) in owners.iter().enumerate() {
        let earlier = owners[..index]
            .iter()
            .find(|(other, of, _)| other.is(address) || *of == "a desk's" && address.is_within(other));
        if let Some((_, of, earlier)) = earlier {
            let problem = format!("{address} is {of} address already (line {})", earlier.line());
            root.fault_at(place, problem, "Give each party an address of its own.".to_owned());
        }
    }
    for (team, place) in &parties.teams.understood {
        for member in &team.members {
            let desks = &parties.desks.understood;
            if desks.iter().any(|((desk, _), _)| desk.addresses.iter().any(|own| member.is_within(own))) {
                let problem = format!("member {member} is a desk's address");
                root.fault_at(place, problem, "List the people's own addresses.".to_owned());
            }
        }
    }
}

fn mailboxes_belong_to_a_desk(root: &Section<'_>, parties: &Parties<'_>) {
    let desks = &parties.desks;
    if desks.understood.len() < desks.count || desks.count == 0 {
        return;
    }
    let known: Vec<&str> = desks.understood.iter().map(|((desk, _), _)| desk.name.as_str()).collect();
    for (mailbox, place) in &parties.mailboxes.understood {
        let remedy = format!("Add desk = with one of: {}.", known.join(", "));
        if !mailbox.desk.is_empty() && !known.contains(&mailbox.desk.as_str()) {
            root.fault_at(place, format!("desk = {:?} is no desk", mailbox.desk), remedy);
        } else if mailbox.desk.is_empty() && known.len() > 1 && !known.contains(&mailbox.imap.name.as_str()) {
            root.fault_at(place, "it is not said which desk the mailbox belongs to".to_owned(), remedy);
        }
    }
}

fn folders_are_watched_once(root: &Section<'_>, parties: &Parties<'_>) {
    let remedy = "Watch a folder once; several desks may share it.";
    let mailboxes = parties.mailboxes.understood.iter();
    let folder = |imap: &imap::Settings| format!("{} on {}:{}/{}", imap.user, imap.host, imap.port, imap.folder);
    unique(root, remedy, mailboxes.map(|(mailbox, place)| (folder(&mailbox.imap).to_lowercase(), "folder", *place)));
}

/// A vendor's domain gives everybody in it the vendor's powers.
fn vendors_do_not_own_our_domains(root: &Section<'_>, parties: &Parties<'_>) {
    let desks = parties.desks.understood.iter().flat_map(|((desk, _), _)| &desk.addresses);
    let agents = parties.agents.understood.iter().map(|(agent, _)| &agent.address);
    let teams = parties.teams.understood.iter().map(|(team, _)| &team.address);
    let ours: Vec<&Address> = desks.chain(agents).chain(teams).collect();
    for (vendor, place) in &parties.vendors.understood {
        for domain in &vendor.domains {
            if let Some(address) = ours.iter().find(|address| address.domain().eq_ignore_ascii_case(domain)) {
                let problem = format!("domains holds {domain}, which {address} of ours is in");
                root.fault_at(place, problem, "List the vendor's single addresses instead.".to_owned());
            }
        }
    }
}

fn languages_have_templates(root: &Section<'_>, parties: &Parties<'_>) {
    let desks = parties.desks.understood.iter();
    let of_desks = desks.flat_map(|((desk, _), place)| desk.languages.iter().map(|language| (*language, *place)));
    let agents = parties.agents.understood.iter();
    let of_agents = agents.filter_map(|(agent, place)| Some((agent.language?, *place)));
    let of_vendors = parties.vendors.understood.iter().map(|(vendor, place)| (vendor.language, *place));
    for (language, place) in of_desks.chain(of_agents).chain(of_vendors) {
        let built_in = [Language::FRENCH, Language::ENGLISH].contains(&language);
        let has_folder = parties.letters_folder.is_some_and(|folder| folder.join(language.code()).is_dir());
        if !built_in && !has_folder {
            let remedy = format!(
                "Write \"fr\" or \"en\", or name [letters] folder and put templates into its folder {language}."
            );
            root.fault_at(place, format!("there are no templates in {language}"), remedy);
        }
    }
}
