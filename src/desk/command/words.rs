//! The words that start a command, and what may stand behind each.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::date;
use super::hour::{Unclear, plain};
use super::rest::{Rest, Wrong, bare, key, missing};
use super::{AgentName, Command, Major, Names, WaitFor, Wanted, When};
use crate::desk::{Level, TicketNumber, nearest};
use crate::mail::Address;

/// Takes a command's arguments off what stands behind its word.
pub(super) type Reader = fn(&mut Rest<'_>, &Names<'_>) -> Result<Command, Wrong>;

/// A command: its words, French participles in the masculine singular (feminine and plural are as good), and what reads its
/// arguments.
type Known = (&'static [&'static str], &'static [&'static str], Reader);

const COMMANDS: &[Known] = &[
    (&["note", "noter", "noted"], &["noté"], |_, _| Ok(Command::Note)),
    (&["répondre", "réponse", "reply"], &[], |_, _| Ok(Command::Reply)),
    (&["prendre", "take", "taken"], &["pris"], |_, _| Ok(Command::Take)),
    (&["assigner", "assign", "assigned"], &["assigné"], assign),
    (&["escalader", "escalade", "escalate", "escalated"], &["escaladé"], escalate),
    (&["retour", "retourner", "return", "returned"], &["retourné"], give_back),
    (&["attente", "attendre", "pending"], &["attendu"], pending),
    (&["résolu", "résoudre", "solved", "resolved", "solve", "resolve"], &["résolu"], solved),
    (&["rouvrir", "réouvrir", "reopen", "reopened"], &["rouvert", "réouvert"], |_, _| Ok(Command::Reopen)),
    (&["fermer", "close", "closed"], &["fermé"], |_, _| Ok(Command::Close)),
    (&["priorité", "priority"], &[], priority),
    (&["service"], &[], |rest, _| rest.line().map(Command::Service).ok_or(missing(Wanted::Service))),
    (&["desk"], &[], desk),
    (&["cc"], &[], cc),
    (&["demandeur", "demandeuse", "requester"], &[], |rest, _| {
        rest.parsed(|| Wanted::Requester).map(Command::Requester)
    }),
    (&["solution", "fix"], &[], fix),
    (&["fusionner", "merge", "merged"], &["fusionné"], |rest, _| reference(rest).map(Command::Merge)),
    (&["lier", "link", "linked"], &["lié"], |rest, _| reference(rest).map(Command::Link)),
    (&["scinder", "scission", "split"], &["scindé"], |rest, _| {
        rest.line().map(Command::Split).ok_or(missing(Wanted::TicketTitle))
    }),
    (&["majeur", "majeure", "major"], &[], |rest, _| Ok(Command::Major(major(rest)))),
    (&["spam"], &[], |_, _| Ok(Command::Spam)),
    (&["fournisseur", "vendor"], &[], vendor),
    (&["consulter", "consult", "consulted"], &["consulté"], |rest, _| {
        rest.past_to();
        rest.parsed(|| Wanted::Consulted).map(Command::Consult)
    }),
    (&["pièces", "pièce", "attach", "attached"], &[], attach),
    (&["publier", "publish", "published"], &["publié"], |_, _| Ok(Command::Publish)),
    (&["absent", "absente", "away"], &[], absent),
    (&["présent", "présente", "back"], &[], |_, _| Ok(Command::Present)),
    (&["statut", "status"], &[], |_, _| Ok(Command::Status)),
    (&["liste", "list"], &[], |_, _| Ok(Command::List)),
    (&["chercher", "cherche", "recherche", "rechercher", "search", "find"], &["cherché"], |rest, _| {
        rest.line().map(Command::Search).ok_or(missing(Wanted::Words))
    }),
    (&["voir", "montrer", "show"], &[], |rest, _| reference(rest).map(Command::Show)),
    (&["aide", "help"], &[], |_, _| Ok(Command::Help)),
    (&["aperçu", "preview"], &[], |_, _| Ok(Command::Preview)),
    (&["annuler", "cancel", "canceled", "cancelled"], &["annulé"], |_, _| Ok(Command::Cancel)),
    (&["ok"], &[], |_, _| Ok(Command::Ok)),
    (&["libérer", "release", "released"], &["libéré"], release),
];

