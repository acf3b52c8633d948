//! Who writes to us.

use crate::desk::{ContactId, PersonId};
use crate::mail::{Address, Language, Mailbox};

/// One address with what is known of the person who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The row of the address.
    pub id: ContactId,
    /// Whoever uses it, together with their other addresses.
    pub person: PersonId,
    /// As it was written when it was first seen; only its key is compared.
    pub address: Address,
    /// The name last seen beside it in a mail whose author was authenticated.
    pub name: Option<String>,
    /// Every name seen beside it, `name` among them, in order; most were never verified. At most 20 and that one.
    pub names: Vec<String>,
    /// The language the person writes, or asked for.
    pub language: Option<Language>,
    /// Whether mail still reaches it; a hard bounce of ours says no.
    pub deliverable: bool,
    /// Whether its provider reported a letter of ours as a complaint (RFC 5965): no automatic letter goes there.
    pub complained: bool,
}

impl Contact {
    /// The name, else the address.
    pub fn display(&self) -> &str {
        self.name.as_deref().unwrap_or(self.address.as_str())
    }

    /// For the To field of a letter.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox { name: self.name.clone(), address: self.address.clone() }
    }
}
