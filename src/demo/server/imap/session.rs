//! One client: its commands in, their answers out.

use std::io;
use std::sync::atomic::Ordering;

use imap_codec::imap_types::command::{Command, CommandBody};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::selected::{Access, Selected};
use super::wire::{Received, Wire};
use super::{CAPABILITIES, World};
use crate::demo::server::connection::Connection;
use crate::demo::server::folder::SessionId;
use crate::demo::server::mishap::{ImapMishap, ImapMoment};

const NOT_SELECTED: &str = "Select a folder first, or no such command";

pub(super) struct Session {
    pub(super) wire: Wire,
    starttls: Option<TlsAcceptor>,
    pub(super) world: World,
    pub(super) id: SessionId,
    changed: watch::Receiver<u64>,
    /// Key of the account that logged in; `None` before.
    pub(super) account: Option<String>,
    pub(super) selected: Option<Selected>,
}

/// How a conversation begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Opening {
    Greeting,
    /// Behind STARTTLS the client speaks first.
    Encrypted,
}

/// The tagged line that ends a command, with its response code.
#[derive(Debug)]
pub(super) enum Answer {
    Ok(String),
    No(String),
    Bad(String),
}

/// Why a session is over.
#[derive(Debug)]
pub(super) enum End {
    /// What is written is still sent.
    Closed,
    /// What is written is still sent, and `* BYE` with this text.
    Bye(String),
    /// A mishap: no further byte leaves.
    Cut,
    /// The session goes on in another, encrypted one.
    StartTls,
    Io(io::Error),
}

pub(super) type Outcome = Result<Answer, End>;

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        End::Io(error)
    }
}

pub(super) fn ok(text: &str) -> Outcome {
    Ok(Answer::Ok(text.to_owned()))
}

pub(super) fn no(text: &str) -> Outcome {
    Ok(Answer::No(text.to_owned()))
}

pub(super) fn bad(text: &str) -> Outcome {
    Ok(Answer::Bad(text.to_owned()))
}

impl Session {
    pub(super) fn new(connection: Connection, world: World) -> Self {
        let changed = world.post.watch();
        let id = world.sessions.fetch_add(1, Ordering::Relaxed);
        let Connection { stream, starttls } = connection;
        Session { wire: Wire::new(stream), starttls, world, id, changed, account: None, selected: None }
    }

    /// Answers commands until the client leaves, or a mishap ends the session.
    pub(super) async fn converse(&mut self, opening: Opening) -> End {
        let greeted = match opening {
            Opening::Greeting => self.greet().await,
            Opening::Encrypted => Ok(()),
        };
        match greeted {
            Ok(()) => self.commands().await.err().unwrap_or(End::Closed),
            Err(end) => end,
        }
    }

    /// The session that follows STARTTLS: nothing that was said in the clear counts in it.
    pub(super) async fn encrypt(mut self) -> io::Result<Session> {
        self.wire.flush().await?;
        let connection = Connection { stream: self.wire.into_stream(), starttls: self.starttls };
        Ok(Session::new(connection.encrypt().await?, self.world))
    }

