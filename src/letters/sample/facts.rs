//! What the desk hands over for a letter of each purpose, in each of the ways in which it writes it.
//!
//! Together the samples of a purpose have the facts that [`super::super::FACTS`] gives it, and no other: tests hold it, and each
//! letter that leaves in a story.

use super::Scene;
use crate::desk::wording::{self, Standing};
use crate::desk::{Facts, Level, PendingReason, Purpose, State};

/// An answer of the requester's is waited for.
const WAITS: State = State::Pending { reason: PendingReason::Requester };

impl Scene {
    /// The first is the one that is shown.
    pub(super) fn facts(&self, purpose: Purpose) -> Vec<Facts> {
        match purpose {
            Purpose::Acknowledgement => self.acknowledgements(),
            Purpose::CrowdAcknowledgement => self.crowd_acknowledgements(),
            Purpose::AcknowledgementGeneric => {
                vec![Facts { subject: String::new(), requester_name: None, language_unsure: true, ..self.arrived() }]
            }
            Purpose::KnownFix => vec![
                self.offered(),
                Facts { language_unsure: true, ..self.offered() },
                Facts { author: alice(), received_at: None, ..self.offered() },
            ],
            Purpose::Answer => vec![self.answered()],
            Purpose::Resolved => vec![
                self.answered(),
                Facts {
                    reasons: vec![self.say("Aucune réponse ne nous est parvenue.", "No answer has reached us.")],
                    ..self.for_requester(State::Resolved)
                },
            ],
            Purpose::PassedOn => vec![self.for_requester(State::Open)],
            Purpose::Reminder => vec![self.reminder()],
            Purpose::Status => vec![
                Facts { received_at: self.received_at(), ..self.for_requester(WAITS) },
                Facts {
                    received_at: self.received_at(),
                    answer_by: self.answer_by(),
                    ..self.for_requester(State::Open)
                },
            ],
            Purpose::LanguageSwitched => vec![self.arrived()],
            Purpose::NewTicket => self.also_in_a_crowd(self.new_tickets()),
            Purpose::RequesterAnswered => self.also_in_a_crowd(self.requester_answers()),
            Purpose::VendorAnswered => self.also_in_a_crowd(self.vendor_answers()),
            Purpose::Escalated => self.also_in_a_crowd(self.escalations()),
            Purpose::Returned => self.also_in_a_crowd(vec![self.handed_on(Level::L1, true)]),
            Purpose::Notice => self.also_in_a_crowd(self.notices()),
            Purpose::Receipt => self.also_in_a_crowd(self.receipts()),
            Purpose::CommandRefused => self.also_in_a_crowd(vec![self.refusal()]),
            Purpose::Report => self.also_in_a_crowd(vec![self.report()]),
            Purpose::NotDelivered => self.also_in_a_crowd(vec![self.loss()]),
            Purpose::HandedBack => vec![self.handed_back()],
            Purpose::CrowdProposed => {
                let more = self.say("Autres demandes semblables\u{a0}: 5.", "Other requests that are alike: 5.");
                vec![Facts { crowd: vec![self.one_of_many()], reasons: vec![more], ..self.named() }]
            }
            Purpose::CrowdDigest => vec![Facts { crowd: vec![self.one_of_many()], ..self.named() }],
            Purpose::Clocks | Purpose::HierarchicalEscalation | Purpose::OnCall => {
                vec![Facts { due: vec![self.due(purpose)], ..self.named() }]
            }
            Purpose::Challenge => {
                vec![Facts { code: Some("7K3QXZ2M".to_owned()), received_at: self.received_at(), ..Facts::default() }]
            }
            Purpose::Quarantine => vec![self.quarantined_mail(), self.quarantined_mails()],
            Purpose::QuarantineAlarm => vec![self.quarantined_mails()],
            Purpose::Junk => vec![Facts {
                quarantined: vec![self.junk()],
                reasons: vec![self.say("Et 12 de plus, dans la prochaine liste.", "And 12 more, in the next list.")],
                ..Facts::default()
            }],
            Purpose::Worklist => vec![Facts { worklist: vec![self.work()], ..Facts::default() }],
            Purpose::WeeklyReport => vec![self.week()],
            Purpose::Case => vec![
                Facts { brief: self.brief(), ..self.for_vendor() },
                Facts { brief: self.brief(), ..self.in_case() },
            ],
            Purpose::FollowUp => vec![Facts {
                text: self.worded("Le numéro de série est X-100.", "The serial number is X-100."),
                ..self.in_case()
            }],
            Purpose::Chase => vec![Facts { received_at: self.received_at(), hours: None, ..self.in_case() }],
        }
    }

