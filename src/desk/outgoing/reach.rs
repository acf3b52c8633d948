//! Whom a letter may go to at all.

use crate::desk::Policy;
use crate::mail::Address;

/// Local parts behind which nobody reads (RFC 2142, RFC 3834 §2 and custom).
const NOBODY: &[&str] = &[
    "mailer-daemon",
    "postmaster",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "nepasrepondre",
    "ne-pas-repondre",
    "ne_pas_repondre",
    "pasdereponse",
    "root",
    "nobody",
    "bounce",
    "bounces",
    "listserv",
    "majordomo",
    "mdaemon",
    "autoreply",
    "auto-reply",
    "daemon",
];

/// Domains that lead nowhere (RFC 2606 §2, RFC 6761 §6).
const NOWHERE: &[&str] = &["localhost", "localdomain", "invalid", "local", "onion"];

/// Whether somebody can read a letter sent there: no robot's address, no address of ours, a domain that may exist.
pub(in crate::desk) fn somebody_reads(address: &Address, policy: &Policy) -> bool {
    let local = address.local().to_lowercase();
    let user = local.split('+').next().unwrap_or(&local);
    let is_robot = NOBODY.contains(&user)
        || ["noreply", "no-reply", "donotreply", "bounce-", "bounces-", "mailer-daemon"]
            .iter()
            .any(|p| user.starts_with(p))
        || ["-bounces", "-bounce", "-request", "-noreply", "-no-reply", ".noreply"].iter().any(|s| user.ends_with(s))
        || user.starts_with("owner-")
        || user.ends_with("-owner");
    let domain = address.domain().to_lowercase();
    let leads_somewhere = domain.contains('.')
        && !domain.starts_with('[')
        && !domain
            .rsplit('.')
            .next()
            .is_none_or(|top| NOWHERE.contains(&top) || top.bytes().all(|b| b.is_ascii_digit()));
    !is_robot && leads_somewhere && policy.desk_at(address).is_none()
}

/// Whether somebody may become a participant: lists, desks, agents and vendors never do.
pub(in crate::desk) fn may_participate(address: &Address, policy: &Policy) -> bool {
    somebody_reads(address, policy)
        && !policy.is_staff(address)
        && policy.vendor_of(address).is_none()
        && !policy.own_lists.iter().any(|list| list.is(address))
}