    /// The last words.
    pub(super) async fn end(mut self, end: End) -> io::Result<()> {
        match end {
            End::Closed | End::StartTls => self.wire.flush().await,
            End::Bye(text) => {
                self.wire.say(&format!("* BYE {text}"));
                self.wire.flush().await
            }
            End::Cut => Ok(()),
            End::Io(error) => Err(error),
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let greeting = self.world.mishaps.at_imap(|moment| *moment == ImapMoment::Greeting);
        match greeting {
            None => {}
            Some(ImapMishap::No(text) | ImapMishap::Bad(text)) => return Err(End::Bye(text)),
            Some(ImapMishap::Bye) => return Err(End::Bye("Not now".to_owned())),
            Some(ImapMishap::Stall) => std::future::pending().await,
            Some(ImapMishap::Preauthenticate(address)) => {
                self.account = Some(address.key());
                self.wire.say("* PREAUTH You are known");
                return Ok(());
            }
            Some(_) => return Err(End::Cut),
        }
        let capabilities = self.capabilities();
        self.wire.say(&format!("* OK [CAPABILITY {capabilities}] The embedded server is ready"));
        Ok(())
    }

    async fn commands(&mut self) -> Result<(), End> {
        loop {
            match self.wire.command().await? {
                Received::Command(command) => self.obey(command).await?,
                Received::Malformed(Some(tag)) => self.wire.say(&format!("{tag} BAD Cannot read the command")),
                Received::Malformed(None) => self.wire.say("* BAD Cannot read the command"),
                Received::Closed => return Ok(()),
            }
        }
    }

    async fn obey(&mut self, command: Command<'static>) -> Result<(), End> {
        let tag = command.tag.inner().to_owned();
        let name = command.body.name();
        let mishap = self.world.mishaps.at_imap(|moment| match moment {
            ImapMoment::Greeting => false,
            ImapMoment::Command => true,
            ImapMoment::CommandIs(other) => *other == name,
        });
        let inserted = match &mishap {
            Some(ImapMishap::Insert(text)) => text.clone(),
            _ => String::new(),
        };
        let answer = match mishap {
            None => self.carry_out(&tag, command.body, None).await?,
            Some(ImapMishap::No(text)) => Answer::No(text),
            Some(ImapMishap::Bad(text)) => Answer::Bad(text),
            Some(ImapMishap::Bye) => return Err(End::Bye("The server goes down".to_owned())),
            Some(ImapMishap::Drop) => return Err(End::Cut),
            Some(ImapMishap::AcceptThenDrop) => {
                self.carry_out(&tag, command.body, None).await?;
                return Err(End::Cut);
            }
            Some(ImapMishap::Stall) => {
                self.wire.flush().await?;
                std::future::pending().await
            }
            Some(mishap) => self.carry_out(&tag, command.body, Some(mishap)).await?,
        };
        self.wire.say(&match &answer {
            Answer::Ok(text) => format!("{tag} OK {text}"),
            Answer::No(text) => format!("{tag} NO {text}"),
            Answer::Bad(text) => format!("{tag} BAD {text}"),
        });
        self.wire.out().extend_from_slice(inserted.as_bytes());
        match (name, answer) {
            ("LOGOUT", _) => Err(End::Closed),
            ("STARTTLS", Answer::Ok(_)) => Err(End::StartTls),
            _ => Ok(()),
        }
    }

    async fn carry_out(&mut self, tag: &str, body: CommandBody<'static>, mishap: Option<ImapMishap>) -> Outcome {
        tracing::trace!(command = body.name(), tag, "Client commands");
        // No EXPUNGE may be sent during these (RFC 3501 §7.4.1): it would shift the numbers that the client uses.
        let keeps_numbers = matches!(
            body,
            CommandBody::Fetch { uid: false, .. }
                | CommandBody::Store { uid: false, .. }
                | CommandBody::Search { uid: false, .. }
        );
        if extension(&body).is_some_and(|capability| self.world.mishaps.hides(capability)) {
            return bad("No such command");
        }
        let answer = self.run(body, mishap).await?;
        if !keeps_numbers {
            self.tell_changes()?;
        }
        Ok(answer)
    }

    async fn run(&mut self, body: CommandBody<'static>, mishap: Option<ImapMishap>) -> Outcome {
        match body {
            CommandBody::Capability => {
                let capabilities = self.capabilities();
                self.wire.say(&format!("* CAPABILITY {capabilities}"));
                ok("Done")
            }
            CommandBody::Noop | CommandBody::Check => ok("Done"),
            CommandBody::Id { .. } => {
                self.wire.say("* ID (\"name\" \"guichet\")");
                ok("Done")
            }
            CommandBody::Logout => {
                self.wire.say("* BYE See you");
                ok("Done")
            }
            CommandBody::StartTLS if self.may_start_tls() => ok("Go on"),
            CommandBody::Login { .. } | CommandBody::Authenticate { .. } if self.may_start_tls() => {
                no("[PRIVACYREQUIRED] STARTTLS first")
            }
            CommandBody::Login { username, password } => self.log_in(username.as_ref(), password.declassify().as_ref()),
            CommandBody::Authenticate { mechanism, initial_response } => {
                self.authenticate(mechanism, initial_response.map(|response| response.declassify().to_vec())).await
            }
            body => match self.account.clone() {
                Some(account) => self.run_logged_in(account, body, mishap).await,
                None => bad("Log in first"),
            },
        }
    }

    async fn run_logged_in(
        &mut self,
        account: String,
        body: CommandBody<'static>,
        mishap: Option<ImapMishap>,
    ) -> Outcome {
        match body {
            CommandBody::Namespace => {
                self.wire.say("* NAMESPACE ((\"\" \"/\")) NIL NIL");
                ok("Done")
            }
            CommandBody::Select { mailbox } => self.select(&account, &mailbox, Access::ReadWrite),
            CommandBody::Examine { mailbox } => self.select(&account, &mailbox, Access::ReadOnly),
            CommandBody::Create { mailbox } => self.create(&account, &mailbox),
            CommandBody::Delete { mailbox } => self.delete(&account, &mailbox),
            CommandBody::Rename { from, to } => self.rename(&account, &from, &to),
            CommandBody::Subscribe { mailbox } => self.subscribe(&account, &mailbox, |folder| folder.subscribed = true),
            CommandBody::Unsubscribe { mailbox } => {
                self.subscribe(&account, &mailbox, |folder| folder.subscribed = false)
            }
            CommandBody::List { reference, mailbox_wildcard } => {
                self.list(&account, "LIST", &reference, &mailbox_wildcard)
            }
            CommandBody::Lsub { reference, mailbox_wildcard } => {
                self.list(&account, "LSUB", &reference, &mailbox_wildcard)
            }
            CommandBody::Status { mailbox, item_names } => self.status(&account, &mailbox, &item_names),
            CommandBody::Append { mailbox, flags, date, message } => {
                self.append(&account, &mailbox, &flags, date, &message)
            }
            CommandBody::Idle => self.idle().await,
            CommandBody::Close => self.close(|session, selected| {
                selected.expunge_deleted(&session.world.post, &account, None);
            }),
            CommandBody::Unselect => self.close(|_, _| {}),
            body => match self.selected.take() {
                Some(selected) => {
                    let outcome = self.run_selected(&account, &selected, body, mishap).await;
                    self.selected = Some(selected);
                    outcome
                }
                None => bad(NOT_SELECTED),
            },
        }
    }

    async fn run_selected(
        &mut self,
        account: &str,
        selected: &Selected,
        body: CommandBody<'static>,
        mishap: Option<ImapMishap>,
    ) -> Outcome {
        match body {
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid } => {
                self.fetch(account, selected, &sequence_set, macro_or_item_names, uid, mishap).await
            }
            CommandBody::Store { sequence_set, kind, response, flags, uid } => {
                self.store(account, selected, &sequence_set, (kind, response), &flags, uid)
            }
            CommandBody::Search { criteria, uid, .. } => self.search(account, selected, &criteria, uid),
            CommandBody::Copy { sequence_set, mailbox, uid } => {
                self.copy(account, selected, &sequence_set, &mailbox, uid)
            }
            CommandBody::Move { sequence_set, mailbox, uid } => {
                self.move_to(account, selected, &sequence_set, &mailbox, uid)
            }
            CommandBody::Expunge => self.expunge(account, selected, None),
            CommandBody::ExpungeUid { sequence_set } => self.expunge(account, selected, Some(&sequence_set)),
            _ => bad("No such command"),
        }
    }

