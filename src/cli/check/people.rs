//! Who answers: nobody whose letters would come back to the desk.

use super::{Fault, Finding};
use crate::config::Config;
use crate::mail::Address;
use crate::said;

/// The configuration refuses an address of two owners; that a watched mailbox is an agent's own shows in its user alone.
pub(super) fn of(config: &Config) -> Finding {
    let policy = &config.policy;
    let agents = policy.agents.iter().map(|agent| &agent.address);
    let teams = policy.teams.iter().flat_map(|team| std::iter::once(&team.address).chain(&team.members));
    let vendors = policy.vendors.iter().map(|vendor| &vendor.address);
    let users: Vec<Address> =
        config.mailboxes.iter().filter_map(|mailbox| mailbox.imap.login.user.parse().ok()).collect();
    let looping: Vec<String> = agents
        .chain(teams)
        .chain(vendors)
        .filter(|address| users.iter().any(|user| user.is(address)))
        .map(|address| {
            said!(
                "letters to {address} come into the mailbox that guichet watches, as new mail",
                "les lettres à {address} arrivent dans la boîte que guichet surveille, comme du nouveau courriel"
            )
        })
        .collect();
    if looping.is_empty() {
        let (agents, vendors) = (policy.agents.len(), policy.vendors.len());
        return Ok(said!(
            "all have addresses of their own: agents {agents}, vendors {vendors}",
            "tous ont des adresses à eux\u{a0}: agents {agents}, fournisseurs {vendors}"
        ));
    }
    Err(Fault {
        problem: looping.join("\n"),
        remedy: said!(
            "Give each of them an address of their own, apart from the user of the [[mailbox]].",
            "Donnez à chacun une adresse à lui, autre que l’utilisateur de la [[mailbox]]."
        ),
    })
}
