//! The way of a mail, as its header tells it: which of its Authentication-Results fields the border must have written.
//!
//! Every server writes above what it was given. So what stands above the border's own Received came from the border or
//! from behind it, and whatever a mail brought along stands below.

use std::fmt;

use super::super::TraceField;
use super::lexer::Unclosed;
use super::received::{self, Hop, Login};
use super::results::{self, Judgement, Results};
use super::{Border, Place, Tenant, domain};

/// Whether an Authentication-Results field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It stands above the border's own hop.
    AboveHop,
    /// The mail tells of no such hop, and it stands above every hop.
    AboveAll,
    /// It stands right below the hop, where the border's filter writes.
    RightBelowHop,
    /// The same, behind a login: nothing of it but that login counts.
    LoginBelowHop,
    /// It counts not: another server's, or in no known form.
    Foreign,
    /// It counts not: the mail may have brought it along.
    Brought,
}

impl Standing {
    /// Whether anything of the field counts.
    pub fn counts(self) -> bool {
        match self {
            Standing::AboveHop | Standing::AboveAll | Standing::RightBelowHop | Standing::LoginBelowHop => true,
            Standing::Foreign | Standing::Brought => false,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Standing::AboveHop => "counts, above the border's hop",
            Standing::AboveAll => "counts, above every hop, none of which is the border's",
            Standing::RightBelowHop => "counts, right below the border's hop",
            Standing::LoginBelowHop => "counts for its login alone, right below the border's hop",
            Standing::Foreign => "does not count, of another server",
            Standing::Brought => "does not count, the mail may have brought it along",
        })
    }
}

/// The way of one mail.
#[derive(Clone, Debug, Default)]
pub(super) struct Way<'m> {
    /// The Received field of the border's own hop.
    pub(super) hop: Option<&'m str>,
    /// Every Authentication-Results field, topmost first.
    pub(super) fields: Vec<(&'m str, Standing)>,
    /// What counts, joined.
    pub(super) judgements: Vec<Judgement>,
    /// One that counts is damaged.
    pub(super) is_damaged: bool,
}

/// Where in the trace the border's word ends.
pub(super) enum Edge {
    /// Its own hop stands there.
    Hop { at: usize, hop: Hop },
    /// There is no such hop; what stands above this counts.
    NoHop { at: usize },
}

/// The way that a border with a name tells of.
pub(super) fn of_border<'m>(trace: &'m [TraceField], border: &Border) -> Way<'m> {
    let edge = edge(trace, |host| border.hosts.iter().any(|own| own == host));
    let is_ours = |results: &Results| border.authserv_ids.contains(&results.authserv_id);
    way(trace, &edge, border.results, usize::MAX, |value| results::read(value).filter(is_ours))
}

/// The way that Exchange Online tells of: its own results are the topmost.
pub(super) fn of_exchange<'m>(trace: &'m [TraceField], tenant: &Tenant) -> Way<'m> {
    let is_host = |host: &str| tenant.hosts.iter().any(|outer| domain::is_or_holds(outer, host));
    way(trace, &edge(trace, is_host), Place::Above, 1, results::read_nameless)
}

/// What the fields say that stand at `place`; no more than so many of the topmost can count.
fn way<'m>(
    trace: &'m [TraceField],
    edge: &Edge,
    place: Place,
    counting_max: usize,
    read: impl Fn(&str) -> Option<Results>,
) -> Way<'m> {
    let mut way = Way { hop: edge.hop(trace), ..Way::default() };
    for (at, field) in trace.iter().enumerate() {
        let TraceField::AuthenticationResults(value) = field else { continue };
        let mut standing = edge.standing(at, place);
        if way.fields.len() >= counting_max {
            standing = Standing::Brought;
        } else if standing.counts() {
            match read(value) {
                Some(results) => way.count(results, standing, edge),
                None => standing = Standing::Foreign,
            }
        }
        way.fields.push((value, standing));
    }
    way
}

/// The topmost hop of the border, which is one of these hosts.
pub(super) fn edge(trace: &[TraceField], is_host: impl Fn(&str) -> bool) -> Edge {
    for (at, field) in trace.iter().enumerate() {
        let TraceField::Received(value) = field else { continue };
        match received::hop(value, &is_host) {
            Ok(Some(hop)) => return Edge::Hop { at, hop },
            Ok(None) => {}
            // It might have been the border's own, and the next one below a forged one.
            Err(Unclosed) => break,
        }
    }
    // Where not even a Received stands nothing separates what the border wrote from what the mail brought: one field alone
    // can be the border's, the topmost.
    let first_received = trace.iter().position(|field| matches!(field, TraceField::Received(_)));
    Edge::NoHop { at: first_received.unwrap_or(1) }
}

impl Edge {
    /// The Received field of the border's own hop.
    pub(super) fn hop<'m>(&self, trace: &'m [TraceField]) -> Option<&'m str> {
        match self {
            Edge::Hop { at, .. } => Some(trace[*at].value()),
            Edge::NoHop { .. } => None,
        }
    }

    /// Below the hop only the field that stands next to it can be the filter's: behind another Received begins what the
    /// mail had before it came here.
    fn standing(&self, field: usize, place: Place) -> Standing {
        match self {
            Edge::NoHop { at } if field < *at => Standing::AboveAll,
            Edge::Hop { at, .. } if field < *at => Standing::AboveHop,
            Edge::Hop { at, hop } if field == at + 1 && place == Place::Below => match hop.login {
                Login::None => Standing::RightBelowHop,
                Login::Unnamed | Login::Named(_) | Login::Disputed => Standing::LoginBelowHop,
            },
            Edge::NoHop { .. } | Edge::Hop { .. } => Standing::Brought,
        }
    }
}

impl Way<'_> {
    fn count(&mut self, results: Results, standing: Standing, edge: &Edge) {
        self.is_damaged |= results.is_damaged;
        // A field that names another login than the hop is the mail's own.
        let is_of_hop = |judgement: &Judgement| match edge {
            Edge::Hop { hop: Hop { login: Login::Named(name), .. }, .. } => {
                judgement.property("smtp.auth") == Some(name)
            }
            Edge::Hop { hop: Hop { login: Login::Disputed, .. }, .. } => false,
            Edge::Hop { .. } | Edge::NoHop { .. } => true,
        };
        let is_below_login = standing == Standing::LoginBelowHop;
        let counts = |judgement: &Judgement| !is_below_login || (judgement.method == "auth" && is_of_hop(judgement));
        self.judgements.extend(results.judgements.into_iter().filter(counts));
    }
}
