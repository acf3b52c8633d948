//! `guichet demo`: embedded mail servers, a real gateway between them, and people who play a story by mail.

mod books;
mod cast;
mod house;
mod mail_client;
pub mod print;
pub mod server;
mod stage;
mod story;

pub use books::{Books, Promise};
pub use cast::{Cast, Client, PASSWORD, Person, Who};
pub use house::CONFIGURATION;
pub use stage::{Received, Scene, Stage, Written};
pub use story::{CASE_NUMBER, NOTE, VENDOR_ANSWER, play};