/// Words that people write for a command and that are none, with the command that is meant.
const MEANT: &[(&str, &str)] = &[
    ("envoyer", "répondre"),
    ("envoye", "répondre"),
    ("repondu", "répondre"),
    ("sent", "reply"),
    ("send", "reply"),
    ("answer", "reply"),
    ("replied", "reply"),
    ("interne", "note"),
    ("internal", "note"),
    ("prive", "note"),
    ("private", "note"),
    ("regle", "résolu"),
    ("regler", "résolu"),
    ("corrige", "résolu"),
    ("repare", "résolu"),
    ("termine", "résolu"),
    ("fini", "résolu"),
    ("clos", "fermer"),
    ("clore", "fermer"),
    ("cloture", "fermer"),
    ("cloturer", "fermer"),
    ("fixed", "solved"),
    ("done", "solved"),
    ("attribuer", "assigner"),
    ("attribue", "assigner"),
    ("transferer", "assigner"),
    ("transfere", "assigner"),
    ("joindre", "pièces"),
    ("joint", "pièces"),
    ("ouvrir", "rouvrir"),
    ("ouvert", "rouvrir"),
    ("renvoyer", "retour"),
    ("renvoye", "retour"),
    ("separer", "scinder"),
    ("diviser", "scinder"),
    ("divide", "split"),
    ("supprimer", "spam"),
    ("pourriel", "spam"),
    ("urgent", "priorité"),
    ("absence", "absent"),
    ("conge", "absent"),
    ("vacance", "absent"),
    ("vacation", "away"),
    ("revenu", "présent"),
];

/// Of participles: masculine and feminine, singular and plural.
const ENDINGS: [&str; 4] = ["", "e", "s", "es"];

static READERS: LazyLock<HashMap<String, Reader>> = LazyLock::new(|| {
    let mut readers: HashMap<String, Reader> = HashMap::new();
    for (words, participles, reader) in COMMANDS {
        for word in *words {
            readers.insert(key(word), *reader);
        }
        for participle in *participles {
            for ending in ENDINGS {
                readers.entry(key(participle) + ending).or_insert(*reader);
            }
        }
    }
    readers
});

/// Every word of every command.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().flat_map(|(words, participles, _)| words.iter().chain(*participles)).copied()
}

pub(super) fn reader_of(word: &str) -> Option<Reader> {
    READERS.get(&key(word)).copied()
}

/// Whether the word, without `#`, is a command that is said to the program and not of a ticket.
pub(super) fn is_for_the_program(word: &str) -> bool {
    match reader_of(word).map(|reader| reader(&mut Rest(""), &Names::default())) {
        Some(Ok(command)) => command.is_for_the_program(),
        Some(Err(wrong)) => matches!(wrong.wanted, Wanted::Absence | Wanted::Words),
        None => false,
    }
}

/// The command that an unknown word was meant for.
pub(super) fn meant_by(word: &str) -> Option<&'static str> {
    let word = key(word);
    let is_meant = |known: &str| ENDINGS.iter().any(|ending| word.strip_suffix(ending) == Some(known));
    if let Some((_, meant)) = MEANT.iter().find(|(known, _)| is_meant(known)) {
        return Some(meant);
    }
    let words = COMMANDS.iter().flat_map(|(words, ..)| *words);
    nearest(&word, words.map(|known| (key(known), *known)))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn assign(rest: &mut Rest<'_>, names: &Names<'_>) -> Result<Command, Wrong> {
    rest.past_to();
    if let Some(address) = rest.peek().and_then(|word| bare(word).parse().ok()) {
        rest.word();
        return Ok(Command::Assign(address));
    }
    let wrong = |rest: &Rest<'_>, of: &[&AgentName<'_>], wanted: fn(Vec<String>) -> Wanted| {
        rest.wrong(wanted(of.iter().map(|agent| agent.address.to_string()).collect()))
    };
    let named = named_agents(rest, &names.agents);
    match named.as_slice() {
        [] => Err(wrong(rest, &names.agents.iter().collect::<Vec<_>>(), Wanted::Agent)),
        [(agent, behind)] => {
            *rest = *behind;
            // `Bob Roy <bob@example.com>`
            let address =
                rest.word_if(|word| word.starts_with('<')).and_then(|word| bare(word).parse::<Address>().ok());
            Ok(Command::Assign(address.unwrap_or_else(|| agent.address.clone())))
        }
        several => Err(wrong(rest, &several.iter().map(|(agent, _)| *agent).collect::<Vec<_>>(), Wanted::OneOfAgents)),
    }
}

