//! The story of `guichet demo`, played through the library.

#![cfg(test)]

use guichet::demo::{Stage, play};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_story_is_played_to_its_end() {
    let mut stage = Stage::open(|scene| eprintln!("{scene:?}\n")).await.unwrap();
    let ticket = play(&mut stage).await.unwrap();
    eprintln!("{ticket}");
}
