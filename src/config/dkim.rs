//! `[[dkim]]`: who signs letters of a domain.

use std::fs;

use super::alarm::end_on;
use super::section::{Placed, Section};
use super::value::{date, domain, line};
use crate::dkim::{Key, Signer, Sort};
use crate::gateway::{End, EndOf};
use crate::said;

/// The keys of a domain, and when they are to be replaced.
pub(super) fn signer(section: &Section<'_>) -> Placed<(Signer, Option<End>)> {
    let domain = section.needed(
        "domain",
        domain,
        &said!(
            "Add domain = \"example.com\": letters whose From is of that domain are signed.",
            "Ajoutez domain = \"example.com\"\u{a0}: les lettres dont From est de ce domaine sont signées."
        ),
    );
    let rsa = key(section, Sort::Rsa, "rsa_selector", "rsa_key_file");
    let ed25519 = key(section, Sort::Ed25519, "ed25519_selector", "ed25519_key_file");
    let replace_by = section.optional("replace_by", date);
    section.finish();
    let whole = || {
        let (domain, rsa, ed25519, replace_by) = (domain?, rsa?, ed25519?, replace_by?);
        let keys: Vec<Key> = rsa.into_iter().chain(ed25519).collect();
        if keys.is_empty() {
            section.fault(
                &said!("there is no key", "il n’y a pas de clé"),
                &said!(
                    "Add rsa_selector and rsa_key_file; `guichet dkim new` makes keys and prints the lines.",
                    "Ajoutez rsa_selector et rsa_key_file; `guichet dkim new` crée des clés et affiche les lignes."
                ),
            );
            return None;
        }
        let domain = idna::domain_to_ascii(&domain).unwrap_or_else(|_| domain.to_lowercase());
        let end = replace_by.and_then(|day| end_on(EndOf::DkimKeys(domain.clone()), day));
        Some((Signer { domain, keys }, end))
    };
    section.placed(whole())
}

/// One key; the inner `None` where there is none.
fn key(section: &Section<'_>, sort: Sort, selector_key: &'static str, file_key: &'static str) -> Option<Option<Key>> {
    let (selector, file) = (section.optional(selector_key, line)?, section.optional(file_key, line)?);
    let (selector, file) = match (selector, file) {
        (Some(selector), Some(file)) => (selector, file),
        (None, None) => return Some(None),
        _ => {
            section.fault(
                &said!("{selector_key} and {file_key} go together", "{selector_key} et {file_key} vont ensemble"),
                &said!("Give both, or neither.", "Donnez les deux, ou aucun."),
            );
            return None;
        }
    };
    let path = section.secret_file(&file);
    let shown = path.display();
    let read = fs::read(&path).map_err(|error| error.to_string());
    let read = read.and_then(|pem| Key::read(sort, &selector, &pem).map_err(|error| error.to_string()));
    match read {
        Ok(key) => Some(Some(key)),
        Err(error) => {
            let word = sort.word();
            section.fault_of(
                file_key,
                &said!(
                    "names {shown}, where no {word} key can be read ({error})",
                    "nomme {shown}, où aucune clé {word} ne peut être lue ({error})"
                ),
                &said!(
                    "Make one with `guichet dkim new`, and let guichet's user read it.",
                    "Créez-en une avec `guichet dkim new`, et laissez l’utilisateur de guichet la lire."
                ),
            );
            None
        }
    }
}
