//! The law of the desk: what is said to one audience stands in no letter to another one, unless an agent's act named it.
//! Every mail bears words of its own, so that each letter tells whose words are in it.

use std::collections::{BTreeSet, HashMap};

use guichet::desk::{Audience, Event, LedgerId, Outcome, Purpose, TicketNumber};
use guichet::mail::token::{Token, TokenAudience};
use guichet::mail::{self, ForwardSign};
use guichet::smtp::SentMail;
use guichet::store::{LedgerFilter, TicketShown};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use crate::cast::{ACME, ALICE, ANNA, BOB, DESK, L2, LUC, MARIE, PAUL, STRANGER, TOM};
use crate::client::{Client, Handing, Mail, Person, Quoting, Received, Verdict};
use crate::laws::{readers, tickets};
use crate::stage::Stage;
use crate::{held, house};

/// Was an agent, and has letters from then.
const EVE: Person =
    Person { name: "Eve Rand", address: "eve@helpdesk.test", client: Client::Thunderbird, signature: "-- \nEve Rand" };

/// Marie by another name.
const MARRIED: Person = Person { name: "Marie Lapointe", signature: "M. Lapointe-Cyr\nposte 4417", ..MARIE };

const STAFF: [&str; 4] = [ALICE.address, BOB.address, LUC.address, L2];

/// Who reads a letter outside the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reader {
    Requester,
    Vendor,
}

/// One mail of the story.
#[derive(Clone, Debug)]
struct Move {
    who: Person,
    verdict: Verdict,
    /// Any letter so far may have come into anybody's hands.
    letter: Option<Index>,
    how: How,
    carrier: Carried,
    to: To,
    copies: Vec<&'static str>,
    command: &'static str,
    /// Nothing stands below the command.
    bare: bool,
    with: With,
    english: bool,
    /// Words of an earlier mail, typed once more.
    copied: Option<Index>,
    automatic: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Answers(Quoting),
    HandsOn(Handing),
    Writes,
}

/// What of an answer's threading arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Carried {
    All,
    InReplyTo,
    Address,
    References,
    Body,
}

