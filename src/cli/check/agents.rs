//! `guichet check agents`: whether letters reach those who answer, and whether their answers are believed, end to end.
//!
//! Each gets one letter and answers it with a command that changes nothing. What the ledger has of that answer tells the
//! rest: whoever looks again sees whose came, and whose was not believed.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::{Fault, Finding, Line};
use crate::config::Config;
use crate::desk::Desk;
use crate::gateway::hand_over;
use crate::letters::PlainLetter;
use crate::mail::{Address, Language, Mailbox, MessageId};
use crate::said;
use crate::smtp::Transport;
use crate::store::{Answered, Store};

/// A trial of an older day says nothing any more.
const HOLDS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Somebody who answers, and at which desk.
struct Person<'a> {
    address: &'a Address,
    language: Language,
    desk: &'a Desk,
}

/// A line for each: a letter sent, or what came of the one before. `anew`: a letter to all.
pub(super) async fn of(config: &Config, store: &Store, anew: bool) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for person in people(config) {
        let finding = tried(config, store, &person, anew).await?;
        lines.push(Line::new(person.address.to_string(), finding));
    }
    Ok(lines)
}

fn people(config: &Config) -> Vec<Person<'_>> {
    let desk_of = |name: Option<&String>| {
        config.policy.desks.iter().find(|desk| Some(&desk.name) == name).unwrap_or(config.policy.desks.first())
    };
    let agents = config.policy.agents.iter().map(|agent| {
        let desk = desk_of(agent.desk.as_ref());
        (&agent.address, agent.language, desk)
    });
    let members = config
        .policy
        .teams
        .iter()
        .flat_map(|team| team.members.iter().map(move |member| (member, None, desk_of(team.desk.as_ref()))));
    let mut people: Vec<Person<'_>> = Vec::new();
    for (address, language, desk) in agents.chain(members) {
        if !people.iter().any(|known| known.address.is(address)) {
            let language = language.unwrap_or(*desk.languages.first());
            people.push(Person { address, language, desk });
        }
    }
    people
}

async fn tried(config: &Config, store: &Store, person: &Person<'_>, anew: bool) -> Result<Finding> {
    let (now, kept_as) = (Timestamp::now(), format!("trial {}", person.address));
    let sent = store.setting(&kept_as).await?.and_then(|text| text.parse::<Timestamp>().ok());
    let sent = sent.filter(|sent| !anew && now.duration_since(*sent) < HOLDS);
    let Some(sent) = sent else {
        let told = letter(person, now, store.keyring().instance());
        let handed_over = match told {
            Some(bytes) => {
                let from = person.desk.addresses.first();
                let relay = Transport::Smtp(config.smtp.clone());
                hand_over(&relay, &config.signers, from, std::slice::from_ref(person.address), &bytes).await
            }
            None => Err(anyhow::anyhow!("{}", person.desk.addresses.first())),
        };
        return Ok(match handed_over {
            Ok(()) => {
                store.keep_setting(&kept_as, &now.to_string()).await?;
                Ok(said!(
                    "a letter was sent; run this again once it is answered with #help",
                    "une lettre est partie; exécutez ceci de nouveau quand on y aura répondu par #aide"
                ))
            }
            Err(error) => Err(Fault {
                problem: said!("no letter left: {error:#}", "aucune lettre n’est partie\u{a0}: {error:#}"),
                remedy: said!(
                    "Look at the line of the relay in `guichet check`.",
                    "Regardez la ligne du relais dans `guichet check`."
                ),
            }),
        });
    };
    Ok(judged(store.answered_since(person.address, sent).await?, sent))
}

fn judged(answered: Answered, sent: Timestamp) -> Finding {
    match answered {
        Answered::Proven(at) => Ok(said!(
            "answered at {at}, and was believed: letters and commands go both ways",
            "a répondu à {at} et a été cru\u{a0}: lettres et commandes passent dans les deux sens"
        )),
        Answered::Unproven(at) => Err(Fault {
            problem: said!(
                "answered at {at}, and nothing proved who wrote: commands of theirs wait in quarantine",
                "a répondu à {at}, et rien n’a prouvé qui écrivait\u{a0}: ses commandes attendent en quarantaine"
            ),
            remedy: said!(
                "See `guichet ledger list --outcome quarantine`, and authentication in docs/configuration.md: the border must say something of their mail.",
                "Voyez `guichet ledger list --outcome quarantine`, et authentication dans docs/configuration.md\u{a0}: la frontière doit dire quelque chose de son courriel."
            ),
        }),
        Answered::Not => Err(Fault {
            problem: said!("has not answered the letter of {sent}", "n’a pas répondu à la lettre de {sent}"),
            remedy: said!(
                "Ask whether it arrived, or lies with junk; `guichet check agents --again` sends another one.",
                "Demandez si elle est arrivée, ou dort parmi les indésirables; `guichet check agents --again` en envoie une autre."
            ),
        }),
    }
}

/// In the reader's language, whatever the operator's is.
fn letter(person: &Person<'_>, now: Timestamp, instance: &str) -> Option<Vec<u8>> {
    let (desk, from) = (&person.desk.display_name, person.desk.addresses.first());
    let (subject, text) = match person.language == Language::FRENCH {
        true => (
            format!("{desk}\u{a0}: répondez par #aide"),
            format!(
                "Bonjour,\n\nvous répondez pour {desk}. Répondez à cette lettre avec, sur la première ligne,\n\n#aide\n\n\
                 Vous recevrez alors la liste des commandes\u{a0}: tout fonctionne. Sinon, dites-le à qui exploite {desk}.\n"
            ),
        ),
        false => (
            format!("{desk}: answer with #help"),
            format!(
                "Hello,\n\nyou answer for {desk}. Reply to this letter with, on the first line,\n\n#help\n\n\
                 You will then get the list of commands: all works. If you do not, tell whoever runs {desk}.\n"
            ),
        ),
    };
    let id = format!("trial.{:x}@{}", now.as_nanosecond(), from.domain());
    let letter = PlainLetter {
        from: Mailbox { name: Some(desk.clone()), address: from.clone() },
        to: vec![Mailbox { name: None, address: person.address.clone() }],
        subject,
        text,
        message_id: MessageId::new(&id)?,
    };
    Some(letter.bytes(now, instance))
}