/// Agents whose full name stands here, else those of whom one word does: a part of the name, or of the address what stands before
/// the `@`.
fn named_agents<'n, 'r>(rest: &Rest<'r>, agents: &'n [AgentName<'n>]) -> Vec<(&'n AgentName<'n>, Rest<'r>)> {
    let full: Vec<_> = agents.iter().filter_map(|agent| Some((agent, rest.behind(agent.name)?))).collect();
    if !full.is_empty() {
        return full;
    }
    let mut behind = *rest;
    let Some(word) = behind.word().map(|word| key(bare(word).trim_start_matches('@'))) else { return Vec::new() };
    let is_named = |agent: &&AgentName<'_>| {
        let local_part = agent.address.as_str().split('@').next().unwrap_or_default();
        agent.name.split_whitespace().chain([local_part]).any(|part| key(part) == word)
    };
    agents.iter().filter(is_named).map(|agent| (agent, behind)).collect()
}

fn escalate(rest: &mut Rest<'_>, names: &Names<'_>) -> Result<Command, Wrong> {
    rest.past_to();
    let vendors = || names.vendors.iter().copied();
    let wanted = || Wanted::LevelAbove(rest.clone().name(vendors()).or(vendors().next()).map(str::to_owned));
    let level = match rest.clone().parsed(wanted)? {
        Level::L1 => return Err(rest.wrong(wanted())),
        level => level,
    };
    rest.word();
    if level != Level::L3 || rest.peek().is_none() {
        return Ok(Command::Escalate { level, vendor: None });
    }
    // A dash sets a brief apart, as a colon does.
    if rest.word_if(|word| matches!(word, "-" | "–" | "—")).is_some() {
        return Ok(Command::Escalate { level, vendor: None });
    }
    match rest.name(vendors()) {
        Some(vendor) => Ok(Command::Escalate { level, vendor: Some(vendor.to_owned()) }),
        None => Err(rest.wrong(Wanted::VendorOfL3(owned(&names.vendors)))),
    }
}

fn reference(rest: &mut Rest<'_>) -> Result<TicketNumber, Wrong> {
    rest.past_to();
    rest.parsed(|| Wanted::Reference)
}

fn desk(rest: &mut Rest<'_>, names: &Names<'_>) -> Result<Command, Wrong> {
    rest.past_to();
    let name = rest.name(names.desks.iter().copied()).map(|name| Command::Desk(name.to_owned()));
    name.ok_or_else(|| rest.wrong(Wanted::Desk(owned(&names.desks))))
}

fn fix(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    match rest.word_if(|word| matches!(key(bare(word)).as_str(), "nouveau" | "nouvelle" | "new")) {
        Some(_) => rest.line().map(Command::Draft).ok_or(missing(Wanted::Title)),
        None => match rest.word().map(bare).filter(|id| !id.is_empty()) {
            Some(id) => Ok(Command::Fix(id.to_owned())),
            None => Err(missing(Wanted::Fix)),
        },
    }
}

fn give_back(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    rest.past_to();
    match rest.clone().parsed(|| Wanted::LevelBelow)? {
        Level::L3 => Err(rest.wrong(Wanted::LevelBelow)),
        level => {
            rest.word();
            Ok(Command::Return(level))
        }
    }
}

fn pending(rest: &mut Rest<'_>, names: &Names<'_>) -> Result<Command, Wrong> {
    let wait = match rest.peek().map(|word| key(bare(word))).unwrap_or_default().as_str() {
        "requester" | "client" | "cliente" | "demandeur" | "demandeuse" | "customer" => Some(WaitFor::Requester),
        "vendor" | "fournisseur" => Some(WaitFor::Vendor),
        _ => None,
    };
    if let Some(wait) = wait {
        rest.word();
        return Ok(Command::Pending(wait));
    }
    match date::when(rest, names.today) {
        Ok(Some(when)) => Ok(Command::Pending(WaitFor::Until(when))),
        Ok(None) => Err(past_prepositions(*rest).wrong(Wanted::Wait)),
        Err(Unclear) => Err(past_prepositions(*rest).wrong_line(Wanted::Wait)),
    }
}

