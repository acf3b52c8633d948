//! The command: see [`guichet::cli`].

use std::io::Write as _;

use guichet::cli::inspect;
use guichet::mail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["inspect", "--json", file] => writeln!(out, "{}", inspect::to_json(&mail::parse(&std::fs::read(file)?)))?,
        ["inspect", "--jsonl", files @ ..] => {
            for file in files {
                let mut facts = inspect::to_json(&mail::parse(&std::fs::read(file)?));
                facts["file"] = (*file).into();
                writeln!(out, "{facts}")?;
            }
        }
        ["inspect", file] => write!(out, "{}", inspect::for_people(&mail::parse(&std::fs::read(file)?)))?,
        _ => anyhow::bail!("Usage: guichet inspect [--json | --jsonl] FILE"),
    }
    Ok(())
}
