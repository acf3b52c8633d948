//! What the mailbox's server took for junk: a filter's word hides no answer to us, and nobody whom we know.

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::{machine_mail, matching};
use crate::desk::rules::on_vendor;
use crate::desk::{Incoming, Proof};
use crate::mail::{Authentication, InboundMail};

/// Whether it is taken in as if it had not been taken for junk: it bears a token of ours, or its author is proven and known.
/// `is_proven`: the author is who they seem to be.
pub(in crate::desk) fn is_taken(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, is_proven: bool) -> bool {
    let (mail, keyring) = (incoming.mail, deliberation.rules.keyring);
    matching::verified(mail, keyring).next().is_some()
        || matching::reported(mail).any(|token| keyring.verify(&token))
        || (is_proven && is_known(deliberation, mail))
        || is_of_form(incoming)
}

/// Who has asked something before, is in the configuration, or belongs to an organisation that is.
fn is_known(deliberation: &Deliberation<'_>, mail: &InboundMail) -> bool {
    let Some(from) = mail.from.as_ref().map(|from| &from.address) else { return false };
    let policy = deliberation.policy();
    let asked_before = deliberation
        .contact_at(from)
        .is_some_and(|contact| deliberation.docket.acquaintances.contains(&contact.person));
    asked_before
        || policy.is_staff(from)
        || policy.managers.iter().any(|manager| manager.address.is(from))
        || policy.organisation_of(from).is_some()
        || on_vendor::vendor_behind(deliberation, mail).is_some()
        || machine_mail::report(policy, mail).is_some()
}

/// Whether a form that is proven to be ours handed it in.
fn is_of_form(incoming: &Incoming<'_>) -> bool {
    match incoming.proof {
        Proof::Form(handed) => handed.own.authentication() == Authentication::Passed,
        _ => false,
    }
}
