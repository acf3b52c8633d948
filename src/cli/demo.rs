//! `guichet demo`: the whole thing with embedded mail servers and a story to look at.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::rc::Rc;

use anyhow::{Context, Result};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{Answer, terminal, ticket};
use crate::demo::{self, Books, PASSWORD, Stage, Who, print};
use crate::said;

/// Play a story by mail, with embedded servers and without any configuration; exit 1 if a step does not happen
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet demo            the story, in a few seconds
  guichet demo | less     without colours
  guichet demo --stay     then go on by yourself, with your own mail client")]
pub(super) struct Arguments {
    /// Keep everything running after the story, and tell how to connect a mail client
    #[arg(long)]
    stay: bool,
}

/// So many lines of the ticket are shown: how it is told, not all of the story again.
const OUTLINE_LINES: usize = 36;

pub(super) fn run(arguments: &Arguments) -> Result<Answer> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.context("Cannot start the runtime")?.block_on(async {
        tokio::select! {
            played = play(arguments.stay) => played,
            interrupted = interrupted() => interrupted,
        }
    })
}

async fn play(stay: bool) -> Result<Answer> {
    // The onlooker cannot stop the story; that nobody reads any more is found out between its acts.
    let unwritten: Rc<RefCell<Option<anyhow::Error>>> = Rc::default();
    let told = Rc::clone(&unwritten);
    let mut stage = Stage::open(move |scene| {
        if let Err(error) = show(&print::scene(scene)) {
            told.borrow_mut().get_or_insert(error);
        }
    })
    .await?;
    show(&print::cast(stage.cast()))?;
    let ticket = Box::pin(demo::play(&mut stage)).await?;
    if let Some(error) = unwritten.take() {
        return Err(error);
    }
    stage.stop_gateway().await?;
    let store = stage.open_store().await?;
    terminal::tell_times_in(stage.policy().desks.first().time_zone.clone());
    let outline = ticket::outline(&store, stage.policy(), ticket, stage.now()).await?.unwrap_or_default();
    let books = Books::read(&stage, &store).await?;
    store.close().await;
    show(&print::heading(&said!(
        "The ticket, as `guichet ticket show {ticket}` tells it in full",
        "Le billet, que `guichet ticket show {ticket}` raconte en entier"
    )))?;
    show(&print::beginning(&outline, OUTLINE_LINES))?;
    show(&print::heading(&said!("What came and what left", "Ce qui est arrivé et ce qui est parti")))?;
    show(&table(&books))?;
    show(&print::heading(&said!("What guichet promises", "Ce que guichet promet")))?;
    show(&print::promises(&books))?;
    if stay {
        stage.start_gateway().await?;
        show(&print::heading(&said!("Go on by yourself, until Ctrl-C", "Continuez vous-même, jusqu’à Ctrl-C")))?;
        show(&connections(&stage))?;
        std::future::pending::<()>().await;
    }
    Ok(if books.are_clean() { Answer::Done } else { Answer::No })
}

async fn interrupted() -> Result<Answer> {
    let mut terminated = signal(SignalKind::terminate()).context("Cannot listen to SIGTERM")?;
    let mut interrupted = signal(SignalKind::interrupt()).context("Cannot listen to SIGINT")?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(Answer::Done)
}

/// Mails in beside letters out.
fn table(books: &Books) -> String {
    let cells = |counts: &[(&'static str, u64)], at: usize| match counts.get(at) {
        Some((name, count)) => [name.replace('_', " "), count.to_string()],
        None => Default::default(),
    };
    let mut rows: Vec<[String; 4]> = (0..books.mails.len().max(books.letters.len()))
        .map(|at| {
            let ([mail, mails], [letter, letters]) = (cells(&books.mails, at), cells(&books.letters, at));
            [mail, mails, letter, letters]
        })
        .collect();
    let sum = |counts: &[(&'static str, u64)]| counts.iter().map(|(_, count)| count).sum::<u64>().to_string();
    let in_all = said!("in all", "en tout");
    rows.push([in_all.clone(), sum(&books.mails), in_all, sum(&books.letters)]);
    terminal::table([said!("MAILS IN", "ARRIVÉ"), String::new(), said!("LETTERS OUT", "PARTI"), String::new()], rows)
}

fn connections(stage: &Stage) -> String {
    let (imap, smtp) = (stage.servers().imap(), stage.servers().smtp());
    let people = stage.cast().everybody().filter(|person| person.who != Who::Desk);
    let desk = &stage.cast().person(Who::Desk).address;
    let accounts = terminal::table(
        [said!("USER NAME", "UTILISATEUR"), said!("WHO", "QUI")],
        people.map(|p| [p.address.to_string(), format!("{}, {}", p.name, p.part)]),
    );
    said!(
        "In any mail client, add an account for one of these people:\n\n\
         IMAP  {}, port {}, no encryption\nSMTP  {}, port {}, no encryption, with the same login\n\
         Password of everybody: {PASSWORD}\n\n{accounts}\n\
         As Marie, write to {desk}; as Alice, answer what then arrives. The clock is this machine's from now on.\n",
        "Dans n’importe quel logiciel de courriel, ajoutez le compte de l’une de ces personnes\u{a0}:\n\n\
         IMAP  {}, port {}, sans chiffrement\nSMTP  {}, port {}, sans chiffrement, même identifiant\n\
         Mot de passe de chacun\u{a0}: {PASSWORD}\n\n{accounts}\n\
         En tant que Marie, écrivez à {desk}; en tant qu’Alice, répondez à ce qui arrive alors. L’horloge est désormais celle de cette machine.\n",
        imap.ip(),
        imap.port(),
        smtp.ip(),
        smtp.port(),
    )
}

/// Writes styled text to stdout; the styles stay where a terminal shows them.
fn show(text: &str) -> Result<()> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("Cannot write to standard output")
}
