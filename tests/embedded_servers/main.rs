//! The embedded servers as a client sees them: raw lines, and the IMAP client that guichet itself uses; and the gateway between
//! them, where they do as they should and where they do not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy sees helpers of integration tests as no tests")]

mod client;
#[path = "../support/configuration.rs"]
mod configuration;
mod demo;
mod imap;
mod library;
mod sent;
mod service;
mod smtp;
mod tls;

use guichet::demo::server::{Post, Servers};
use guichet::mail::Address;

/// Servers with two accounts, whose passwords are `secret`.
async fn servers() -> (Post, Servers) {
    let post = post();
    let servers = Servers::start(post.clone()).await.unwrap();
    (post, servers)
}

fn post() -> Post {
    let post = Post::new("mx.desk.test");
    post.add_account(&support(), "secret");
    post.add_account(&marie(), "secret");
    post
}

fn support() -> Address {
    "support@desk.test".parse().unwrap()
}

fn marie() -> Address {
    "marie@client.test".parse().unwrap()
}

/// A mail from Marie.
fn mail(subject: &str) -> Vec<u8> {
    format!("From: Marie <marie@client.test>\nSubject: {subject}\nMessage-ID: <{subject}@client.test>\n\nHello.\n")
        .into()
}
