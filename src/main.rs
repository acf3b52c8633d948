//! The command: see [`guichet::cli`].

fn main() {}
