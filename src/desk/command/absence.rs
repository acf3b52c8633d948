//! Somebody of ours is away: what they own is the team's meanwhile.

use jiff::Timestamp;

use crate::desk::deliberation::{Deliberation, without};
use crate::desk::outgoing::telling;
use crate::desk::outgoing::wording::{self, Day, Line};
use crate::desk::{
    Absence, Actor, Audience, Contact, ContactId, Desk, Event, Facts, Level, Purpose, Ticket, ToldBy, When,
};
use crate::mail::{Address, Language};

/// An absence as somebody words it, by a desk's calendar and clock; what is wrong with it where it is over already.
pub(in crate::desk) fn worded(
    desk: &Desk,
    now: Timestamp,
    contact: ContactId,
    from: Option<When>,
    until: When,
) -> Result<Absence, Line<'static>> {
    let at = |when: When| when.instant(desk, now).unwrap_or(now);
    let (from, until) = (from.map_or(now, at).max(now), at(until));
    if until <= now {
        return Err(Line::AbsenceIsPast(Day::at(until, now, &desk.time_zone)));
    }
    Ok(Absence { contact, from, until: Some(until), told_by: ToldBy::Agent, begun: false })
}

/// Somebody is away, or will be: what was done, for the receipt.
pub(in crate::desk) fn leave(
    deliberation: &mut Deliberation<'_>,
    by: Actor,
    desk: &Desk,
    absence: Absence,
    language: Language,
) -> Vec<String> {
    let day = |at: Timestamp| Day::at(at, deliberation.now, &desk.time_zone);
    let from = Some(absence.from).filter(|from| *from > deliberation.now).map(day);
    let mut lines = vec![Line::YouAreAway(from, absence.until.map(day))];
    if from.is_some() {
        deliberation.is_away_from_now_on(absence.contact, Some(absence));
        lines.push(Line::TicketsGoBackThen);
    } else {
        lines.push(Line::TicketsWentBack(begin(deliberation, by, desk, absence)));
    }
    lines.iter().map(|line| wording::say(line, language)).collect()
}

/// Somebody is away from now on: their open tickets go back to the team in one letter. How many.
pub(in crate::desk) fn begin(deliberation: &mut Deliberation<'_>, by: Actor, desk: &Desk, absence: Absence) -> usize {
    deliberation.is_away_from_now_on(absence.contact, Some(Absence { begun: true, ..absence }));
    let tickets = deliberation.open_tickets_of(absence.contact);
    for ticket in &tickets {
        deliberation.happened(ticket.number, by, Event::Unassigned { from: absence.contact });
    }
    if let Some(contact) = deliberation.contact(absence.contact) {
        tell_teams(deliberation, contact, desk, absence, &tickets);
    }
    tickets.len()
}

/// One letter a team; teams of several levels where the tickets are on several.
fn tell_teams(deliberation: &mut Deliberation<'_>, away: &Contact, desk: &Desk, absence: Absence, tickets: &[Ticket]) {
    let mut teams: Vec<(Vec<Address>, Vec<&Ticket>)> = Vec::new();
    for ticket in tickets {
        let team = team_without(deliberation, ticket, &away.address);
        match teams.iter_mut().find(|(known, _)| *known == team) {
            Some((_, theirs)) => theirs.push(ticket),
            None => teams.push((team, vec![ticket])),
        }
    }
    for (team, tickets) in teams {
        let Some(first) = tickets.first() else { continue };
        deliberation.send_to_staff(&team, |deliberation, language| {
            let mut letter = deliberation.letter(first, Purpose::HandedBack, Audience::Desk, language);
            let name = deliberation.staff_name(&away.address, language);
            let until = absence.until.map(|until| Day::at(until, deliberation.now, &desk.time_zone));
            if let [_] = tickets.as_slice() {
                telling::staff_thread(deliberation, &mut letter);
            } else {
                letter.subject = wording::tickets_of_absent(tickets.len(), &name, language);
            }
            let stands = tickets.iter().map(|ticket| deliberation.as_it_stands(ticket));
            letter.facts = Facts {
                reference: letter.facts.reference,
                subject: letter.subject.clone(),
                others: stands.map(|ticket| deliberation.other(&ticket, language)).collect(),
                reasons: vec![wording::say(&Line::IsAway { name: &name, until, told_by: absence.told_by }, language)],
                ..Facts::default()
            };
            Some(letter)
        });
    }
}

/// Who hears that a ticket goes back: its level without whoever is away, else the first.
fn team_without(deliberation: &Deliberation<'_>, ticket: &Ticket, away: &Address) -> Vec<Address> {
    let others = |level: Level| without(deliberation.staff_at(&ticket.desk, level), std::slice::from_ref(away));
    let level = others(ticket.level.worked_at());
    if level.is_empty() { others(Level::L1) } else { level }
}

/// They are back: whether they were away, or about to be.
pub(in crate::desk) fn come_back(deliberation: &mut Deliberation<'_>, contact: ContactId) -> bool {
    let is_away = deliberation.absence_of(contact).is_some();
    if is_away {
        deliberation.is_away_from_now_on(contact, None);
    }
    is_away || deliberation.came_back(contact)
}

/// They wrote in person: what their mail program said is over. What they said themselves stays.
pub(in crate::desk) fn wrote(deliberation: &mut Deliberation<'_>, contact: ContactId) {
    if deliberation.away(contact).is_some_and(|absence| absence.told_by == ToldBy::Robot) {
        come_back(deliberation, contact);
    }
}
