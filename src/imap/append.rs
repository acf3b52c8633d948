//! Copies of what was sent, put into a folder (RFC 3501 §6.3.11).
//!
//! A copy whose tagged answer was lost may lie there or not: [`Session::holds`] finds out. Nothing beyond RFC 3501 is needed.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exchange::{AppendLimit, Session};
use super::failure::Failure;
use super::folder_name::quoted;
use super::namespace::{Namespace, candidates};
use super::open_folder::item_in;
use super::{Destination, Which};

/// What the folder is called where the server says of none that it is for sent mail.
const SENT: &str = "Sent";

impl Session {
    /// Whether the server still answers.
    pub async fn is_alive(&mut self) -> bool {
        self.exchange("NOOP", |_| ()).await.is_ok()
    }

    /// Finds the folder for sent mail, or makes it where it is missing; then it is the watched one. Its name on the server.
    ///
    /// # Errors
    /// [`Failure::Refused`]: there is none, and it cannot be made.
    pub async fn find_or_make_sent(&mut self) -> Result<String, Failure> {
        let names = self.names_of_sent().await?;
        let mut refusal = None;
        for name in &names {
            if self.exists(name).await? {
                return Ok(self.settle_on(name));
            }
        }
        for name in &names {
            match self.make(name).await {
                Ok(()) => return Ok(self.settle_on(name)),
                Err(refused @ Failure::Refused { .. }) => refusal = refusal.or(Some(refused)),
                Err(failure) => return Err(failure),
            }
        }
        Err(refusal.unwrap_or(Failure::Lost("no folder has such a name".to_owned())))
    }

    /// Finds the folder for sent mail, which is then the watched one, and makes none. `false`: it is missing.
    pub async fn find_sent(&mut self) -> Result<bool, Failure> {
        for name in self.names_of_sent().await? {
            if self.exists(&name).await? {
                self.settle_on(&name);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks where copies would lie, as [`Session::try_destination`] does.
    pub async fn try_sent(&mut self) -> Result<Destination, Failure> {
        let names = self.names_of_sent().await?;
        self.try_destinations(&names).await
    }

    /// Puts a message into a folder, marked `\Seen`, as if it had come then; whole, with CRLF at the ends of its lines. A folder
    /// that was taken away meanwhile is made again. Under which UID it lies there is not asked for: nothing needs it.
    ///
    /// # Errors
    /// [`Failure::Refused`] and [`Failure::Barred`]: it does not lie there. [`Failure::Lost`]: nobody knows.
    pub async fn append(&mut self, folder: &str, message: &[u8], at: Timestamp) -> Result<(), Failure> {
        match self.append_once(folder, message, at).await {
            Err(Failure::Refused { said, .. }) if said.starts_with("[TRYCREATE]") => {
                self.make(folder).await?;
                self.append_once(folder, message, at).await
            }
            ended => ended,
        }
    }

    async fn append_once(&mut self, folder: &str, message: &[u8], at: Timestamp) -> Result<(), Failure> {
        let command = format!("APPEND {} (\\Seen) \"{}\"", quoted(folder)?, date_time(at));
        self.exchange_literal(&command, message).await
    }

    /// Whether a folder holds a message with that Message-ID (without its angle brackets). It is opened to read alone; where there is
    /// no such folder, it holds nothing.
    pub async fn holds(&mut self, folder: &str, message_id: &str) -> Result<bool, Failure> {
        match self.open_named("EXAMINE", folder).await {
            Ok(()) => {}
            Err(refused @ Failure::Refused { .. }) => {
                return if !refused.is_put_off() && !self.exists(folder).await? { Ok(false) } else { Err(refused) };
            }
            Err(failure) => return Err(failure),
        }
        let sought = message_id.replace('\\', "\\\\").replace('"', "\\\"");
        Ok(!self.search(&format!("HEADER MESSAGE-ID \"{sought}\"")).await?.is_empty())
    }

    /// How large a message a folder takes, in bytes (RFC 7889); `None` where the server does not tell.
    pub async fn append_limit(&mut self, folder: &str) -> Result<Option<u64>, Failure> {
        match self.capabilities.append_limit {
            AppendLimit::Unknown => Ok(None),
            AppendLimit::Of(bytes) => Ok(Some(bytes)),
            AppendLimit::ByFolder => {
                let lines = match self.lines(&format!("STATUS {} (APPENDLIMIT)", quoted(folder)?)).await {
                    Err(Failure::Refused { .. }) => return Ok(None),
                    lines => lines?,
                };
                Ok(lines.iter().find_map(|line| item_in(line, "APPENDLIMIT")).map(u64::from))
            }
        }
    }

    /// Names that it may have, the likeliest first: as it was written, then where the server has people's folders. One that nobody
    /// wrote belongs there first.
    async fn names_of_sent(&mut self) -> Result<Vec<String>, Failure> {
        if self.settings.folder == Which::Sent && self.find_watched().await? {
            return Ok(vec![self.watched()]);
        }
        let namespace = self.namespace().await?;
        Ok(match &self.settings.folder {
            Which::Named(name) => [vec![name.clone()], candidates(name, &namespace)].concat(),
            Which::Sent | Which::Junk => usual_names(&namespace),
        })
    }

    fn settle_on(&mut self, name: &str) -> String {
        self.settings.folder = Which::Named(name.to_owned());
        name.to_owned()
    }

    async fn make(&mut self, folder: &str) -> Result<(), Failure> {
        let name = quoted(folder)?;
        self.exchange(&format!("CREATE {name}"), |_| ()).await?;
        tracing::info!(mailbox = self.settings.name, "Created the folder {folder:?}");
        match self.exchange(&format!("SUBSCRIBE {name}"), |_| ()).await {
            // Mail clients then show it; a server that has no subscriptions shows it anyway.
            Ok(()) | Err(Failure::Refused { .. }) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

fn usual_names(namespace: &Namespace) -> Vec<String> {
    let mut names = candidates(SENT, namespace);
    let has_a_place = namespace.prefix.as_ref().is_some_and(|prefix| !prefix.is_empty());
    names.insert(if has_a_place { names.len() } else { 0 }, SENT.to_owned());
    names
}

/// RFC 3501 §9, `date-time`: the day has two places.
fn date_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%e-%b-%Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_nobody_named_is_made_among_peoples_folders() {
        let names =
            |prefix: Option<&str>, separator| usual_names(&Namespace { prefix: prefix.map(str::to_owned), separator });
        assert_eq!(names(Some(""), '/'), ["Sent"]);
        assert_eq!(names(Some("INBOX."), '.'), ["INBOX.Sent", "Sent"]);
        assert_eq!(names(None, '/'), ["Sent", "INBOX/Sent"]);
    }

    #[test]
    fn dates_are_written_with_two_places_for_the_day() {
        let at = |text: &str| date_time(text.parse().unwrap());
        assert_eq!(at("2026-11-29T17:04:05Z"), "29-Nov-2026 17:04:05 +0000");
        assert_eq!(at("2026-01-02T00:00:00Z"), " 2-Jan-2026 00:00:00 +0000");
    }
}
