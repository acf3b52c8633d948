//! What holds of every mail of an agent that waits for a human.

use std::collections::BTreeSet;

use guichet::desk::{Event, LedgerId};

use crate::cast::{ALICE, BOB, L2, LUC};
use crate::laws::tickets;
use crate::stage::Stage;

/// Each that waited was released or withdrawn once, went along with a merged ticket, or still waits, on one ticket.
pub(crate) async fn each_held_mail_ends_once(stage: &Stage) {
    let mut everywhere: BTreeSet<LedgerId> = BTreeSet::new();
    for shown in tickets(stage).await {
        let mut waiting: BTreeSet<LedgerId> = BTreeSet::new();
        for happened in &shown.history {
            match &happened.event {
                Event::Held { ledger: Some(ledger), .. } => _ = waiting.insert(*ledger),
                Event::Released { ledger: Some(ledger) } | Event::Withdrawn { ledger: Some(ledger) } => {
                    assert!(waiting.remove(ledger), "mail {} ended, and did not wait:\n{}", ledger.0, stage.story());
                }
                Event::MergedInto { .. } => waiting.clear(),
                _ => {}
            }
        }
        let held: BTreeSet<LedgerId> = shown.ticket.held.iter().copied().collect();
        assert_eq!(waiting, held, "{}", stage.story());
        for ledger in held {
            assert!(everywhere.insert(ledger), "mail {} waits twice:\n{}", ledger.0, stage.story());
        }
    }
}

/// Nobody outside the desk has read any of these words.
pub(crate) fn nobody_outside_read(stage: &Stage, words: &str) {
    let desk = [ALICE.address, BOB.address, L2, LUC.address];
    for (sent, letter) in stage.letters() {
        let leaves = sent.recipients.iter().any(|to| !desk.contains(&to.as_str()));
        let text = format!("{}\n{}\n{}", letter.mail.subject, letter.mail.body.text, letter.mail.body.html_text());
        let read = words.split(' ').find(|word| text.contains(word));
        assert!(!leaves || read.is_none(), "{read:?} waits, and was sent:\n{text}\n{}", stage.story());
    }
}
