//! What `[[target]]` and `[waiting]` mean, and which promises could never be kept.

use std::time::Duration;

use super::names::Names;
use super::section::{Place, Placed, Section, Whole};
use super::value::{business_time, one_of, priority, whole_number};
use crate::desk::{ClockName, Desk, Organisation, RequestType, Target, Waiting};
use crate::said;

const TYPES: [(&str, RequestType); 2] =
    [("incident", RequestType::Incident), ("service_request", RequestType::ServiceRequest)];

pub(super) fn target(section: &Section<'_>, desks: &Names, organisations: &Names) -> Placed<Target> {
    let desk = desks.named_in(section, "desk");
    let organisation = organisations.named_in(section, "organisation");
    let request_type = section.optional("request_type", one_of(&TYPES));
    let priority = section.optional("priority", priority);
    let tto = section.optional("tto", business_time);
    let ttr = section.optional("ttr", business_time);
    let tnr = section.optional("tnr", business_time);
    section.finish();
    if (tto, ttr, tnr) == (Some(None), Some(None), Some(None)) {
        section.fault(
            &said!("it promises nothing", "elle ne promet rien"),
            &said!(
                "Add tto (first answer), ttr (resolution) or tnr (each further answer), such as tto = \"4 h\".",
                "Ajoutez tto (première réponse), ttr (résolution) ou tnr (réponses suivantes), comme tto = \"4 h\"."
            ),
        );
    }
    if let (Some(Some(tto)), Some(Some(ttr))) = (tto, ttr)
        && tto > ttr
    {
        section.fault_of(
            "tto",
            &said!("is longer than ttr", "est plus long que ttr"),
            &said!(
                "The first answer comes no later than the solution: write a shorter tto.",
                "La première réponse vient au plus tard avec la solution\u{a0}: écrivez un tto plus court."
            ),
        );
    }
    let whole = || {
        let (desk, organisation) = (desk?, organisation?);
        Some(Target {
            desk,
            organisation,
            request_type: request_type?,
            priority: priority?,
            tto: tto?,
            ttr: ttr?,
            tnr: tnr?,
        })
    };
    section.placed(whole())
}

pub(super) fn waiting(section: &Section<'_>) -> Option<Waiting> {
    let usual = Waiting::default();
    let number = |key, most: u64, default: u32| {
        let number = section.or(key, whole_number(0..=most), default.into());
        number.and_then(|number| u32::try_from(number).ok())
    };
    let reminder_days = number("reminder_days", 365, usual.reminder_days);
    let resolve_days = number("resolve_days", 365, usual.resolve_days);
    let close_days = number("close_days", 3650, usual.close_days);
    let chases = number("chases", 100, usual.chases);
    section.finish();
    let waiting = Waiting {
        reminder_days: reminder_days?,
        resolve_days: resolve_days?,
        close_days: close_days?,
        chases: chases?,
    };
    let is_told_first = waiting.reminder_days < waiting.resolve_days;
    if waiting.reminder_days > 0 && waiting.resolve_days > 0 && !is_told_first {
        let key = if section.has("resolve_days") { "resolve_days" } else { "reminder_days" };
        let Waiting { reminder_days, resolve_days, .. } = waiting;
        section.fault_of(
            key,
            &said!(
                "makes a ticket count as solved after {resolve_days} days, and its requester be asked after {reminder_days}",
                "fait compter le billet comme résolu après {resolve_days} jours, et relancer le demandeur après {reminder_days}"
            ),
            &said!(
                "Write resolve_days greater than reminder_days, or 0 for never.",
                "Écrivez un resolve_days plus grand que reminder_days, ou 0 pour jamais."
            ),
        );
        return None;
    }
    Some(waiting)
}

/// Notes promises that count in nobody's hours, and those that no ticket is left for.
pub(super) fn check<F>(
    root: &Section<'_>,
    targets: &Whole<'_, Target>,
    desks: &Whole<'_, (Desk, F)>,
    organisations: &Whole<'_, Organisation>,
) {
    for (at, (target, place)) in targets.understood().enumerate() {
        counts_in_hours(root, (target, place), desks, organisations);
        let mut earlier = targets.understood().take(at);
        if let Some((_, earlier)) = earlier.find(|(earlier, _)| leaves_nothing_for(earlier, target)) {
            let line = earlier.line();
            let problem = said!(
                "no ticket is left for it: what line {line} promises holds for all of them",
                "aucun billet ne lui reste\u{a0}: ce que promet la ligne {line} vaut pour tous"
            );
            let remedy = said!(
                "The first that fits counts: put it before line {line}.",
                "La première qui convient compte\u{a0}: mettez-la avant la ligne {line}."
            );
            root.fault_at(place, problem, remedy);
        }
    }
}

fn counts_in_hours<F>(
    root: &Section<'_>,
    (target, place): (&Target, &Place),
    desks: &Whole<'_, (Desk, F)>,
    organisations: &Whole<'_, Organisation>,
) {
    let organisation = organisations.understood().find(|(one, _)| target.organisation.as_ref() == Some(&one.name));
    if organisation.is_some_and(|(one, _)| one.calendar.is_some()) {
        return;
    }
    let is_meant = |desk: &Desk| target.desk.as_ref().is_none_or(|name| *name == desk.name);
    for ((desk, _), _) in desks.understood().filter(|((desk, _), _)| is_meant(desk) && desk.calendar.is_none()) {
        let name = &desk.name;
        let problem = said!(
            "the desk {name} has no calendar in which this could count",
            "le guichet {name} n’a pas de calendrier selon lequel compter"
        );
        let remedy = said!(
            "Add calendar = \"…\" to the [[desk]], or name in desk one that has a calendar.",
            "Ajoutez calendar = \"…\" au [[desk]], ou nommez dans desk un guichet qui a un calendrier."
        );
        root.fault_at(place, problem, remedy);
    }
}

/// Whether every ticket of the later target is one of the earlier, which promises all that the later does.
fn leaves_nothing_for(earlier: &Target, later: &Target) -> bool {
    fn holds_all<T: PartialEq>(earlier: Option<&T>, later: Option<&T>) -> bool {
        earlier.is_none() || earlier == later
    }
    let promises = |earlier: Option<Duration>, later: Option<Duration>| earlier.is_some() || later.is_none();
    earlier.organisation == later.organisation
        && holds_all(earlier.desk.as_ref(), later.desk.as_ref())
        && holds_all(earlier.request_type.as_ref(), later.request_type.as_ref())
        && holds_all(earlier.priority.as_ref(), later.priority.as_ref())
        && promises(earlier.tto, later.tto)
        && promises(earlier.ttr, later.ttr)
        && promises(earlier.tnr, later.tnr)
}

/// Whether a promise of this clock is made to anybody.
pub(super) fn is_promised(targets: &Whole<'_, Target>, clock: ClockName) -> bool {
    targets.understood().any(|(target, _)| match clock {
        ClockName::Tto => target.tto.is_some(),
        ClockName::Ttr => target.ttr.is_some(),
        ClockName::Tnr => target.tnr.is_some(),
        ClockName::Ola => false,
    })
}
