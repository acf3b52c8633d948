//! One command and its answers, checked: the layer everything else in this folder stands on.

use std::collections::HashMap;
use std::time::Duration;

use async_imap::imap_proto::{Capability, MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use super::Settings;
use super::failure::Failure;
use super::guard::Guard;
use super::put_off::is_throttled;
use crate::net::{Obstacle, What, printable};

/// How slowly a long answer may flow: 4 KB a second.
const BYTES_PER_MILLISECOND_MIN: u64 = 4;
/// What we write goes in pieces, and the server has the time of an exchange to make room for each.
const WRITTEN_AT_ONCE: usize = 64 << 10;
/// So much of what was written may still lie on this side of the network,
const WRITTEN_UNSENT_MAX: u64 = 4 << 20;
/// and flows no slower than 16 KB a second.
const BYTES_WRITTEN_PER_MILLISECOND_MIN: u64 = 16;
/// A literal that is no larger need not wait for leave, where the server takes such (RFC 7888 §4, §5).
const UNASKED_MAX: usize = 4096;

/// A connection that is logged in, owned by one task. Dropping a future of it half-way makes it useless.
#[derive(Debug)]
pub struct Session {
    connection: async_imap::Session<Guard>,
    pub(super) settings: Settings,
    pub(super) capabilities: Capabilities,
    pub(super) folder: Folder,
    /// What folders that the operator named are called here, where that is something else.
    pub(super) located: HashMap<String, String>,
    pub(super) idling: Idling,
    /// No exchange is under way, and none was cut short.
    intact: bool,
    began: Instant,
    bytes_before: u64,
}

/// What the server can do beyond RFC 3501.
#[derive(Debug, Default)]
pub(super) struct Capabilities {
    /// `IDLE`, RFC 2177: the server tells at once when mail arrives.
    pub(super) idle: bool,
    /// `MOVE`, RFC 6851.
    pub(super) moves: bool,
    /// `UIDPLUS`, RFC 4315.
    pub(super) expunges_by_uid: bool,
    /// `ACL`, RFC 4314.
    pub(super) rights: bool,
    /// `QUOTA`, RFC 9208.
    pub(super) quota: bool,
    /// `SPECIAL-USE`, RFC 6154.
    pub(super) special_use: bool,
    /// `LITERAL+` or `LITERAL-`, RFC 7888: a short literal need not wait for leave.
    pub(super) short_literals: bool,
    /// `APPENDLIMIT`, RFC 7889.
    pub(super) append_limit: AppendLimit,
}

/// What the server says of the size of a message that is put into a folder (RFC 7889 §3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AppendLimit {
    #[default]
    Unknown,
    /// So many bytes, in every folder.
    Of(u64),
    /// Each folder has its own.
    ByFolder,
}

/// How well the server tells of new mail during IDLE.
#[derive(Debug, Default)]
pub(super) struct Idling {
    /// It told of mail only when it was asked.
    pub(super) is_late: bool,
    /// The last wait was over without news, and the folder is being listed.
    pub(super) was_poll: bool,
}

/// What is known of the selected folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) uid_validity: Option<u32>,
    pub(super) uid_next: Option<u32>,
    pub(super) exists: u32,
    /// Messages arrived since the folder was last listed.
    pub(super) news: bool,
    /// The server lets us change nothing in it.
    pub(super) is_read_only: bool,
}

impl Session {
    pub(super) async fn new(connection: async_imap::Session<Guard>, settings: Settings) -> Result<Session, Failure> {
        let mut session = Session {
            connection,
            settings,
            capabilities: Capabilities::default(),
            folder: Folder::default(),
            located: HashMap::new(),
            idling: Idling::default(),
            intact: true,
            began: Instant::now(),
            bytes_before: 0,
        };
        let mut capabilities = Capabilities::default();
        session
            .exchange("CAPABILITY", |response| {
                if let Response::Capabilities(offered) = response {
                    capabilities = Capabilities::among(offered);
                }
            })
            .await?;
        session.capabilities = capabilities;
        Ok(session)
    }

    /// Says good-bye. What the server answers no longer matters.
    pub async fn logout(mut self) {
        let limit = self.settings.exchange_timeout;
        let _ = timeout(limit, self.exchange("LOGOUT", |_| ())).await;
    }