#[derive(Clone, Debug, PartialEq)]
enum To {
    /// As the program writes it.
    Reply,
    Desk,
    ReplyAnd(&'static str),
    DeskAnd(&'static str),
    /// The desk has it by Bcc, or by Cc.
    Only(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum With {
    Nothing,
    File,
    Picture,
    OwnLetter,
}

const PEOPLE: [&str; 7] = [MARIE.address, PAUL.address, TOM.address, BOB.address, L2, ACME, STRANGER.address];

const AGENTS_SAY: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "#note",
    "#répondre",
    "#resolved",
    "#fermer",
    "#attente requester",
    "#escalader L2",
    "#escalate L3 acme",
    "#vendor acme",
    "#vendor acme\n#pièces 1",
    "#répondre\n#pièces 1",
    "#prendre",
    "# note",
    "- #note",
    "Bonjour, #note",
    "#nonsense",
    "#cc +tom@client.test",
    "#demandeur tom@client.test",
    "#cc -paul@client.test",
];

/// These are whole mails.
const ORDERS: &[&str] = &[
    "#ok",
    "#ok",
    "#ok",
    "#annuler",
    "#libérer",
    "#publier",
    "#publier",
    "#escalate L3 acme",
    "#statut",
    "#reopen",
    "",
];

fn quoting() -> impl Strategy<Value = Quoting> {
    select(vec![
        Quoting::Own,
        Quoting::Own,
        Quoting::Marks,
        Quoting::HeaderBlock,
        Quoting::Bare,
        Quoting::Tabs,
        Quoting::Bars,
        Quoting::Blanks,
        Quoting::Html,
        Quoting::Nothing,
    ])
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        7 => quoting().prop_map(How::Answers),
        2 => select(Handing::ALL.to_vec()).prop_map(How::HandsOn),
        1 => Just(How::Writes),
    ]
}

fn to() -> impl Strategy<Value = To> {
    prop_oneof![
        6 => Just(To::Reply),
        1 => Just(To::Desk),
        1 => select(PEOPLE.to_vec()).prop_map(To::ReplyAnd),
        1 => select(PEOPLE.to_vec()).prop_map(To::DeskAnd),
        2 => select(PEOPLE.to_vec()).prop_map(To::Only),
    ]
}

fn carrier() -> impl Strategy<Value = Carried> {
    let lost = select(vec![Carried::InReplyTo, Carried::Address, Carried::References, Carried::Body]);
    prop_oneof![2 => Just(Carried::All), 1 => lost]
}

fn with() -> impl Strategy<Value = With> {
    prop_oneof![
        4 => Just(With::Nothing),
        1 => select(vec![With::File, With::Picture, With::OwnLetter])
    ]
}

fn by(people: Vec<Person>, says: impl Strategy<Value = &'static str>, bare: bool) -> impl Strategy<Value = Move> {
    let author = (select(people), prop_oneof![9 => Just(Verdict::Pass), 1 => Just(Verdict::None)]);
    let copies = prop::collection::vec(select(PEOPLE.to_vec()), 0..2);
    let texts = (says, any::<bool>(), prop::option::weighted(0.15, any::<Index>()));
    (author, any::<Index>(), how(), carrier(), to(), copies, with(), texts, prop::bool::weighted(0.04)).prop_map(
        move |((who, verdict), letter, how, carrier, to, copies, with, (command, english, copied), automatic)| Move {
            who,
            verdict,
            letter: Some(letter),
            how,
            carrier,
            to,
            copies,
            command,
            bare,
            with,
            english,
            copied,
            automatic,
        },
    )
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let agents = vec![ALICE, ALICE, BOB, LUC, EVE];
    let one = prop_oneof![
        6 => by(agents.clone(), select(AGENTS_SAY.to_vec()), false),
        3 => by(agents, select(ORDERS.to_vec()), true),
        2 => by(vec![MARIE, MARRIED, PAUL, TOM, STRANGER], Just(""), false),
        1 => by(vec![ANNA], Just(""), false),
    ];
    prop::collection::vec(one, 1..9)
}

/// The same cases every time, after the kept ones: a build fails by its own fault alone. `PROPTEST_RNG_SEED` and `PROPTEST_CASES`
/// look for others.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 48 };
    let rng_seed = if matches!(asked.rng_seed, RngSeed::Random) { RngSeed::Fixed(10) } else { asked.rng_seed };
    ProptestConfig { cases, rng_seed, max_shrink_iters: 200, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_crosses_to_an_audience_that_it_was_not_meant_for(moves in moves()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&moves));
    }
}

/// What was said in one mail, and who may read it outside the desk.
#[derive(Clone, Debug)]
struct Said {
    by: &'static str,
    /// Words that stand in no other mail.
    words: String,
    /// Where an agent meant it for.
    meant: BTreeSet<Reader>,
    may: BTreeSet<Reader>,
    mail: Mail,
    /// All of it, in lower case.
    whole: String,
    /// An earlier mail whose words were typed once more.
    copies: Option<usize>,
    orders_publication: bool,
    names_request: bool,
    attaches: bool,
    /// The agent wrote plainly, and nothing keeps the words from the requester.
    is_plain_answer: bool,
}

/// A story, and what was said in it; the n-th mail has the n-th ledger row.
struct World {
    stage: Stage,
    said: Vec<Said>,
}

async fn play(moves: &[Move]) {
    let mut world = World { stage: Stage::in_memory().await, said: Vec::new() };
    world.begin().await;
    for one in moves {
        world.one(one).await;
    }
    world.judge().await;
}

fn plain(who: Person, command: &'static str) -> Move {
    Move {
        who,
        verdict: Verdict::Pass,
        letter: None,
        how: How::Answers(Quoting::Own),
        carrier: Carried::All,
        to: To::Reply,
        copies: Vec::new(),
        command,
        bare: false,
        with: With::Nothing,
        english: false,
        copied: None,
        automatic: false,
    }
}

