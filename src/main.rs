//! The command: see [`guichet::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet::cli::run(std::env::args_os())
}
