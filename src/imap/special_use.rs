//! Folders by what the server says they are for (RFC 6154).

use async_imap::imap_proto::{MailboxDatum, NameAttribute, Response};

use super::exchange::Session;
use super::failure::Failure;
use super::{Which, utf7};

impl Session {
    /// What the watched folder is called; as the configuration has it where that is not known.
    pub fn watched(&self) -> String {
        self.settings.folder.to_string()
    }

    /// Finds the watched folder where it is not known by its name. `false`: the server says of none that it is for that.
    pub async fn find_watched(&mut self) -> Result<bool, Failure> {
        let is_it = match self.settings.folder {
            Which::Named(_) => return Ok(true),
            Which::Junk => is_junk,
            Which::Sent => is_sent,
        };
        // Without the extension some servers say it all the same, of all folders.
        let command = if self.capabilities.special_use { "LIST (SPECIAL-USE) \"\" \"*\"" } else { "LIST \"\" \"*\"" };
        let mut found = None;
        let listed = self.exchange(command, |response| {
            if let Response::MailboxData(MailboxDatum::List(listed)) = response
                && listed.name_attributes.iter().any(is_it)
            {
                found = found.take().or_else(|| utf7::decode(&listed.name));
            }
        });
        match listed.await {
            Ok(()) | Err(Failure::Refused { .. }) => {}
            Err(lost) => return Err(lost),
        }
        let Some(name) = found else { return Ok(false) };
        self.settings.folder = Which::Named(name);
        Ok(true)
    }
}

fn is_junk(attribute: &NameAttribute<'_>) -> bool {
    match attribute {
        NameAttribute::Junk => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\Junk"),
        _ => false,
    }
}

fn is_sent(attribute: &NameAttribute<'_>) -> bool {
    match attribute {
        NameAttribute::Sent => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\Sent"),
        _ => false,
    }
}