impl World {
    /// A request, a note, a case with its answer, and a public answer; Eve reads along until she leaves.
    async fn begin(&mut self) {
        let mut policy = house::policy();
        policy.agents.push(guichet::desk::Agent {
            address: house::address(EVE.address),
            name: EVE.name.to_owned(),
            ..policy.agents[1].clone()
        });
        self.stage.gateway.policy = policy;
        let request = Move { how: How::Writes, copies: vec![PAUL.address], with: With::File, ..plain(MARIE, "") };
        self.play(&request, None).await;
        self.stage.gateway.policy = house::policy();
        let news = self.stage.last_to(ALICE.address);
        self.play(&Move { with: With::File, ..plain(ALICE, "#note") }, Some(news.clone())).await;
        self.play(&plain(ALICE, "#escalate L3 acme"), Some(news.clone())).await;
        self.play(&plain(ANNA, ""), Some(self.stage.last_to(ACME))).await;
        self.play(&plain(ALICE, "#répondre"), Some(news)).await;
    }

    async fn one(&mut self, one: &Move) {
        let letter = one.letter.map(|letter| letter.get(self.stage.letters()).1.clone());
        self.play(one, letter).await;
        self.what_waits_reached_nobody().await;
    }

    /// Before an agent's `#ok`, words that wait are nobody's, unless another mail has them too.
    async fn what_waits_reached_nobody(&self) {
        for shown in tickets(&self.stage).await {
            for ledger in shown.ticket.held {
                let at = usize::try_from(ledger.0 - 1).unwrap();
                let words = &self.said[at].words;
                let of_others =
                    self.said.iter().enumerate().any(|(other, said)| other != at && holds(&said.whole, words));
                if !of_others {
                    held::nobody_outside_read(&self.stage, words);
                }
            }
        }
    }

    async fn play(&mut self, one: &Move, letter: Option<Received>) {
        let number = self.said.len();
        let said = self.said(one, letter.as_ref(), number).await;
        let before = self.stage.letters().len();
        let mail = said.mail.clone();
        self.said.push(said);
        self.stage.mail(&mail).await;
        self.hears_of_it(number, before, one, letter.as_ref());
    }

    /// Words of its own for a mail: nine, of which no eight in a row stand anywhere else.
    fn words(number: usize) -> String {
        let mark = [number / 26, number % 26].map(|at| char::from(b'a' + u8::try_from(at).unwrap()));
        let mark: String = mark.iter().collect();
        ["amande", "bergamote", "cardamome", "datte", "estragon", "fenouil", "girofle", "hysope", "iris"]
            .map(|word| format!("{word}{mark}"))
            .join(" ")
    }

    async fn said(&self, one: &Move, letter: Option<&Received>, number: usize) -> Said {
        let words = World::words(number);
        let is_order = one.bare;
        let names = match (
            one.command,
            self.said.iter().any(|said| {
                said.by == MARIE.address && said.mail.from.contains("Lapointe") && said.mail.fields.is_empty()
            }),
        ) {
            ("#escalate L3 acme" | "#vendor acme", true) => {
                "\nMarie Tremblay, now Lapointe, marie@client.test, writes so."
            }
            ("#escalate L3 acme" | "#vendor acme", false) => {
                "\nMarie Tremblay (514 555-0142) writes so to Mme Tremblay."
            }
            _ => "",
        };
        let greeting =
            if one.english { "Hello, this is what we see here today:" } else { "Bonjour, voici ce que nous voyons :" };
        let copies = one
            .copied
            .filter(|_| number > 0 && !is_order && STAFF.contains(&one.who.address))
            .map(|at| at.index(number))
            // Only what somebody really wrote can be copied.
            .filter(|at| self.said[*at].mail.text.contains(&self.said[*at].words));
        let copied = copies.map(|at| self.said[at].words.clone());
        let text = match is_order {
            true => one.command.to_owned(),
            false => {
                let copied = copied.map(|copied| format!("\n{copied}")).unwrap_or_default();
                format!("{}\n{greeting}\n{words}{names}{copied}", one.command).trim_start().to_owned()
            }
        };
        let mail = addressed(one, letter, &text, number);
        let ears = if STAFF.contains(&one.who.address) && one.verdict == Verdict::Pass && !one.automatic {
            self.meant(one, letter, &mail, is_order).await
        } else {
            BTreeSet::new()
        };
        let is_staff = STAFF.contains(&one.who.address);
        let by_requester = !is_staff && one.who.address != ANNA.address && one.who.address != EVE.address;
        let mut may = ears.clone();
        may.extend(by_requester.then_some(Reader::Requester));
        may.extend((one.who.address == ANNA.address).then_some(Reader::Vendor));
        Said {
            by: one.who.address,
            words,
            is_plain_answer: is_staff && one.command.is_empty() && !is_order && ears.contains(&Reader::Requester),
            meant: ears,
            may,
            copies,
            orders_publication: is_staff && one.command == "#publier",
            whole: everything_in(&Received::new(mail.bytes())).to_lowercase(),
            names_request: is_staff && one.command == "#escalate L3 acme" && is_order,
            attaches: is_staff && one.command.contains("#pièces"),
            mail,
        }
    }

