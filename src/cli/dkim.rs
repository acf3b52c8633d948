//! `guichet dkim`: the keys by which servers of the world know our letters.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command as Program;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::{Span, Zoned};

use super::{Answer, Invocation, WrongUsage, terminal};
use crate::config;
use crate::dkim::{Key, Sort, new_ed25519, zone_text};
use crate::said;

/// As M3AAWG advises ("DKIM Key Rotation Best Common Practices", 2019).
const USE_KEYS_FOR_MONTHS: i32 = 6;

/// Keys that sign our letters for other servers (DKIM), where the relay does not
#[derive(Subcommand)]
#[command(after_help = "Example:\n  guichet dkim new --domain example.com")]
pub(super) enum Command {
    /// Make two keys, and print the records to publish and the lines for the configuration
    #[command(after_help = "\
Example:
  guichet dkim new --domain example.com --selector g1

Nothing is overwritten. Publish the records first, then paste the lines, and `guichet check` says whether they fit.
The key for RSA is made by the program openssl.")]
    New(NewArguments),
}

#[derive(Args)]
pub(super) struct NewArguments {
    /// The domain that From has [default: the first desk's, where there is a configuration]
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// What the keys are called: S-rsa and S-ed25519
    #[arg(long, value_name = "S", default_value = "guichet")]
    selector: String,
    /// Where the files are written [default: secrets, beside the configuration]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(invocation: &Invocation, command: &Command) -> Result<Answer> {
    let Command::New(arguments) = command;
    let domain = match &arguments.domain {
        Some(domain) => domain.clone(),
        None => invocation.configuration()?.policy.desks.first().addresses.first().domain().to_owned(),
    };
    let domain = idna::domain_to_ascii_strict(&domain).ok().filter(|domain| domain.contains('.')).ok_or_else(|| {
        WrongUsage(said!(
            "{domain:?} is no domain such as example.com.",
            "{domain:?} n’est pas un domaine comme example.com."
        ))
    })?;
    let selector = arguments.selector.to_ascii_lowercase();
    if selector.is_empty() || !selector.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(WrongUsage(said!(
            "A selector has letters, digits and hyphens.",
            "Un sélecteur a des lettres, des chiffres et des traits d’union."
        ))
        .into());
    }
    let beside = config::find(invocation.config.as_deref()).ok();
    let beside = beside.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    let dir = arguments.dir.clone().unwrap_or_else(|| beside.join("secrets"));
    let new = [Sort::Rsa, Sort::Ed25519].map(|sort| {
        let selector = format!("{selector}-{}", sort.word());
        let file = dir.join(format!("dkim-{domain}-{selector}"));
        (sort, selector, file)
    });
    if let Some((_, _, file)) = new.iter().find(|(_, _, file)| file.exists()) {
        bail!(said!(
            "{} is there already: take another --selector, which is how a key is replaced",
            "{} existe déjà\u{a0}: prenez un autre --selector, car c’est ainsi qu’on remplace une clé",
            file.display()
        ));
    }
    let pem = [new_rsa()?, new_ed25519()?];
    DirBuilder::new().recursive(true).mode(0o700).create(&dir).with_context(|| cannot_write(&dir))?;
    let replace_by = Zoned::now().date().saturating_add(Span::new().months(USE_KEYS_FOR_MONTHS));
    let mut records = Vec::new();
    let mut lines =
        vec!["[[dkim]]".to_owned(), format!("domain = {domain:?}"), format!("replace_by = \"{replace_by}\"")];
    for ((sort, selector, file), pem) in new.iter().zip(&pem) {
        let key = Key::read(*sort, selector, pem.as_bytes())?;
        write(file, pem).with_context(|| cannot_write(file))?;
        records.push(format!("{selector}._domainkey.{domain}. IN TXT ( {} )\n", zone_text(&key.record())));
        let word = sort.word();
        lines.push(format!("{word}_selector = {selector:?}"));
        lines.push(format!("{word}_key_file = {:?}", named(file, &beside)));
    }
    let (records, lines) = (records.concat(), lines.join("\n"));
    terminal::print(&said!(
        "; Publish these two records.\n{records}\n# Then paste these lines into the configuration.\n{lines}\n",
        "; Publiez ces deux enregistrements.\n{records}\n# Puis collez ces lignes dans la configuration.\n{lines}\n"
    ))?;
    Ok(Answer::Done)
}

/// As the configuration names the file: relative where it stands below it.
fn named(file: &Path, beside: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(if path.as_os_str().is_empty() { Path::new(".") } else { path });
    match (absolute(file), absolute(beside)) {
        (Ok(file), Ok(beside)) => file.strip_prefix(beside).unwrap_or(&file).display().to_string(),
        _ => file.display().to_string(),
    }
}

/// ring makes no keys for RSA, and OpenSSL is on every server that has certificates.
fn new_rsa() -> Result<String> {
    let made = Program::new("openssl")
        .args(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .with_context(|| {
            said!(
                "the program openssl cannot be run, which makes the key for RSA: install it",
                "impossible d’exécuter le programme openssl, qui crée la clé RSA\u{a0}: installez-le"
            )
        })?;
    if !made.status.success() {
        bail!(said!(
            "openssl made no key: {}",
            "openssl n’a pas créé de clé\u{a0}: {}",
            String::from_utf8_lossy(&made.stderr).trim()
        ));
    }
    Ok(String::from_utf8(made.stdout)?)
}

fn write(file: &Path, pem: &str) -> Result<()> {
    let mut written = File::options().write(true).create_new(true).mode(0o600).open(file)?;
    written.write_all(pem.as_bytes()).and_then(|()| written.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(file);
    })?;
    Ok(())
}

fn cannot_write(path: &Path) -> String {
    said!("Cannot write {}", "Impossible d’écrire {}", path.display())
}