    /// What every letter about a ticket says, whoever reads it.
    fn for_everybody(&self) -> Facts {
        Facts {
            hours: self.worded("du lundi au vendredi, de 8\u{a0}h à 17\u{a0}h", "Monday to Friday, 8:00 to 17:00"),
            ..self.named()
        }
    }

    fn named(&self) -> Facts {
        Facts {
            reference: Some("R-000123".to_owned()),
            subject: self
                .say("L’imprimante du troisième ne répond plus", "The printer on the third floor does not answer"),
            ..Facts::default()
        }
    }

    fn for_requester(&self, state: State) -> Facts {
        Facts {
            requester_name: marie(),
            state: Some(state.word().to_owned()),
            standing: Some(wording::state_of_request(Standing { state, until: None }, self.language)),
            ..self.for_everybody()
        }
    }

    /// While a ticket waits no clock runs.
    fn for_desk(&self, state: State, level: Level) -> Facts {
        let promise = self.say(
            "Résolution\u{a0}: échéance vendredi 20 novembre à 16\u{a0}h\u{a0}12",
            "Resolution: due Friday, November 20 at 16:12",
        );
        Facts {
            requester_name: marie(),
            requester_address: Some("marie.tremblay@client.example".to_owned()),
            organisation: self.worded("Cégep du Nord", "Northern College"),
            level: Some(wording::level(level, self.language).to_owned()),
            state: Some(state.word().to_owned()),
            standing: Some(wording::state(Standing { state, until: None }, self.language)),
            priority: Some(3),
            owner: alice(),
            clocks: if state == WAITS { Vec::new() } else { vec![promise] },
            reply_goes_to: self.worded("note interne", "internal note"),
            moves: match level {
                Level::L1 => vec![wording::escalate_command(Level::L2, self.language)],
                Level::L2 | Level::L3 => vec![wording::return_command(Level::L1, self.language)],
            },
            ..self.for_everybody()
        }
    }

    /// With privacy `pseudonym`, as vendors have it where nothing else is said: nobody is named.
    fn for_vendor(&self) -> Facts {
        Facts { requester_name: self.worded("Demandeur A", "Requester A"), vendor: vendor(), ..self.for_everybody() }
    }

    fn in_case(&self) -> Facts {
        Facts { case_number: case_number(), watermark: Some("Ref:MSG0012345_aBcDeF".to_owned()), ..self.for_vendor() }
    }

    fn arrived(&self) -> Facts {
        Facts { received_at: self.received_at(), ..self.for_requester(State::New) }
    }

    fn offered(&self) -> Facts {
        Facts { fixes: vec![self.fix()], asks_yes: true, ..self.arrived() }
    }

    fn acknowledgements(&self) -> Vec<Facts> {
        vec![
            Facts { answer_by: self.answer_by(), ..self.offered() },
            Facts { split_from: Some("R-000098".to_owned()), answer_by: self.answer_by(), ..self.arrived() },
            Facts { language_unsure: true, ..self.arrived() },
        ]
    }

    fn crowd_acknowledgements(&self) -> Vec<Facts> {
        let known = Facts {
            title: self.worded("Panne des imprimantes du troisième", "Printers down on the third floor"),
            received_at: self.received_at(),
            ..self.for_requester(State::Open)
        };
        let said = self.worded("Un technicien remplace le commutateur.", "A technician replaces the switch.");
        vec![Facts { text: said, ..known.clone() }, Facts { language_unsure: true, ..known }]
    }

    fn answered(&self) -> Facts {
        Facts { author: alice(), text: self.solution(), ..self.for_requester(State::Open) }
    }

    fn reminder(&self) -> Facts {
        Facts {
            author: alice(),
            text: self
                .worded("Bonjour,\n\nLe câble réseau est-il branché?", "Hello,\n\nIs the network cable plugged in?"),
            asks_yes: true,
            resolves_on: self.worded("mardi 8 décembre", "Tuesday, December 8"),
            ..self.for_requester(WAITS)
        }
    }

    /// What the requester wrote, to whoever works on it.
    fn written(&self, state: State) -> Facts {
        Facts {
            author: marie(),
            text: self.request(),
            attachments: self.files(),
            reply_goes_to: marie(),
            reply_is_public: true,
            ..self.for_desk(state, Level::L1)
        }
    }

