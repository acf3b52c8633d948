//! The embedded mail servers of `guichet demo`.

pub mod server;
