//! Secrets: written down, in a file of their own, or in the environment.

use std::io::ErrorKind;

use secrecy::SecretString;

use super::SecretPlace;
use super::section::Section;
use super::value::line;
use crate::said;

/// The three keys by which a secret may be given.
pub(super) struct SecretKeys {
    pub(super) plain: &'static str,
    pub(super) file: &'static str,
    pub(super) variable: &'static str,
}

pub(super) const PASSWORD: SecretKeys =
    SecretKeys { plain: "password", file: "password_file", variable: "password_env" };
/// A secret from the file, from a file of its own or from the environment; the inner `None` where none is given.
pub(super) fn secret(section: &Section<'_>, keys: &SecretKeys) -> Option<Option<SecretString>> {
    let plain = section.optional(keys.plain, line)?;
    let file = section.optional(keys.file, line)?;
    let variable = section.optional(keys.variable, line)?;
    let given = usize::from(plain.is_some()) + usize::from(file.is_some()) + usize::from(variable.is_some());
    if given > 1 {
        let problem =
            said!("{}, {} and {} exclude one another", "{}, {} et {} s’excluent", keys.plain, keys.file, keys.variable);
        section.fault(&problem, &said!("Keep one of them.", "Gardez-en un."));
        return None;
    }
    if let Some(secret) = plain {
        if keys.plain != "url" || has_password(&secret) {
            section.keep_secret(SecretPlace::Configuration);
        }
        return Some(Some(secret.into()));
    }
    if let Some(file) = file {
        return secret_of_file(section, keys.file, &file).map(Some);
    }
    let Some(name) = variable else { return Some(None) };
    match section.variable(&name).filter(|value| !value.is_empty()) {
        Some(value) => Some(Some(value.into())),
        None => {
            let problem = said!(
                "names {name:?}, which the environment does not have",
                "nomme {name:?}, que l’environnement n’a pas"
            );
            section.fault_of(
                keys.variable,
                &problem,
                &said!("Set the variable where guichet is started.", "Définissez la variable là où guichet est lancé."),
            );
            None
        }
    }
}

fn secret_of_file(section: &Section<'_>, key: &'static str, file: &str) -> Option<SecretString> {
    let handed_over = section.credential(file);
    let is_handed_over = handed_over.is_some();
    let path = handed_over.unwrap_or_else(|| section.resolve(file.as_ref()));
    let remedy = &said!(
        "Write the secret on the first line of that file and let guichet's user read it.",
        "Écrivez le secret sur la première ligne de ce fichier, et laissez l’utilisateur de guichet le lire."
    );
    match std::fs::read_to_string(&path) {
        // Some editors put a byte order mark before the text.
        Ok(content) => match content.trim_start_matches('\u{feff}').lines().next().filter(|line| !line.is_empty()) {
            Some(secret) => {
                if !is_handed_over {
                    section.keep_secret(SecretPlace::File(path));
                }
                Some(secret.into())
            }
            None => {
                section.fault_of(
                    key,
                    &said!("names {}, which is empty", "nomme {}, qui est vide", path.display()),
                    remedy,
                );
                None
            }
        },
        Err(error) => {
            let remedy = match error.kind() {
                ErrorKind::PermissionDenied => said!(
                    "Let guichet's user read it; as a service of systemd, put it into the folder secrets beside the \
                     configuration and write {key} = \"secrets/NAME\".",
                    "Laissez l’utilisateur de guichet le lire; comme service de systemd, mettez-le dans le dossier secrets à \
                     côté de la configuration et écrivez {key} = \"secrets/NOM\"."
                ),
                _ => remedy.to_owned(),
            };
            section.fault_of(key, &said!("names {}: {error}", "nomme {}\u{a0}: {error}", path.display()), &remedy);
            None
        }
    }
}

/// Whether there is one in the url of a database.
fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) || url.contains("password=")
}
