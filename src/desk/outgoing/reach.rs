//! Whom a letter may go to at all.

use crate::desk::{Policy, Sender};
use crate::mail::Address;

/// Domains that lead nowhere (RFC 2606 §2, RFC 6761 §6).
const NOWHERE: &[&str] = &["localhost", "localdomain", "invalid", "local", "onion"];

/// Whether somebody can read a letter sent there: no robot's address, no machine's, none of ours, a domain that may exist.
pub(in crate::desk) fn somebody_reads(address: &Address, policy: &Policy) -> bool {
    let is_robot = address.is_a_programs() || address.is_an_offices();
    let domain = address.domain().to_lowercase();
    let leads_somewhere = domain.contains('.')
        && !domain.starts_with('[')
        && !domain
            .rsplit('.')
            .next()
            .is_none_or(|top| NOWHERE.contains(&top) || top.bytes().all(|b| b.is_ascii_digit()));
    let is_machines = policy.machines_at(address).next().is_some();
    !is_robot && leads_somewhere && !is_machines && policy.desk_at(address).is_none()
}

/// Whether somebody may become a participant: lists, desks, agents and vendors never do, and neither do forms and mailboxes that
/// redirect to us.
pub(in crate::desk) fn may_participate(address: &Address, policy: &Policy) -> bool {
    let redirects = |forwarder: &Sender| forwarder.address().is_some_and(|own| own.is(address));
    somebody_reads(address, policy)
        && policy.forms_at(address).next().is_none()
        && !policy.forwarders.iter().any(redirects)
        && !policy.is_staff(address)
        && policy.vendor_of(address).is_none()
        && !policy.own_lists.iter().any(|list| list.is(address))
}