    /// For whom an agent's words are: the product's rule, once more and in few words.
    async fn meant(&self, one: &Move, letter: Option<&Received>, mail: &Mail, is_order: bool) -> BTreeSet<Reader> {
        let command = one.command.lines().next().unwrap_or_default();
        match command {
            _ if is_order && !command.is_empty() => return BTreeSet::new(),
            "#répondre" | "#resolved" | "#fermer" | "#attente requester" => return [Reader::Requester].into(),
            "#escalate L3 acme" | "#vendor acme" => return [Reader::Vendor].into(),
            "" | "#prendre" | "#cc +tom@client.test" | "#demandeur tom@client.test" | "#cc -paul@client.test" => {}
            _ => return BTreeSet::new(),
        }
        let handed_on =
            matches!(one.how, How::HandsOn(_)) || mail::parse(&mail.bytes()).forwards == Some(ForwardSign::Attached);
        let all = tickets(&self.stage).await;
        let answered = letter.filter(|_| !handed_on && one.how != How::Writes).and_then(|letter| {
            let found = all.iter().find_map(|shown| {
                Some((shown, shown.letters.iter().find(|sent| is(sent.message_id.as_ref(), letter))?))
            });
            let named = mail.in_reply_to.is_some() || mail.to.iter().any(|to| to.contains('+'));
            found.filter(|_| named)
        });
        let parsed = mail::parse(&mail.bytes());
        let of_ticket: BTreeSet<String> = all.iter().flat_map(readers).collect();
        let is_desk = |to: &str| to == DESK || to.contains('+');
        let only_people = parsed.to.iter().all(|to| is_desk(to.as_str()) || of_ticket.contains(to.as_str()));
        let to_desk = parsed.to.iter().any(|to| is_desk(to.as_str()));
        if !only_people || handed_on {
            return BTreeSet::new();
        }
        if !to_desk {
            return [Reader::Requester].into();
        }
        let public = answered.is_some_and(|(_, sent)| match sent.audience {
            Audience::Desk => matches!(sent.purpose, Purpose::NewTicket | Purpose::RequesterAnswered),
            Audience::Requester | Audience::Vendor(_) => false,
        });
        if public { [Reader::Requester].into() } else { BTreeSet::new() }
    }

