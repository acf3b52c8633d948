//! Which deliveries this gateway is trying. A lease runs out by the clock, and clocks jump: a machine wakes up, a time
//! server corrects. What is on its way is never tried a second time beside itself.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::smtp::Leave;
use crate::store::{Claim, DeliveryId};

/// Deliveries on their way, each with its newest claim, and the leave that it gives.
#[derive(Debug, Default)]
pub(super) struct OnTheWay(HashMap<DeliveryId, (Claim, Leave)>);

impl OnTheWay {
    /// Whether a claimed delivery is on its way already; its newer claim is the one that counts when it ends.
    pub(super) fn has(&mut self, claim: Claim) -> bool {
        self.0.get_mut(&claim.delivery).is_some_and(|(known, _)| {
            *known = claim;
            true
        })
    }

    /// A try begins; its claim holds until then.
    pub(super) fn begin(&mut self, claim: Claim, until: Instant) -> Leave {
        let leave = Leave::until(until);
        self.0.insert(claim.delivery, (claim, leave.clone()));
        leave
    }

    /// The claims of all that are on their way.
    pub(super) fn claims(&self) -> Vec<Claim> {
        self.0.values().map(|(claim, _)| *claim).collect()
    }

    /// This claim holds until then.
    pub(super) fn prolong(&self, claim: Claim, until: Instant) {
        if let Some((_, leave)) = self.0.get(&claim.delivery).filter(|(known, _)| *known == claim) {
            leave.prolong(until);
        }
    }

    /// A try ended: the claim under which it is settled.
    pub(super) fn end(&mut self, claim: Claim) -> Claim {
        self.0.remove(&claim.delivery).map_or(claim, |(newest, _)| newest)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn claim(number: i64) -> Claim {
        Claim { delivery: DeliveryId(7), number }
    }

    #[test]
    fn a_delivery_that_is_claimed_again_while_it_is_tried_is_settled_under_its_newest_claim() {
        let mut on_the_way = OnTheWay::default();
        assert!(!on_the_way.has(claim(1)));
        on_the_way.begin(claim(1), Instant::now());
        assert!(on_the_way.has(claim(2)));
        assert_eq!(on_the_way.end(claim(1)), claim(2));
        assert!(!on_the_way.has(claim(3)));
    }

    #[test]
    fn leave_lasts_as_long_as_the_claim_is_known_to() {
        let (past, future) = (Instant::now(), Instant::now() + Duration::from_secs(600));
        let mut on_the_way = OnTheWay::default();
        let leave = on_the_way.begin(claim(1), past);
        on_the_way.prolong(claim(2), future);
        assert!(!leave.may_end(), "somebody else's claim gives none");
        on_the_way.prolong(claim(1), future);
        assert!(leave.may_end());
    }

    #[test]
    fn leave_is_taken_back_until_the_letter_ends() {
        let future = Instant::now() + Duration::from_secs(600);
        let mut on_the_way = OnTheWay::default();
        let slow = on_the_way.begin(claim(1), future);
        assert!(slow.take_back() && !slow.may_end());
        on_the_way.prolong(claim(1), future);
        assert!(!slow.may_end(), "for good");
        let quick = on_the_way.begin(claim(1), future);
        assert!(quick.may_end() && !quick.take_back());
    }
}