/// `lundi`, `3 jours`, `du 3 au 10 décembre`.
fn absent(rest: &mut Rest<'_>, names: &Names<'_>) -> Result<Command, Wrong> {
    let range = date::range(rest, names.today, date::named);
    let range = range.map(|range| range.map(|(from, until)| (Some(When::Day(from)), When::Day(until))));
    let alone = |rest: &mut Rest<'_>| date::when(rest, names.today).map(|when| when.map(|until| (None, until)));
    let read = match range {
        Ok(None) => alone(rest),
        read => read,
    };
    match read {
        Ok(Some((from, until))) => Ok(Command::Absent { from, until }),
        Ok(None) => Err(past_prepositions(*rest).wrong(Wanted::Absence)),
        Err(Unclear) => Err(past_prepositions(*rest).wrong_line(Wanted::Absence)),
    }
}

/// Past what leads to a day.
fn past_prepositions(mut rest: Rest<'_>) -> Rest<'_> {
    while rest.word_if(|word| date::is_lead(&plain(word))).is_some() {}
    rest
}

fn solved(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    let is_code = |word: &str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    Ok(Command::Solved(rest.word_if(is_code).map(str::to_owned)))
}

fn priority(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    rest.past_to();
    let wrong = rest.wrong(Wanted::Priority);
    let priority: u8 = rest.parsed(|| Wanted::Priority)?;
    if (1..=4).contains(&priority) { Ok(Command::Priority(priority)) } else { Err(wrong) }
}

fn cc(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    while let Some(word) = rest.address_word() {
        for word in word.split([',', ';']).filter(|word| !word.is_empty()) {
            let wrong = |_| Wrong { written: Some(word.to_owned()), wanted: Wanted::Participants };
            match bare(word).strip_prefix('-') {
                Some(address) => remove.push(bare(address).parse().map_err(wrong)?),
                None => add.push(bare(bare(word).trim_start_matches('+')).parse().map_err(wrong)?),
            }
        }
    }
    if add.is_empty() && remove.is_empty() {
        Err(rest.wrong(Wanted::Participants))
    } else {
        Ok(Command::Cc { add, remove })
    }
}

impl<'a> Rest<'a> {
    /// The next word that holds an address, past an `et` or `and`.
    fn address_word(&mut self) -> Option<&'a str> {
        self.past_and(|word| word.contains('@'))
    }

    /// Past what leads to an argument: `#assignée à Bob`, `#escalader au N2`, `#merge with R-2`.
    fn past_to(&mut self) {
        let leads = ["a", "au", "aux", "avec", "dans", "vers", "chez", "niveau", "billet", "no"];
        let leads_in_english = ["to", "with", "into", "the", "level", "ticket"];
        while self.word_if(|word| leads.iter().chain(&leads_in_english).any(|lead| *lead == key(word))).is_some() {}
    }

    /// The next word if it fits, past an `et`, `and` or `&`.
    fn past_and(&mut self, fits: impl Fn(&str) -> bool) -> Option<&'a str> {
        let mut behind = *self;
        behind.word_if(|word| matches!(key(word).as_str(), "et" | "and" | "&"));
        let word = behind.word_if(fits)?;
        *self = behind;
        Some(word)
    }
}

/// A title, a reference that is written as one (`R-000123`: a title may begin with a number), a dash with or without one, or
/// nothing.
fn major(rest: &mut Rest<'_>) -> Major {
    let reference =
        |word: &str| bare(word).to_ascii_lowercase().starts_with("r-").then(|| bare(word).parse().ok()).flatten();
    let mut behind = *rest;
    behind.past_to();
    if let Some(parent) = behind.word().and_then(reference) {
        *rest = behind;
        return Major::ChildOf(parent);
    }
    let mut behind = Rest(rest.text());
    if let Some(rest_of_line) = behind.0.strip_prefix(['-', '–', '—']) {
        behind = Rest(rest_of_line);
        let Some(word) = behind.word() else {
            *rest = behind;
            return Major::Ends;
        };
        if let Some(child) = reference(word) {
            *rest = behind;
            return Major::Without(child);
        }
    }
    rest.line().map_or(Major::ToAll, |title| Major::Called(title.trim_start_matches(['-', '–', '—']).trim().to_owned()))
}