    /// An agent is told what became of a mail, unless its words plainly left.
    fn hears_of_it(&self, number: usize, before: usize, one: &Move, letter: Option<&Received>) {
        let said = &self.said[number];
        let new = &self.stage.letters()[before..];
        if one.automatic {
            // Colleagues may hear of words under a mark, and nobody else.
            let by_staff = STAFF.contains(&said.by);
            let leaves = |(sent, _): &(SentMail, Received)| !STAFF.iter().any(|staff| goes_to(sent, staff));
            let answered = new.iter().any(|letter| goes_to(&letter.0, said.by) || by_staff && leaves(letter));
            assert!(!answered, "automatic mail was answered:\n{}", self.stage.story());
        }
        // A forged mail is told of once an hour; what is let out of quarantine is told to whoever works on its ticket.
        let is_about_no_ticket =
            letter.is_some_and(|letter| Token::find_all(&letter.id()).iter().any(|token| token.ticket == 0));
        let lets_out = one.command == "#libérer" || one.command == "#ok" && is_about_no_ticket;
        if one.automatic || lets_out || one.verdict != Verdict::Pass || !STAFF.contains(&said.by) {
            return;
        }
        let told = new.iter().any(|(sent, _)| goes_to(sent, said.by));
        let file = file_name(number);
        let encloses = |letter: &Received| letter.mail.attachments.iter().any(|part| part.safe_name.contains(&file));
        let left = new.iter().any(|(_, letter)| shows(letter, &said.words) || encloses(letter));
        assert!(told || left, "{} hears nothing of {number}:\n{}", said.by, self.stage.story());
        if said.is_plain_answer && said.mail.to.iter().any(|to| to == DESK || to.contains('+')) {
            let reached = new.iter().any(|(sent, letter)| !goes_to(sent, said.by) && shows(letter, &said.words));
            assert!(reached || told, "an answer is lost:\n{}", self.stage.story());
        }
    }

    async fn judge(mut self) {
        let all = tickets(&self.stage).await;
        let ticket_of = self.ticket_of_mails().await;
        self.let_pass_what_was_named(&all, &ticket_of);
        let of: HashMap<String, (&TicketShown, &Audience)> = all
            .iter()
            .flat_map(|shown| shown.letters.iter().map(move |letter| (shown, letter)))
            .filter_map(|(shown, letter)| {
                Some((letter.message_id.as_ref()?.as_str().to_owned(), (shown, &letter.audience)))
            })
            .collect();
        for (at, (sent, letter)) in self.stage.letters().iter().enumerate() {
            let known = of.get(&letter.id());
            let reader = match known.map(|(_, audience)| audience) {
                Some(Audience::Requester) => Reader::Requester,
                Some(Audience::Vendor(_)) => Reader::Vendor,
                Some(Audience::Desk) | None => {
                    // The first letters left while Eve worked here.
                    let staff = sent
                        .recipients
                        .iter()
                        .all(|to| STAFF.contains(&to.as_str()) || to.as_str() == EVE.address && at < 4);
                    assert!(staff, "an inner letter went to {:?}:\n{}", sent.recipients, self.stage.story());
                    continue;
                }
            };
            let shown = known.map(|(shown, _)| *shown).unwrap();
            let parties = if reader == Reader::Vendor { [ACME.to_owned()].into() } else { readers(shown) };
            for to in &sent.recipients {
                assert!(parties.contains(to.as_str()), "{to} is no party:\n{}", self.stage.story());
            }
            let is_maries = readers(shown).contains(MARIE.address);
            self.keeps_to(letter, reader, shown.ticket.number, is_maries, &ticket_of);
        }
        self.one_ok_is_one_letter(&all);
        held::each_held_mail_ends_once(&self.stage).await;
    }

    /// What an agent's act let through: an answer published, a request that is the brief, what was held and let go.
    fn let_pass_what_was_named(&mut self, all: &[TicketShown], ticket_of: &HashMap<usize, TicketNumber>) {
        let history = || all.iter().flat_map(|shown| &shown.history);
        let mail = |ledger: LedgerId| usize::try_from(ledger.0 - 1).unwrap();
        let released: BTreeSet<usize> = history()
            .filter_map(|happened| match happened.event {
                Event::Released { ledger: Some(ledger) } => Some(mail(ledger)),
                _ => None,
            })
            .collect();
        let held: BTreeSet<usize> = history()
            .filter_map(|happened| match happened.event {
                Event::Held { ledger: Some(ledger), .. } => Some(mail(ledger)),
                _ => None,
            })
            .collect();
        // Twice: what was named may name others.
        for at in (0..self.said.len()).chain(0..self.said.len()) {
            let said = self.said[at].clone();
            for other in 0..self.said.len() {
                let mut named: BTreeSet<Reader> = BTreeSet::new();
                let (by_vendor, by_requester) =
                    (self.said[other].by == ANNA.address, self.said[other].may.contains(&Reader::Requester));
                if said.orders_publication && by_vendor {
                    named.insert(Reader::Requester);
                }
                if said.names_request && by_requester {
                    named.insert(Reader::Vendor);
                }
                let stands_in_it = other < at && holds(&said.whole, &self.said[other].words);
                if stands_in_it && (released.contains(&at) || by_requester) {
                    named.extend(&said.meant);
                }
                // Somebody outside who says it has it.
                if stands_in_it && !STAFF.contains(&said.by) {
                    named.extend(&said.may);
                }
                // What was held nobody has said yet, and of other tickets a ticket knows nothing.
                let is_free = held.contains(&other) || ticket_of.get(&other) != ticket_of.get(&at);
                if said.copies == Some(other) && is_free {
                    named.extend(&said.meant);
                }
                self.said[other].may.extend(named);
            }
        }
    }

