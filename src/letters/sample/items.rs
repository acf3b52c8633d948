//! What stands in the lists of sample letters.

use super::Scene;
use crate::desk::{
    ChartFacts, CrowdFacts, DueFacts, FixFacts, OtherFacts, Purpose, QuarantinedFacts, RowFacts, SectionFacts,
    TimelineFacts, WorkFacts,
};
use crate::mail::token::TokenAudience;

impl Scene {
    pub(super) fn one_of_many(&self) -> CrowdFacts {
        CrowdFacts {
            reference: "R-000124".to_owned(),
            requester: Some("Marie Tremblay".to_owned()),
            subject: self.say("Impression impossible", "Cannot print"),
            words: Some(self.say(
                "Bonjour, plus rien ne sort de l’imprimante du troisième.",
                "Hello, nothing comes out of the printer on the third floor.",
            )),
        }
    }

    pub(super) fn due(&self, purpose: Purpose) -> DueFacts {
        let sentence = match purpose {
        Purpose::Clocks => self.say(
            "Première réponse\u{a0}: échéance jeudi 3 décembre à 10\u{a0}h\u{a0}15. Les trois quarts du délai sont écoulés.",
            "First answer: due Thursday, December 3 at 10:15. Three quarters of the time have passed.",
        ),
        Purpose::OnCall => {
            self.say("Priorité 1, et personne ne s’en occupe.", "Priority 1, and nobody takes care of it.")
        }
        _ => self.say(
            "Première réponse\u{a0}: le délai est dépassé depuis jeudi 3 décembre à 10\u{a0}h\u{a0}15.",
            "First answer: overdue since Thursday, December 3 at 10:15.",
        ),
    };
        DueFacts {
            reference: "R-000123".to_owned(),
            subject: self
                .say("L’imprimante du troisième ne répond plus", "The printer on the third floor does not answer"),
            priority: if purpose == Purpose::OnCall { 1 } else { 3 },
            level: self.say("N1", "L1"),
            standing: self.say("nouveau", "new"),
            owner: None,
            organisation: Some("Client".to_owned()),
            sentences: vec![sentence],
        }
    }

    pub(super) fn quarantined(&self) -> QuarantinedFacts {
        QuarantinedFacts {
            number: 4711,
            since: self.say("3 décembre 2026 à 10\u{a0}h\u{a0}15", "December 3, 2026 at 10:15"),
            author: Some("alice@desk.example".to_owned()),
            subject: self.say("L’imprimante du troisième", "The printer on the third floor"),
            reason: self.say(
                "Courriel au nom de l’agent alice@desk.example, non authentifié.",
                "Mail in the name of the agent alice@desk.example, not authenticated.",
            ),
            text: Some(self.say("Bonjour, débranchez le câble réseau.", "Hello, unplug the network cable.")),
            reference: Some("R-000123".to_owned()),
        }
    }

    pub(super) fn junk(&self) -> QuarantinedFacts {
        QuarantinedFacts {
            author: Some("vente@annonce.example".to_owned()),
            subject: self.say("Offre de la semaine", "Offer of the week"),
            reason: self
                .say("Le serveur de courriel l’a pris pour un indésirable.", "The mail server took it for junk."),
            text: None,
            reference: None,
            ..self.quarantined()
        }
    }

    pub(super) fn work(&self) -> WorkFacts {
        WorkFacts {
            reference: "R-000123".to_owned(),
            subject: self
                .say("L’imprimante du troisième ne répond plus", "The printer on the third floor does not answer"),
            priority: 3,
            standing: self.say("attribué", "assigned"),
            organisation: Some("Client".to_owned()),
            promises: vec![self.say(
                "Résolution\u{a0}: échéance jeudi 3 décembre à 10\u{a0}h\u{a0}15",
                "Resolution: due Thursday, December 3 at 10:15",
            )],
            token: super::keyring().sign(123, 0, TokenAudience::Desk).to_string(),
        }
    }

    pub(super) fn fix(&self) -> FixFacts {
        FixFacts {
            id: "imprimante-reseau".to_owned(),
            title: self.say("L’imprimante réseau ne répond plus", "The network printer does not answer"),
            text: self.say(
                "1. Éteignez-la.\n2. Attendez une minute.\n3. Rallumez-la.",
                "1. Switch it off.\n2. Wait a minute.\n3. Switch it on.",
            ),
            html: self.say(
                "<ol><li>Éteignez-la.</li><li>Attendez une minute.</li><li>Rallumez-la.</li></ol>",
                "<ol><li>Switch it off.</li><li>Wait a minute.</li><li>Switch it on.</li></ol>",
            ),
        }
    }

    pub(super) fn other(&self) -> OtherFacts {
        OtherFacts {
            reference: "R-000098".to_owned(),
            subject: self.say("Accès au dossier des ventes", "Access to the sales folder"),
            standing: self.say("en attente jusqu’au jeudi 3 décembre", "pending until Thursday, December 3"),
            owner: None,
        }
    }

    pub(super) fn section(&self) -> SectionFacts {
        let row = |label: String, value: String| RowFacts { label, value };
        SectionFacts {
            title: self.say("Volumes", "Volumes"),
            rows: vec![
                row(
                    self.say("Billets ouverts", "Opened"),
                    self.say("42 (courriel 35, téléphone 7)", "42 (mail 35, telephone 7)"),
                ),
                row(self.say("Résolus", "Resolved"), self.say("39 (N1 31, N2 8)", "39 (L1 31, L2 8)")),
            ],
        }
    }

    pub(super) fn chart(&self) -> ChartFacts {
        ChartFacts {
            title: self.say("Escalades", "Escalations"),
            alt: self.say("Escalades. N2, par un agent\u{a0}: 8.", "Escalations. L2, by an agent: 8."),
            cid: "escalations.png".to_owned(),
        }
    }

    pub(super) fn entry(&self) -> TimelineFacts {
        TimelineFacts {
            at: self.say("20 novembre 2026 à 9\u{a0}h\u{a0}12", "November 20, 2026 at 09:12"),
            who: "Marie Tremblay".to_owned(),
            audience: "requester".to_owned(),
            read_by: self.say("avec le demandeur", "with the requester"),
            text: self.say(
                "Bonjour,\n\nL’imprimante affiche «\u{a0}hors ligne\u{a0}».",
                "Hello,\n\nThe printer says “offline”.",
            ),
        }
    }
}