    /// Runs a command and hands every other answer to `each`. `Ok` only after the tagged `OK`.
    pub(super) async fn exchange(&mut self, command: &str, each: impl FnMut(&Response<'_>)) -> Result<(), Failure> {
        let tag = self.begin(command).await?;
        self.complete(command, &tag, each).await
    }

    /// Sends a command. Until [`Session::complete`] has seen its end no other may be sent.
    pub(super) async fn begin(&mut self, command: &str) -> Result<RequestId, Failure> {
        if !std::mem::take(&mut self.intact) {
            return Err(Failure::Lost("an earlier exchange did not end".to_owned()));
        }
        self.start_watchdog();
        timeout(self.settings.exchange_timeout, self.connection.run_command(command))
            .await
            .map_err(|_| silent(self.settings.exchange_timeout))?
            .map_err(|error| lost(&error))
    }

    /// Reads to the tagged end of a command.
    pub(super) async fn complete(
        &mut self,
        command: &str,
        tag: &RequestId,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<(), Failure> {
        loop {
            let end = self
                .next(|response| {
                    ended(command, tag, response).or_else(|| {
                        each(response);
                        None
                    })
                })
                .await?;
            if let Some(end) = end {
                self.intact = true;
                return end.map_err(|refusal| self.throttled(refusal));
            }
        }
    }

    /// Runs a command that ends in a literal (RFC 3501 §4.3). `Ok` only after the tagged `OK`; a refusal may come before the literal
    /// was sent.
    pub(super) async fn exchange_literal(&mut self, command: &str, literal: &[u8]) -> Result<(), Failure> {
        let is_unasked = self.capabilities.short_literals && literal.len() <= UNASKED_MAX;
        let sign = if is_unasked { "+" } else { "" };
        let tag = self.begin(&format!("{command} {{{}{sign}}}", literal.len())).await?;
        let mut allowance = Duration::ZERO;
        if is_unasked {
            self.write_literal(literal).await?;
        }
        let mut is_written = is_unasked;
        loop {
            let (end, may_write) = self
                .next_within(allowance, |response| {
                    (ended(command, &tag, response), matches!(response, Response::Continue(_)))
                })
                .await?;
            if let Some(end) = end {
                self.intact = true;
                return end.map_err(|refusal| self.throttled(refusal));
            }
            if may_write && !is_written {
                self.write_literal(literal).await?;
                is_written = true;
                self.start_watchdog();
                let unsent = WRITTEN_UNSENT_MAX.min(literal.len() as u64);
                allowance = Duration::from_millis(unsent / BYTES_WRITTEN_PER_MILLISECOND_MIN);
            }
        }
    }

    /// The literal, and the end of the command behind it.
    async fn write_literal(&mut self, literal: &[u8]) -> Result<(), Failure> {
        let limit = self.settings.exchange_timeout;
        let stream = self.connection.get_mut();
        for piece in literal.chunks(WRITTEN_AT_ONCE).chain([&b"\r\n"[..]]) {
            let written = timeout(limit, stream.write_all(piece)).await.map_err(|_| silent(limit))?;
            written.map_err(|error| Failure::Lost(describe(&error)))?;
        }
        let flushed = timeout(limit, stream.flush()).await.map_err(|_| silent(limit))?;
        flushed.map_err(|error| Failure::Lost(describe(&error)))
    }

    /// Runs a command whose answers the parser does not know (NAMESPACE), and returns them, a line each.
    pub(super) async fn lines(&mut self, command: &str) -> Result<Vec<String>, Failure> {
        let tag = self.begin(command).await?;
        let limit = self.settings.exchange_timeout;
        let tag = format!("{} ", tag.0);
        let read = timeout(limit, read_lines(self.connection.get_mut(), &tag));
        let read = read.await.map_err(|_| silent(limit))?;
        let mut lines = read.map_err(|error| match self.connection.get_ref().good_bye() {
            Some(said) => said_good_bye(said),
            None => Failure::Lost(describe(&error)),
        })?;
        self.intact = true;
        lines.iter().for_each(|line| self.folder.note_line(line));
        let end = lines.pop().unwrap_or_default();
        if end.get(..2).is_some_and(|status| status.eq_ignore_ascii_case("OK")) {
            return Ok(lines);
        }
        Err(self.throttled(Failure::Refused { command: name_of(command), said: printable(&end, &[]) }))
    }

    /// Whatever was asked for, a server that wants to be asked less is left alone for a while.
    fn throttled(&self, refusal: Failure) -> Failure {
        match refusal {
            Failure::Refused { said, .. } if is_throttled(&said) => {
                Obstacle::new(&self.settings.server(), What::Throttled(said)).into()
            }
            other => other,
        }
    }

    /// The server has said the end of the command that was sent last.
    pub(super) fn ended_early(&mut self) {
        self.intact = true;
    }

    /// Sends a line that is no command of its own.
    pub(super) async fn send_line(&mut self, line: &str) -> Result<(), Failure> {
        self.start_watchdog();
        timeout(self.settings.exchange_timeout, self.connection.run_command_untagged(line))
            .await
            .map_err(|_| silent(self.settings.exchange_timeout))?
            .map_err(|error| lost(&error))
    }

    /// What is to be made of the next answer, within the time that the exchange has.
    pub(super) async fn next<T>(&mut self, read: impl FnOnce(&Response<'_>) -> T) -> Result<T, Failure> {
        self.next_within(Duration::ZERO, read).await
    }

    /// The same, where the server has so much longer.
    async fn next_within<T>(&mut self, longer: Duration, read: impl FnOnce(&Response<'_>) -> T) -> Result<T, Failure> {
        loop {
            let deadline = self.deadline() + longer;
            match timeout_at(deadline, self.connection.read_response()).await {
                Ok(answer) => {
                    let answer = arrived(answer)?;
                    self.folder.note(answer.parsed())?;
                    return Ok(read(answer.parsed()));
                }
                Err(_) if self.deadline() + longer > deadline => {}
                Err(_) => return Err(silent(self.settings.exchange_timeout)),
            }
        }
    }

    /// What is to be made of the next answer, whenever it comes. May be dropped: nothing is lost by that.
    pub(super) async fn next_whenever<T>(&mut self, read: impl FnOnce(&Response<'_>) -> T) -> Result<T, Failure> {
        let answer = arrived(self.connection.read_response().await)?;
        self.folder.note(answer.parsed())?;
        Ok(read(answer.parsed()))
    }

    fn start_watchdog(&mut self) {
        self.began = Instant::now();
        self.bytes_before = self.connection.get_ref().bytes_read();
    }

    /// Grows with what was read, so that a large mail on a slow line arrives and a trickle does not hold us.
    fn deadline(&self) -> Instant {
        let bytes = self.connection.get_ref().bytes_read() - self.bytes_before;
        let allowance = Duration::from_millis(bytes / BYTES_PER_MILLISECOND_MIN);
        self.began + self.settings.exchange_timeout + allowance
    }
}

/// Lines up to the one with that tag, which stands last and without it. Read byte by byte: what comes after it is not ours
/// to read.
async fn read_lines(stream: &mut Guard, tag: &str) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    loop {
        match stream.read_u8().await? {
            b'\n' => {
                let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
                line.clear();
                if let Some(end) = text.strip_prefix(tag) {
                    lines.push(end.to_owned());
                    return Ok(lines);
                }
                lines.push(text);
            }
            byte => line.push(byte),
        }
    }
}

/// async-imap keeps the type of its answers to itself, so it stands here as `R`.
fn arrived<R>(read: std::io::Result<Option<R>>) -> Result<R, Failure> {
    match read {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(Failure::Lost("the server closed it".to_owned())),
        Err(error) => Err(Failure::Lost(describe(&error))),
    }
}

/// How the command with that tag ended, if this answer is its end.
fn ended(command: &str, tag: &RequestId, response: &Response<'_>) -> Option<Result<(), Failure>> {
    match response {
        Response::Done { tag: answered, status, outcome } if answered == tag => Some(match status {
            Status::Ok => Ok(()),
            _ => Err(Failure::Refused { command: name_of(command), said: said(outcome) }),
        }),
        _ => None,
    }
}

impl Folder {
    /// `* 3 EXISTS`, `* 2 EXPUNGE`
    fn note_line(&mut self, line: &str) {
        let mut words = line.strip_prefix("* ").unwrap_or_default().split(' ');
        let count = words.next().and_then(|count| count.parse().ok());
        match (count, words.next()) {
            (Some(count), Some("EXISTS")) => {
                self.news |= count > self.exists;
                self.exists = count;
            }
            (Some(_), Some("EXPUNGE")) => self.exists = self.exists.saturating_sub(1),
            _ => {}
        }
    }

    fn note(&mut self, response: &Response<'_>) -> Result<(), Failure> {
        match response {
            Response::MailboxData(MailboxDatum::Exists(count)) => {
                self.news |= *count > self.exists;
                self.exists = *count;
            }
            Response::Expunge(_) => self.exists = self.exists.saturating_sub(1),
            Response::Data { status: Status::Bye, outcome } => {
                return Err(said_good_bye(&said(outcome)));
            }
            Response::Data { outcome: Outcome { code: Some(ResponseCode::UidValidity(now)), .. }, .. } => {
                if self.uid_validity.is_some_and(|before| before != *now) {
                    return Err(Failure::Lost("the folder was renumbered (UIDVALIDITY)".to_owned()));
                }
                self.uid_validity = Some(*now);
            }
            Response::Data { outcome: Outcome { code: Some(ResponseCode::UidNext(next)), .. }, .. } => {
                self.uid_next = Some(*next);
            }
            Response::Done { outcome: Outcome { code: Some(ResponseCode::ReadOnly), .. }, .. } => {
                self.is_read_only = true;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Capabilities {
    fn among(offered: &[Capability<'_>]) -> Capabilities {
        let has = |wanted: &str| {
            offered.iter().any(|one| matches!(one, Capability::Atom(name) if name.eq_ignore_ascii_case(wanted)))
        };
        Capabilities {
            idle: has("IDLE"),
            moves: has("MOVE"),
            expunges_by_uid: has("UIDPLUS"),
            rights: has("ACL"),
            quota: has("QUOTA"),
            special_use: has("SPECIAL-USE"),
            short_literals: has("LITERAL+") || has("LITERAL-"),
            append_limit: offered.iter().find_map(append_limit).unwrap_or_default(),
        }
    }
}

/// `APPENDLIMIT=35651584`, or without a number.
fn append_limit(capability: &Capability<'_>) -> Option<AppendLimit> {
    let Capability::Atom(name) = capability else { return None };
    let (start, rest) = name.split_at_checked("APPENDLIMIT".len())?;
    if !start.eq_ignore_ascii_case("APPENDLIMIT") {
        return None;
    }
    match rest.strip_prefix('=') {
        Some(bytes) => bytes.parse().ok().map(AppendLimit::Of),
        None => rest.is_empty().then_some(AppendLimit::ByFolder),
    }
}

/// The server's words in a status answer, with its code where the words alone say little (RFC 3501 §7.1).
pub(super) fn said(outcome: &Outcome<'_>) -> String {
    let text = outcome.information.as_deref().unwrap_or_default();
    let code = match &outcome.code {
        Some(ResponseCode::TryCreate) => "[TRYCREATE] ",
        Some(ResponseCode::ReadOnly) => "[READ-ONLY] ",
        _ => "",
    };
    printable(&format!("{code}{text}"), &[])
}

/// The words of a command that name it: `SELECT`, `UID FETCH`.
fn name_of(command: &str) -> String {
    let words = if command.starts_with("UID ") { 2 } else { 1 };
    command.split(' ').take(words).collect::<Vec<_>>().join(" ")
}

fn said_good_bye(said: &str) -> Failure {
    Failure::Lost(format!("the server says good-bye: {said}"))
}

fn silent(limit: Duration) -> Failure {
    Failure::Lost(format!("the server did not answer within {limit:?}"))
}

fn lost(error: &async_imap::error::Error) -> Failure {
    match error {
        async_imap::error::Error::Io(error) => Failure::Lost(describe(error)),
        other => Failure::Lost(printable(&other.to_string(), &[])),
    }
}

/// Without the answer itself, which the parser's own error quotes whole: it may be somebody's mail.
pub(super) fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::Other => "the server's answer cannot be read".to_owned(),
        _ => printable(&error.to_string(), &[]),
    }
}
