//! Which deliveries this gateway is trying. A lease runs out by the clock, and clocks jump: a machine wakes up, a time
//! server corrects. What is on its way is never tried a second time beside itself.

use std::collections::HashMap;

use crate::store::{Claim, DeliveryId};

/// Deliveries on their way, each with its newest claim.
#[derive(Debug, Default)]
pub(super) struct OnTheWay(HashMap<DeliveryId, Claim>);

impl OnTheWay {
    /// Whether a claimed delivery is on its way already; its newer claim is the one that counts when it ends.
    pub(super) fn has(&mut self, claim: Claim) -> bool {
        self.0.get_mut(&claim.delivery).is_some_and(|known| {
            *known = claim;
            true
        })
    }

    /// A try begins.
    pub(super) fn begin(&mut self, claim: Claim) {
        self.0.insert(claim.delivery, claim);
    }

    /// A try ended: the claim under which it is settled.
    pub(super) fn end(&mut self, claim: Claim) -> Claim {
        self.0.remove(&claim.delivery).unwrap_or(claim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_that_is_claimed_again_while_it_is_tried_is_settled_under_its_newest_claim() {
        let claim = |number| Claim { delivery: DeliveryId(7), number };
        let mut on_the_way = OnTheWay::default();
        assert!(!on_the_way.has(claim(1)));
        on_the_way.begin(claim(1));
        assert!(on_the_way.has(claim(2)));
        assert_eq!(on_the_way.end(claim(1)), claim(2));
        assert!(!on_the_way.has(claim(3)));
    }
}