    fn new_tickets(&self) -> Vec<Facts> {
        vec![
            Facts {
                owner: None,
                unverified: true,
                fixes: vec![self.fix()],
                others: vec![self.other()],
                ..self.written(State::New)
            },
            Facts {
                reasons: vec![self.say(
                    "Le billet R-000123 est ouvert pour marie.tremblay@client.example.",
                    "Ticket R-000123 is opened for marie.tremblay@client.example.",
                )],
                attachments: Vec::new(),
                ..self.written(State::Open)
            },
        ]
    }

    fn requester_answers(&self) -> Vec<Facts> {
        let reopened = self.say("Le demandeur a rouvert le billet.", "The requester reopened the ticket.");
        vec![
            Facts { reasons: vec![reopened], ..self.written(State::Open) },
            Facts { unverified: true, ..self.written(State::Open) },
        ]
    }

    fn vendor_answers(&self) -> Vec<Facts> {
        let answer = Facts {
            author: vendor(),
            vendor: vendor(),
            case_number: case_number(),
            text: self.worded("Bonjour, quel est le numéro de série?", "Hello, what is the serial number?"),
            attachments: self.files(),
            ..self.for_desk(State::Open, Level::L3)
        };
        let looks =
            self.say("Ce message semble écrit par un programme.", "A program seems to have written this message.");
        vec![answer.clone(), Facts { reasons: vec![looks], ..answer }]
    }

    /// The request, as another level gets it, with or without the case of a vendor that had it.
    fn handed_on(&self, level: Level, has_case: bool) -> Facts {
        Facts {
            owner: None,
            author: marie(),
            text: self.request(),
            brief: self.brief(),
            timeline: vec![self.entry()],
            attachments: self.files(),
            vendor: vendor().filter(|_| has_case),
            case_number: case_number().filter(|_| has_case),
            ..self.for_desk(State::Open, level)
        }
    }

    fn escalations(&self) -> Vec<Facts> {
        let by_rule =
            self.say("Escaladé à N2 par la règle «\u{a0}réseau\u{a0}».", "Escalated to L2 by the rule “network”.");
        vec![
            self.handed_on(Level::L2, false),
            self.handed_on(Level::L2, true),
            Facts {
                unverified: true,
                brief: None,
                timeline: Vec::new(),
                reasons: vec![by_rule],
                fixes: vec![self.fix()],
                ..self.handed_on(Level::L2, false)
            },
        ]
    }

    fn notices(&self) -> Vec<Facts> {
        let told = Facts {
            owner: None,
            author: marie(),
            text: self.request(),
            attachments: self.files(),
            ..self.for_desk(State::Open, Level::L1)
        };
        let verified = self.say(
            "Un second exemplaire de ce message est arrivé\u{a0}: son auteur est maintenant vérifié.",
            "Another copy of this message came: its author is verified now.",
        );
        vec![
            Facts { reasons: vec![verified], ..told.clone() },
            Facts { unverified: true, ..told.clone() },
            Facts {
                author: vendor(),
                vendor: vendor(),
                case_number: case_number(),
                reasons: vec![self.say("acme dit que le dossier est clos.", "acme says that the case is closed.")],
                ..told
            },
        ]
    }

    fn receipts(&self) -> Vec<Facts> {
        vec![
            Facts {
                done: vec![self.say("Votre texte est parti au demandeur.", "Your text was sent to the requester.")],
                recipients: vec!["marie.tremblay@client.example".to_owned()],
                text: self.solution(),
                ..self.for_desk(WAITS, Level::L1)
            },
            Facts {
                done: vec![self.say("Noté pour le guichet seul.", "Noted for the desk alone.")],
                not_sent_to_requester: true,
                ..self.for_desk(State::Open, Level::L1)
            },
            Facts {
                reasons: vec![self.say(
                    "Cette réponse est déjà partie à marie.tremblay@client.example.",
                    "This answer has left for marie.tremblay@client.example already.",
                )],
                ..self.for_desk(WAITS, Level::L1)
            },
        ]
    }

    fn refusal(&self) -> Facts {
        Facts {
            reasons: vec![self.say(
                "Commande inconnue\u{a0}: «\u{a0}#resolut\u{a0}». Vouliez-vous «\u{a0}#résolu\u{a0}»? Répondez #aide pour la liste.",
                "Unknown command: \"#solvd\". Did you mean \"#solved\"? Reply #help for the list.",
            )],
            text: self.worded(
                "#resolut\nLe câble réseau était débranché.",
                "#solvd\nThe network cable was unplugged.",
            ),
            not_sent_to_requester: true,
            ..self.for_desk(State::Open, Level::L1)
        }
    }

