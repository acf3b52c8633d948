//! A gateway that dies on the way to the copy of a letter: the next one finds out whether it lies there, and there is one.

use crate::Servers;
use crate::world::World;

/// A point, and how many copies lie there when the gateway is dead.
const POINTS: &[(&str, usize)] = &[
    ("sql with sent (delivery, at)", 0),
    ("sql update sent_copy set state = 'begun'", 0),
    ("log The copy of a letter goes to Sent", 0),
    ("log The copy of a letter lies in Sent", 1),
    ("sql update sent_copy set state = $2", 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn wherever_the_gateway_dies_a_letter_that_left_has_one_copy() {
    let deaths = POINTS.iter().map(async |(point, copies)| {
        let world = World::with_copies().await;
        world.servers(Servers::Serve);
        world.deliver_one_mail();
        world.die_at(point).await;
        assert_eq!(world.copies(), *copies, "{point}");
        world.run_to_the_end().await;
        assert_eq!(world.copies(), 1, "{point}");
    });
    futures_util::future::join_all(deaths).await;
}