    async fn ticket_of_mails(&self) -> HashMap<usize, TicketNumber> {
        let lines = self.stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
        let on_ticket = lines.into_iter().filter_map(|line| match line.outcome {
            Some(Outcome::Ticket(ticket)) => Some((usize::try_from(line.id.0 - 1).ok()?, ticket)),
            _ => None,
        });
        on_ticket.collect()
    }

    fn keeps_to(
        &self,
        letter: &Received,
        reader: Reader,
        ticket: TicketNumber,
        is_maries: bool,
        ticket_of: &HashMap<usize, TicketNumber>,
    ) {
        let story = self.stage.story();
        let all = everything_in(letter);
        let own = if reader == Reader::Vendor { TokenAudience::Vendor } else { TokenAudience::Requester };
        for token in Token::find_all(&all) {
            assert!(token.audience == own && token.ticket == ticket.0, "{token} in a letter to {reader:?}:\n{story}");
        }
        let folded = all.to_lowercase();
        let names: &[&str] = match reader {
            Reader::Vendor if !is_maries => &["helpdesk.test"],
            Reader::Vendor => {
                &["marie", "tremblay", "lapointe", "cyr", "client.test", "helpdesk.test", "555-0142", "4417"]
            }
            Reader::Requester => &["acme", "anna", "alice@", "bob@", "luc@", "n2@"],
        };
        let read = read_by_a_person(letter);
        for name in names {
            assert!(!read.contains(name), "{name} in a letter to {reader:?}:\n{all}\n{story}");
        }
        let attached = self.said.iter().any(|said| said.attaches && said.meant.contains(&reader));
        for (at, said) in self.said.iter().enumerate() {
            let mut marks = said.words.split(' ');
            let found = marks.any(|mark| folded.contains(mark));
            let copied = self
                .said
                .iter()
                .zip(0..)
                .any(|(other, from)| other.copies == Some(at) && ticket_of.get(&from) == Some(&ticket));
            let may = said.may.contains(&reader) && (copied || ticket_of.get(&at) == Some(&ticket));
            assert!(!found || may, "words of mail {at} by {} in a letter to {reader:?}:\n{all}\n{story}", said.by);
            let file = letter.mail.attachments.iter().any(|file| file.safe_name.contains(&file_name(at)));
            let may = may || said.orders_publication && reader == Reader::Requester;
            let noted = STAFF.contains(&said.by) && said.meant.is_empty();
            assert!(
                !file || may || attached && !noted,
                "the file of mail {at} by {} in a letter to {reader:?}:\n{story}",
                said.by
            );
        }
    }

    /// No words of one mail open two letters, and none that was withdrawn.
    fn one_ok_is_one_letter(&self, all: &[TicketShown]) {
        for (at, said) in self.said.iter().enumerate().filter(|(_, said)| STAFF.contains(&said.by)) {
            let row = LedgerId(i64::try_from(at).unwrap() + 1);
            let withdrawn = all
                .iter()
                .flat_map(|shown| &shown.history)
                .any(|happened| happened.event == Event::Withdrawn { ledger: Some(row) });
            let outside =
                all.iter().flat_map(|shown| &shown.letters).filter(|letter| letter.audience != Audience::Desk);
            let opens = |text: &str| text.lines().nth(1).is_some_and(|line| line == said.words);
            let letters = outside.filter(|letter| letter.text.as_deref().is_some_and(opens)).count();
            let most = usize::from(!withdrawn);
            assert!(letters <= most, "{letters} letters of mail {at}, withdrawn: {withdrawn}\n{}", self.stage.story());
        }
    }
}

