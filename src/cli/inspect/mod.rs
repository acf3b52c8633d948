//! `guichet inspect`: how a mail was read, for programs and for people. It touches no state.

mod fate;
mod json;
mod people;
mod promised;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;

use super::{Answer, Invocation, run_async, terminal};
use crate::config::Config;
use crate::desk::{self, Handed, MachineReport, Named, Proof};
use crate::dns::{Resolvers, Subject};
use crate::gateway::{AuthenticationBy, Fate};
use crate::mail::authenticity::{self, Verdict};
use crate::mail::token::Token;
use crate::mail::{self, InboundMail, Letters, Mailbox};
use crate::said;

use super::since::{Since, since};
pub use json::to_json;
pub use people::for_people;
use promised::Promised;

/// Explain how a mail is read: who wrote it, what is new in it, what kind of mail it is
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet inspect mail.eml
  guichet inspect --config guichet.toml mail.eml   also whether its author is believed, and what would be done
  guichet inspect --config guichet.toml --as-of 2026-12-01 mail.eml
  guichet inspect --json - < mail.eml
  guichet inspect --letters sent/ mail.eml         what is new in an answer to one of these letters
  guichet inspect --jsonl mails/*.eml")]
pub(super) struct Arguments {
    /// Print one JSON document
    #[arg(long, conflicts_with = "jsonl")]
    json: bool,
    /// Print one line of JSON for each file
    #[arg(long)]
    jsonl: bool,
    /// A folder of letters of ours, as .eml files: what a mail that answers one of them quotes is known by it
    #[arg(long, value_name = "DIR")]
    letters: Option<PathBuf>,
    /// With a configuration: the mailbox that it would come to [default: the first one]
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// With a configuration: what would be done with it at that moment: 2026-12-01, 2026-12-01T08:00:00Z, or so long ago: 90m, 2h, 3d [default: now]
    #[arg(long, value_name = "TIME", value_parser = since)]
    as_of: Option<Since>,
    /// The mail as it is on the wire (RFC 5322); - reads standard input. Several with --jsonl only
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let letters = arguments.letters.as_deref().map(Sent::read).transpose()?.unwrap_or_default();
    if arguments.jsonl {
        return each(&arguments.files, &letters);
    }
    let [file] = arguments.files.as_slice() else {
        return Err(super::WrongUsage(said!(
            "Name one file, or several with --jsonl.",
            "Nommez un fichier, ou plusieurs avec --jsonl."
        ))
        .into());
    };
    let raw = read(file)?;
    let mut mail = letters.quoted_by(mail::parse(&raw));
    let config = invocation.config.is_some().then(|| invocation.configuration()).transpose()?;
    if let Some(config) = &config {
        apply_configuration(&mut mail, config);
    }
    let as_of = arguments.as_of.as_ref().map(|as_of| as_of.moment(Timestamp::now())).transpose()?;
    let judged = config.as_ref().map(|config| judged(&mail, &raw, config)).transpose()?.unwrap_or_default();
    let machine = config.as_ref().and_then(|config| desk::machine_report(&config.policy, &mail));
    let written = config.as_ref().map(|config| Written::of(&mail, config, judged.first()));
    let handed = written.as_ref().and_then(HandedIn::of);
    let promised = config.as_ref().zip(written.as_ref());
    let promised = promised.and_then(|(config, written)| Promised::of(written, config, as_of));
    let shown = written.as_ref().map_or_else(|| mail.clone(), |written| written.shown(&mail));
    let fate = config.as_ref().map(|config| fate::of(invocation, config, arguments, as_of, raw)).transpose()?.flatten();
    let promised = promised.filter(|_| fate.as_ref().is_none_or(|fate| !fate.opened.is_empty()));
    if arguments.json {
        let mut facts = to_json(&shown);
        if config.is_some() {
            facts["authentication"] = json::authentication(&judged);
            facts["machine"] = json::machine(machine.as_ref());
            facts["handed_in"] = json::handed_in(handed.as_ref());
            facts["promised"] = json::promised(promised.as_ref());
            facts["decision"] = json::decision(fate.as_ref());
        }
        terminal::print_json(&facts)?;
    } else {
        let by_configuration = ByConfiguration { judged, machine, handed, promised, fate };
        terminal::print_coloured(&people::page(&shown, &by_configuration, &people::Look::COLOURED))?;
    }
    Ok(Answer::Done)
}

/// Letters that were sent, by their Message-ID.
#[derive(Default)]
struct Sent {
    letters: Vec<InboundMail>,
}

impl Sent {
    fn read(folder: &Path) -> Result<Sent> {
        let cannot = || {
            said!(
                "Cannot read the letters in {}: name a folder of .eml files",
                "Impossible de lire les lettres de {}\u{a0}: nommez un dossier de fichiers .eml",
                folder.display()
            )
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(cannot)? {
            files.push(entry.with_context(cannot)?.path());
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eml")));
        files.sort();
        let letters = files.iter().map(|file| Ok(mail::parse(&read(file)?))).collect::<Result<_>>()?;
        Ok(Sent { letters })
    }

    /// The mail, read with those of them that it cites.
    fn quoted_by(&self, mail: InboundMail) -> InboundMail {
        let is_cited = |letter: &&InboundMail| {
            let cited = || mail.in_reply_to.iter().chain(&mail.references);
            letter.message_id.as_ref().is_some_and(|id| {
                cited().any(|cited| cited == id)
                    || Token::find_all(id.as_str())
                        .iter()
                        .any(|token| mail.tokens.iter().any(|cited| cited.token == *token))
            })
        };
        let cited: Vec<&InboundMail> = self.letters.iter().filter(is_cited).collect();
        if cited.is_empty() { mail } else { mail.quoting(&Letters::of(cited)) }
    }
}

/// What only the configuration tells of a mail.
#[derive(Default)]
struct ByConfiguration<'a> {
    judged: Vec<Judged<'a>>,
    machine: Option<MachineReport<'a>>,
    handed: Option<HandedIn<'a>>,
    promised: Option<Promised<'a>>,
    fate: Option<Fate>,
}

/// The mail as its author's, and what is known of that author in the first mailbox.
struct Written {
    mail: InboundMail,
    proof: Proof,
}

impl Written {
    fn of(mail: &InboundMail, config: &Config, judged: Option<&Judged<'_>>) -> Written {
        let proof = judged.map_or(Proof::Token, |judged| judged.proof.clone());
        let vouched = |mail: &InboundMail| {
            judged.map(|judged| authenticity::vouched(mail, &judged.verdict, judged.proof.found())).unwrap_or_default()
        };
        let (mail, proof) = desk::attributed(&config.policy, mail.clone(), proof, vouched);
        Written { mail, proof }
    }

    /// The mail as it was sent, with what its author's marks say of it, and not its sender's.
    fn shown(&self, sent: &InboundMail) -> InboundMail {
        let mut shown = sent.clone();
        shown.writer = self.mail.writer.clone();
        shown.declines_answers = self.mail.declines_answers;
        shown
    }
}

/// Who handed the mail in for its author, and whom it names.
struct HandedIn<'a> {
    by: &'static str,
    handed: &'a Handed,
    author: Option<&'a Mailbox>,
}

impl<'a> HandedIn<'a> {
    fn of(written: &'a Written) -> Option<HandedIn<'a>> {
        let (Proof::Form(handed) | Proof::List(handed) | Proof::Redirected(handed)) = &written.proof else {
            return None;
        };
        let author = written.mail.from.as_ref().filter(|_| handed.author == Named::Somebody);
        Some(HandedIn { by: written.proof.by(), handed, author })
    }
}

/// How the author is judged where the mail comes to a mailbox that goes by what the mail tells.
struct Judged<'a> {
    mailbox: &'a str,
    verdict: Verdict<'a>,
    proof: Proof,
}

fn judged<'a>(mail: &'a InboundMail, raw: &[u8], config: &'a Config) -> Result<Vec<Judged<'a>>> {
    let received_at = mail.date.as_ref().and_then(|date| date.parse().ok()).unwrap_or_else(Timestamp::now);
    let subject = Subject { mail, raw: Some(raw), received_at };
    let mut judged = Vec::new();
    for (mailbox, by) in config.authentications() {
        let found = match by {
            AuthenticationBy::Dns(witnesses, settings) => {
                Some(run_async(async { Ok(Resolvers::default().look_up(settings, witnesses, subject).await) })?)
            }
            AuthenticationBy::Header(_)
            | AuthenticationBy::Exchange(_)
            | AuthenticationBy::Submission(_)
            | AuthenticationBy::Token => None,
        };
        if let Some(verdict) = by.verdict(mail, found.as_ref()) {
            judged.push(Judged { mailbox, verdict, proof: by.proof(mail, found) });
        }
    }
    Ok(judged)
}

/// What only the configuration tells: nobody acknowledges a mail from the desk's own address, or from a machine's.
fn apply_configuration(mail: &mut InboundMail, config: &Config) {
    let is_ours = mail.from.as_ref().is_some_and(|from| {
        config.policy.desk_at(&from.address).is_some() || config.policy.machines_at(&from.address).next().is_some()
    });
    mail.declines_answers |= is_ours;
}

/// A file that cannot be read does not keep the others from being read.
fn each(files: &[PathBuf], letters: &Sent) -> Result<Answer> {
    let mut answer = Answer::Done;
    for file in files {
        match read(file) {
            Ok(raw) => {
                let mut facts = to_json(&letters.quoted_by(mail::parse(&raw)));
                facts["file"] = file.display().to_string().into();
                terminal::print_json_line(&facts)?;
            }
            Err(error) => {
                terminal::tell(&format!("guichet: {error:#}"));
                answer = Answer::No;
            }
        }
    }
    Ok(answer)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut raw = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut raw)
            .with_context(|| said!("Cannot read standard input", "Impossible de lire l’entrée standard"))?;
        return Ok(raw);
    }
    std::fs::read(file).with_context(|| said!("Cannot read {}", "Impossible de lire {}", file.display()))
}
