//! Who plays.

use crate::client::{Client, Person};

/// Asks, in French, from a telephone.
pub(crate) const MARIE: Person = Person {
    name: "Marie Tremblay",
    address: "marie@client.test",
    client: Client::AppleMail,
    signature: "Marie Tremblay\n514 555-0142",
};

/// Asks, in English.
pub(crate) const TOM: Person =
    Person { name: "Tom Baker", address: "tom@client.test", client: Client::Gmail, signature: "" };

/// Marie's colleague.
pub(crate) const PAUL: Person =
    Person { name: "Paul Roy", address: "paul@client.test", client: Client::Outlook, signature: "Paul" };

/// Knows nobody here.
pub(crate) const STRANGER: Person =
    Person { name: "Simon Strange", address: "simon@elsewhere.test", client: Client::Thunderbird, signature: "" };

/// Works at L1, in French.
pub(crate) const ALICE: Person = Person {
    name: "Alice Gagnon",
    address: "alice@helpdesk.test",
    client: Client::Outlook,
    signature: "Alice Gagnon\nCentre de services",
};

/// Works at L1, in English.
pub(crate) const BOB: Person = Person {
    name: "Bob Stone",
    address: "bob@helpdesk.test",
    client: Client::Thunderbird,
    signature: "-- \nBob Stone",
};

/// Works at L2, whose mailbox is shared.
pub(crate) const LUC: Person =
    Person { name: "Luc Côté", address: "luc@helpdesk.test", client: Client::Outlook, signature: "Luc" };

/// Works for the vendor.
pub(crate) const ANNA: Person =
    Person { name: "Anna at Acme", address: "anna@acme.test", client: Client::Gmail, signature: "" };

/// The vendor's ticket system.
pub(crate) const ROBOT: Person =
    Person { name: "Acme Support", address: "jira@acme.test", client: Client::Robot, signature: "" };

pub(crate) const DESK: &str = "support@desk.test";
pub(crate) const L2: &str = "n2@helpdesk.test";
pub(crate) const ACME: &str = "support@acme.test";