fn vendor(rest: &mut Rest<'_>, names: &Names<'_>) -> Result<Command, Wrong> {
    rest.past_to();
    let Some(name) = rest.name(names.vendors.iter().copied()) else {
        // Whoever is consulted goes by the address, and letters about the answer name them so.
        let mut behind = *rest;
        if let Some(Ok(address)) = behind.address_word().map(|word| bare(word).parse()) {
            *rest = behind;
            return Ok(Command::Consult(address));
        }
        return Err(rest.wrong(Wanted::Vendor(owned(&names.vendors))));
    };
    let is_case = |word: &str| key(word).starts_with("ref=");
    let case_number = rest.word_if(is_case).or_else(|| {
        // `#fournisseur acme : texte ref=INC7`
        let line = rest.0.trim_end();
        let last = line.rsplit(char::is_whitespace).next().filter(|word| is_case(word))?;
        rest.0 = &line[..line.len() - last.len()];
        Some(last)
    });
    let number = case_number.and_then(|word| word.split_once('=')).map(|(_, number)| bare(number).to_owned());
    Ok(Command::Vendor { name: name.to_owned(), case_number: number.filter(|number| !number.is_empty()) })
}

fn release(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    let mut numbers = Vec::new();
    while let Some(word) = rest.past_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        numbers.extend(word.split([',', ';']).filter_map(|number| bare(number).parse::<i64>().ok()));
    }
    Ok(Command::Release(numbers))
}

fn attach(rest: &mut Rest<'_>, _: &Names<'_>) -> Result<Command, Wrong> {
    let mut numbers = Vec::new();
    while let Some(word) = rest.past_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        for number in word.split([',', ';']).map(bare).filter(|number| !number.is_empty()) {
            let wrong = || Wrong { written: Some(number.to_owned()), wanted: Wanted::Attachments };
            numbers.push(number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?);
        }
    }
    if numbers.is_empty() { Err(rest.wrong(Wanted::Attachments)) } else { Ok(Command::Attach(numbers)) }
}

#[cfg(test)]
mod tests {
    use super::{meant_by, reader_of};

    #[test]
    fn participles_feminine_plural_and_past_forms_are_the_command() {
        let words = "résolue résolus résolues résoudre fermé fermée fermés closed rouvert rouvertes réouvrir annulé annulée \
                     libéré libérées escaladé escaladée assigné assignée publié publiée fusionné fusionnées noté notée notes pris \
                     prise escalated noted attached réouvert réouverte réouverts assignées retournée demandeuse assigned merged released published cancelled canceled reopened RÉSOLUE ｎｏｔｅ";
        for word in words.split_whitespace() {
            assert!(reader_of(word).is_some(), "{word}");
        }
    }

    #[test]
    fn other_words_are_none() {
        for word in ["priorisé", "replied", "répondu", "envoyer", "hashtag", "titre", "include", "define", "fff", ""]
        {
            assert!(reader_of(word).is_none(), "{word}");
        }
    }

    #[test]
    fn an_unknown_word_is_told_what_was_meant_and_one_of_another_program_nothing() {
        for (word, meant) in [
            ("rezolu", Some("résolu")),
            ("RÉSSOLU", Some("résolu")),
            ("reslvd", Some("resolved")),
            ("ntoe", Some("note")),
            ("escaladr", Some("escalader")),
            ("prio", Some("priorité")),
            ("envoyer", Some("répondre")),
            ("réglée", Some("résolu")),
            ("clôturés", Some("fermer")),
            ("attribuée", Some("assigner")),
            ("consultr", Some("consulter")),
            ("consul", Some("consult")),
            ("séparer", Some("scinder")),
            ("splt", Some("split")),
            ("absnt", Some("absent")),
            ("présant", Some("présent")),
            ("vacances", Some("absent")),
            ("hashtag", None),
            ("fff", None),
        ] {
            assert_eq!(meant_by(word), meant, "{word}");
        }
    }
}