    fn close(&mut self, last_act: impl FnOnce(&mut Self, &Selected)) -> Outcome {
        let Some(selected) = self.selected.take() else { return bad(NOT_SELECTED) };
        last_act(self, &selected);
        ok("Closed")
    }

    /// RFC 2177: every change is told at once.
    async fn idle(&mut self) -> Outcome {
        self.wire.say("+ idling");
        let _counted = IdleCount::new(&self.world.idle);
        loop {
            self.changed.mark_unchanged();
            self.tell_changes()?;
            self.wire.flush().await?;
            tokio::select! {
                line = self.wire.line() => return match line? {
                    Some(line) if line.eq_ignore_ascii_case("DONE") => ok("Done"),
                    Some(_) => bad("DONE was expected"),
                    None => Err(End::Closed),
                },
                _ = self.changed.changed() => {}
            }
        }
    }

    /// Tells the client what has happened to its folder since it last heard of it.
    fn tell_changes(&mut self) -> Result<(), End> {
        let (Some(account), Some(selected)) = (&self.account, &mut self.selected) else { return Ok(()) };
        let id = self.id;
        let out = self.wire.out();
        let told = self.world.post.account(account, |account| {
            let folder = account.folders.get(&selected.folder)?;
            (folder.uid_validity == selected.uid_validity).then(|| selected.catch_up(folder, id, out))
        });
        told.flatten().ok_or_else(|| End::Bye("The folder is no longer what it was".to_owned()))
    }

    pub(super) fn capabilities(&self) -> String {
        let shown = CAPABILITIES.iter().filter(|capability| !self.world.mishaps.hides(capability));
        let mut shown: Vec<&str> = shown.copied().collect();
        if self.may_start_tls() {
            shown.retain(|capability| !capability.starts_with("AUTH="));
            shown.extend(["STARTTLS", "LOGINDISABLED"]);
        }
        shown.join(" ")
    }

    fn may_start_tls(&self) -> bool {
        self.starttls.is_some() && !self.world.mishaps.hides("STARTTLS")
    }
}

/// The capability that a command belongs to, if it is no part of IMAP4rev1.
fn extension(body: &CommandBody<'_>) -> Option<&'static str> {
    match body {
        CommandBody::Id { .. } => Some("ID"),
        CommandBody::Namespace => Some("NAMESPACE"),
        CommandBody::Idle => Some("IDLE"),
        CommandBody::Move { .. } => Some("MOVE"),
        CommandBody::ExpungeUid { .. } => Some("UIDPLUS"),
        CommandBody::Unselect => Some("UNSELECT"),
        _ => None,
    }
}

/// Counts a session as idle as long as it lives.
struct IdleCount(watch::Sender<usize>);

impl IdleCount {
    fn new(idle: &watch::Sender<usize>) -> Self {
        idle.send_modify(|count| *count += 1);
        IdleCount(idle.clone())
    }
}

impl Drop for IdleCount {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