fn is(id: Option<&guichet::mail::MessageId>, letter: &Received) -> bool {
    id.is_some_and(|id| id.as_str() == letter.id())
}

fn goes_to(sent: &SentMail, address: &str) -> bool {
    let team = address == LUC.address;
    sent.recipients.iter().any(|to| to.as_str() == address || team && to.as_str() == L2)
}

fn shows(letter: &Received, words: &str) -> bool {
    holds(&everything_in(letter).to_lowercase(), words)
}

fn holds(text: &str, words: &str) -> bool {
    words.split(' ').any(|word| text.contains(word))
}

/// Header, texts and files, decoded.
fn everything_in(letter: &Received) -> String {
    let mail = &letter.mail;
    let mut all = String::from_utf8_lossy(&letter.bytes).replace("=\r\n", "").replace("\r\n ", "");
    all += &format!("\n{}\n{}\n{}", mail.subject, mail.body.text, mail.body.html_text());
    for (index, file) in mail.attachments.iter().enumerate() {
        let bytes = mail::attachment_bytes(&letter.bytes, index).unwrap_or_default();
        all += &format!("\n{}\n{}", file.safe_name, String::from_utf8_lossy(&bytes));
    }
    all
}

/// What a reader sees, in lower case: no token, nor what stands for bytes.
fn read_by_a_person(letter: &Received) -> String {
    let mail = &letter.mail;
    let people = mail.from.iter().chain(&mail.reply_to);
    let mut all: Vec<String> = people.map(|one| one.name.clone().unwrap_or_default()).collect();
    all.extend([mail.subject.clone(), mail.body.text.clone(), mail.body.html_text().to_string()]);
    all.extend(mail.attachments.iter().map(|file| file.safe_name.clone()));
    let words = all.iter().flat_map(|text| text.split_whitespace()).filter(|word| Token::find_all(word).is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn file_name(number: usize) -> String {
    format!("dossier-{number:03}")
}

fn addressed(one: &Move, letter: Option<&Received>, text: &str, number: usize) -> Mail {
    let who = &one.who;
    let mut mail = match (one.how, letter) {
        (How::Answers(quoting), Some(letter)) => who.answers_showing(letter, text, quoting),
        (How::HandsOn(how), Some(letter)) => who.hands_on(letter, how, text),
        (How::Writes, _) | (_, None) => who.writes(&format!("Clavier {number}"), text),
    };
    if matches!(one.how, How::Answers(_)) {
        let reply_to = mail.to[0].clone();
        mail = match one.carrier {
            Carried::All => mail,
            Carried::InReplyTo => Mail { references: Vec::new(), ..mail }.to(&[DESK]),
            Carried::Address => mail.unthreaded().to(&[&reply_to]),
            Carried::References => Mail { in_reply_to: None, ..mail }.to(&[DESK]),
            Carried::Body => mail.unthreaded().to(&[DESK]),
        };
    }
    let reply = mail.to[0].clone();
    mail = match one.to {
        To::Reply => mail,
        To::Desk => mail.to(&[DESK]),
        To::ReplyAnd(other) => mail.to(&[&reply, other]),
        To::DeskAnd(other) => mail.to(&[DESK, other]),
        To::Only(other) => mail.to(&[other]),
    };
    mail = mail.cc(&one.copies).judged(one.verdict).again(number);
    if one.automatic {
        mail = mail.with("Auto-Submitted", "auto-generated");
    }
    match (one.with, letter) {
        (With::Nothing, _) | (With::OwnLetter, None) => mail,
        (With::File, _) => mail.attached(&format!("{}.txt", file_name(number)), "text/plain", b"un, deux, trois"),
        (With::Picture, _) => mail.attached(&format!("{}.png", file_name(number)), "image/png", b"\x89PNG\r\n\x1a\n"),
        (With::OwnLetter, Some(letter)) => mail.attached("lettre.eml", "message/rfc822", &letter.bytes),
    }
}