    fn report(&self) -> Facts {
        let known = self.for_desk(State::Open, Level::L1);
        let (state, level) = (known.standing.clone().unwrap_or_default(), known.level.clone().unwrap_or_default());
        Facts {
            done: vec![
                self.say(&format!("État\u{a0}: {state}."), &format!("State: {state}.")),
                self.say(&format!("Niveau\u{a0}: {level}."), &format!("Level: {level}.")),
                self.say("Priorité\u{a0}: 3.", "Priority: 3."),
            ],
            timeline: vec![self.entry()],
            ..known
        }
    }

    fn loss(&self) -> Facts {
        Facts {
            reasons: vec![self.say(
                "La lettre à marie.tremblay@client.example n’est pas arrivée\u{a0}: 552 5.2.2 Mailbox full",
                "The letter to marie.tremblay@client.example did not arrive: 552 5.2.2 Mailbox full",
            )],
            ..self.for_desk(State::Open, Level::L1)
        }
    }

    fn handed_back(&self) -> Facts {
        Facts {
            reasons: vec![self.say(
                "Alice Gagnon s’absente jusqu’au lundi 14 décembre à 8\u{a0}h.",
                "Alice Gagnon is away until Monday, December 14 at 08:00.",
            )],
            others: vec![self.other()],
            ..self.named()
        }
    }

    fn quarantined_mail(&self) -> Facts {
        Facts {
            reasons: vec![
                self.say(
                    "Courriel au nom de l’agent alice@desk.example, non authentifié.",
                    "Mail in the name of the agent alice@desk.example, not authenticated.",
                ),
                self.say("Objet\u{a0}: [SD R-000123] L’imprimante", "Subject: [SD R-000123] The printer"),
            ],
            text: self.worded("Bonjour, débranchez le câble réseau.", "Hello, unplug the network cable."),
            ..self.named()
        }
    }

    fn quarantined_mails(&self) -> Facts {
        Facts { quarantined: vec![self.quarantined()], ..Facts::default() }
    }

    fn week(&self) -> Facts {
        Facts {
            period: self
                .worded("du 16 novembre 2026 au 22 novembre 2026", "from November 16, 2026 to November 22, 2026"),
            sections: vec![self.section()],
            charts: vec![self.chart()],
            ..Facts::default()
        }
    }

    /// The first of these once more, on a ticket that somebody owns and that is part of a mass incident.
    fn also_in_a_crowd(&self, mut samples: Vec<Facts>) -> Vec<Facts> {
        if let Some(first) = samples.first() {
            let known = self.for_desk(State::Open, Level::L1);
            samples.push(Facts {
                major: self.worded("R-000120 · Panne des imprimantes", "R-000120 · Printers down"),
                owner: known.owner,
                state: known.state,
                standing: known.standing,
                clocks: known.clocks,
                ..first.clone()
            });
        }
        samples
    }

    fn received_at(&self) -> Option<String> {
        self.worded("20 novembre 2026 à 9\u{a0}h\u{a0}12", "November 20, 2026 at 09:12")
    }

    fn answer_by(&self) -> Option<String> {
        self.worded("vendredi 20 novembre à 11\u{a0}h\u{a0}12", "Friday, November 20 at 11:12")
    }

    fn request(&self) -> Option<String> {
        self.worded(
            "Bonjour,\n\nL’imprimante affiche «\u{a0}hors ligne\u{a0}».",
            "Hello,\n\nThe printer says “offline”.",
        )
    }

    fn brief(&self) -> Option<String> {
        self.worded(
            "Redémarrage et changement de câble sans effet. Le port du commutateur clignote.",
            "Restarting it and another cable changed nothing. The port of the switch blinks.",
        )
    }

    fn solution(&self) -> Option<String> {
        self.worded(
            "Bonjour,\n\nElle imprime de nouveau\u{a0}: le câble réseau était débranché.\n\nBonne journée",
            "Hello,\n\nIt works again: the network cable was unplugged.\n\nHave a nice day",
        )
    }

    fn files(&self) -> Vec<String> {
        vec![self.say("1. écran.png (84\u{a0}ko)", "1. screen.png (84\u{a0}kB)")]
    }
}

fn marie() -> Option<String> {
    Some("Marie Tremblay".to_owned())
}

fn alice() -> Option<String> {
    Some("Alice Gagnon".to_owned())
}

fn vendor() -> Option<String> {
    Some("acme".to_owned())
}

fn case_number() -> Option<String> {
    Some("CS-4711".to_owned())
}
