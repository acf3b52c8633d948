//! Up and down the levels, and letters to vendors.

use super::Work;
use crate::desk::docket::case_mark;
use crate::desk::outgoing::vendor_letter;
use crate::desk::outgoing::wording::{Line, Whom};
use crate::desk::{CopiedLevel, Event, Letter, Level, PendingReason, Purpose, Team, Vendor};
use crate::mail::Address;

impl Work<'_, '_, '_> {
    pub(super) fn escalate(&mut self, level: Level) {
        let from = self.ticket.level;
        self.happened(Event::Escalated { from, to: level, vendor: None, by: self.act.by.contact, rule: None });
        if self.deliberation.policy().team(&self.ticket.desk, level).is_some_and(Team::is_copied) {
            self.happened(Event::LevelCopied { level: CopiedLevel::Team(level) });
        }
        // Whoever reads along from now on needs the brief, and what was said so far, all the same.
        let staff = self.deliberation.staff_at(&self.ticket.desk, level);
        self.will_tell(staff, Purpose::Escalated, Vec::new());
        self.say(&Line::EscalatedTo(Whom::Level(level)));
        self.passed_on_from = Some(from);
    }

    pub(super) fn escalate_to_vendor(&mut self, name: Option<&str>) {
        let Some(vendor) = self.deliberation.vendor_named(&self.ticket, name) else { return };
        let from = self.ticket.level;
        let (to, by) = (Level::L3, self.act.by.contact);
        self.happened(Event::Escalated { from, to, vendor: Some(vendor.name.clone()), by, rule: None });
        if vendor.is_copied() {
            self.happened(Event::LevelCopied { level: CopiedLevel::Vendor(vendor.name.clone()) });
        }
        // Whoever is copied, too, needs the brief, and a case that its answers belong to.
        let ticket = self.ticket.clone();
        let brief = vendor_letter::brief_or_request(self.deliberation, &ticket, self.text);
        if self.text.is_empty() {
            self.say(&Line::BriefWasRequest);
        }
        let letter = vendor_letter::case(self.deliberation, &ticket, vendor, &brief, self.named.clone());
        self.send_to_vendor(vendor, letter);
        self.say(&Line::EscalatedTo(Whom::Vendor(&vendor.name)));
        self.passed_on_from = Some(from);
        self.own_if_nobody_does();
    }

    pub(super) fn send_to_vendor(&mut self, vendor: &Vendor, letter: Letter) {
        self.done.recipients.extend(letter.to.iter().map(|mailbox| mailbox.address.to_string()));
        self.done.left = letter.words().map(str::to_owned);
        vendor_letter::send(self.deliberation, self.ticket.number, self.act.by, vendor, letter);
        self.ticket = self.deliberation.as_it_stands(&self.ticket);
    }

    pub(super) fn give_back(&mut self, level: Level) {
        let from = self.ticket.level;
        self.happened(Event::Returned { from, to: level });
        let staff = self.deliberation.staff_at(&self.ticket.desk, level);
        self.will_tell(staff, Purpose::Returned, Vec::new());
        self.say(&Line::LevelIs(level));
    }

    pub(super) fn write_to_vendor(&mut self, name: &str, case_number: Option<&str>) {
        let Some(vendor) = self.deliberation.vendor_named(&self.ticket, Some(name)) else { return };
        if let Some(case_number) = case_number {
            self.happened(case_mark::typed(case_number).learned(&vendor.name));
            self.say(&Line::CaseNumberIs(case_number));
        }
        if self.text.is_empty() {
            return;
        }
        self.ask(vendor);
        if !self.ticket.state.is_over() {
            self.happened(Event::PutOnHold { reason: PendingReason::Vendor, reminds: true });
        }
        self.say(&Line::WroteToVendor(&vendor.name));
    }

    /// A question to somebody outside, while the work here goes on.
    pub(super) fn consult(&mut self, address: &Address) {
        let Some(vendor) = self.deliberation.correspondent(&address.key()) else { return };
        self.ask(&vendor);
        self.say(&Line::Consulted(address.as_str()));
    }

    fn ask(&mut self, vendor: &Vendor) {
        let ticket = self.ticket.clone();
        let letter = if ticket.case(&vendor.name).is_some_and(|case| case.opened_with.is_some()) {
            vendor_letter::follow_up(self.deliberation, &ticket, vendor, self.text, self.named.clone())
        } else {
            vendor_letter::case(self.deliberation, &ticket, vendor, self.text, self.named.clone())
        };
        self.send_to_vendor(vendor, letter);
    }
}
