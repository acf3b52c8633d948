//! Whose an address is, by the tables that give somebody a role.

use std::path::PathBuf;

use super::section::Placed;
use crate::desk::{Agent, Desk, Team, Vendor};
use crate::mail::Address;

/// Whose addresses no machine and no form may have.
pub(super) struct People<'a> {
    pub(super) desks: &'a [Placed<(Desk, Option<PathBuf>)>],
    pub(super) agents: &'a [Placed<Agent>],
    pub(super) teams: &'a [Placed<Team>],
    pub(super) vendors: &'a [Placed<Vendor>],
}

impl People<'_> {
    /// Who of us writes from a domain, or from one above or below it; the same words.
    pub(super) fn owner_at(&self, domain: &str) -> Option<(&'static str, &'static str)> {
        let desks = self.desks.iter().filter_map(|placed| placed.value.as_ref());
        let agents = self.agents.iter().filter_map(|placed| placed.value.as_ref()).map(|agent| &agent.address);
        let teams = self.teams.iter().filter_map(|placed| placed.value.as_ref());
        let vendors = self.vendors.iter().filter_map(|placed| placed.value.as_ref());
        let is_there = |address: &Address| is_near(address.domain(), domain);
        let of_teams = teams.flat_map(|team| std::iter::once(&team.address).chain(&team.members));
        if desks.flat_map(|(desk, _)| &desk.addresses).any(is_there) {
            Some(("a desk's", "celle d’un guichet"))
        } else if agents.chain(of_teams).any(is_there) {
            Some(("an agent's", "celle d’un agent"))
        } else if vendors.flat_map(Vendor::own_domains).any(|own| is_near(own, domain)) {
            Some(("a vendor's", "celle d’un fournisseur"))
        } else {
            None
        }
    }

    /// Whose it is, in English and in French.
    pub(super) fn owner_of(&self, address: &Address) -> Option<(&'static str, &'static str)> {
        let desks = self.desks.iter().filter_map(|placed| placed.value.as_ref());
        let agents = self.agents.iter().filter_map(|placed| placed.value.as_ref());
        let teams = self.teams.iter().filter_map(|placed| placed.value.as_ref());
        let vendors = self.vendors.iter().filter_map(|placed| placed.value.as_ref());
        let is_team = |team: &Team| team.address.is(address) || team.members.iter().any(|member| member.is(address));
        if desks.flat_map(|(desk, _)| &desk.addresses).any(|own| address.is_within(own)) {
            Some(("a desk's", "celle d’un guichet"))
        } else if agents.into_iter().any(|agent| agent.address.is(address)) {
            Some(("an agent's", "celle d’un agent"))
        } else if teams.into_iter().any(is_team) {
            Some(("a team's", "celle d’une équipe"))
        } else if vendors.into_iter().any(|vendor| vendor.writes_from(address)) {
            Some(("a vendor's", "celle d’un fournisseur"))
        } else {
            None
        }
    }
}

/// Whether one of both domains is the other, or stands below it.
pub(super) fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let is_within =
        |host: &str, domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_within(&one, &other) || is_within(&other, &one)
}
