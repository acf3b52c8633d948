//! What the requests of the last minutes are about, kept from one commit to the next: of each mail it is made once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::desk::{COMPARED_MAX, Docket, TicketNumber};
use crate::known_fix::Gist;

/// Of the newest tickets; what was asked first never changes.
#[derive(Debug, Default)]
pub(super) struct Gists(Mutex<BTreeMap<TicketNumber, Arc<Gist>>>);

impl Gists {
    /// The docket need not make these anew.
    pub(super) fn tell(&self, docket: &Docket) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for one in docket.compared() {
            if let Some(gist) = known.get(&one.ticket) {
                // Whoever made it already made the same.
                let _ = one.gist.set(Arc::clone(gist));
            }
        }
    }

    /// The docket's tickets are committed: what was made for them is kept, of as many as are compared.
    pub(super) fn learn(&self, docket: &Docket) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(docket.compared().filter_map(|one| Some((one.ticket, Arc::clone(one.gist.get()?)))));
        while known.len() > 2 * COMPARED_MAX {
            known.pop_first();
        }
    }
}
