//! Whose an address is, by the tables that give somebody a role.

use std::path::PathBuf;

use super::section::Placed;
use crate::desk::{Agent, Desk, Team, Vendor};
use crate::mail::Address;

/// Whose addresses nothing else may have.
pub(super) struct People<'a> {
    pub(super) desks: &'a [Placed<(Desk, Option<PathBuf>)>],
    pub(super) agents: &'a [Placed<Agent>],
    pub(super) teams: &'a [Placed<Team>],
    pub(super) vendors: &'a [Placed<Vendor>],
}

impl People<'_> {
    /// Who has an address at a domain that is meant; the same words.
    pub(super) fn owner_at(&self, is_meant: impl Fn(&str) -> bool) -> Option<(&'static str, &'static str)> {
        let desks = self.desks.iter().filter_map(|placed| placed.value.as_ref());
        let agents = self.agents.iter().filter_map(|placed| placed.value.as_ref()).map(|agent| &agent.address);
        let teams = self.teams.iter().filter_map(|placed| placed.value.as_ref());
        let vendors = self.vendors.iter().filter_map(|placed| placed.value.as_ref());
        let is_there = |address: &Address| is_meant(address.domain());
        let of_teams = teams.flat_map(|team| std::iter::once(&team.address).chain(&team.members));
        if desks.flat_map(|(desk, _)| &desk.addresses).any(is_there) {
            Some(("a desk's", "celle d’un guichet"))
        } else if agents.chain(of_teams).any(is_there) {
            Some(("an agent's", "celle d’un agent"))
        } else if vendors.flat_map(Vendor::own_domains).any(&is_meant) {
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

/// Whether a host is a domain or stands below it.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether one of both domains is the other, or stands below it.
pub(super) fn is_near(one: &str, other: &str) -> bool {
    is_within(one, other) || is_within(other, one)
}
