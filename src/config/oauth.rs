//! `[mailbox.oauth2]` and `[smtp.oauth2]`: signing in by tokens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::secret::{SecretKeys, secret};
use super::section::Section;
use super::value::{Wrong, date, line, lines, one_of, wrong};
use crate::net::{NoAddress, WebAddress};
use crate::oauth::{Account, BadKey, ClientProof, Flow, Signer, Tokens};
use crate::said;

const CLIENT_SECRET: SecretKeys =
    SecretKeys { plain: "client_secret", file: "client_secret_file", variable: "client_secret_env" };
const REFRESH_TOKEN: SecretKeys =
    SecretKeys { plain: "refresh_token", file: "refresh_token_file", variable: "refresh_token_env" };

const ENTRA: &str = "https://login.microsoftonline.com";
const GOOGLE: &str = "https://oauth2.googleapis.com/token";
/// How long a token server may be silent: what it grants may be good once, and is lost where nobody waits for it.
const LIMIT: Duration = Duration::from_secs(20);

/// The table within the one of a server.
pub(super) struct Place<'a> {
    /// What commands call it.
    pub(super) name: &'a str,
    /// As faults name the table.
    pub(super) table: &'static str,
    /// The mailbox that is to be opened.
    pub(super) user: &'a str,
    /// Where.
    pub(super) host: &'a str,
    /// Certificates trusted besides the system's, as the table says.
    pub(super) ca_file: Option<PathBuf>,
    /// Whether `[store]` has a key for tokens.
    pub(super) are_kept: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ClientCredentials,
    Device,
    RefreshToken,
    ServiceAccount,
}

/// The tokens that the table speaks of; `None` after a fault.
pub(super) fn oauth2(section: &Section<'_>, place: &Place<'_>) -> Option<Arc<Tokens>> {
    let ways = [
        ("client_credentials", Way::ClientCredentials),
        ("device", Way::Device),
        ("refresh_token", Way::RefreshToken),
        ("service_account", Way::ServiceAccount),
    ];
    let way = section.needed(
        "flow",
        one_of(&ways),
        &said!(
            "Add flow = \"client_credentials\" or \"device\" (Microsoft), \"service_account\" or \"refresh_token\" (Google).",
            "Ajoutez flow = \"client_credentials\" ou \"device\" (Microsoft), \"service_account\" ou \"refresh_token\" (Google)."
        ),
    );
    let tenant = section.optional("tenant", tenant);
    let client_id = section.optional("client_id", line);
    let client_secret = secret(section, &CLIENT_SECRET);
    let certificate = section.optional("certificate_file", line);
    let key_file = section.optional("key_file", line);
    let refresh_token = secret(section, &REFRESH_TOKEN);
    let sign_in_as = section.optional("login", line);
    let scopes = section.optional("scopes", lines);
    let token_url = section.optional("token_url", address(place.table));
    let device_url = section.optional("device_url", address(place.table));
    let secret_expires = section.optional("secret_expires", date);
    section.finish();
    let way = way?;
    let (tenant, certificate, key_file) = (tenant?, certificate?, key_file?);
    let url = |given: Option<WebAddress>, usual: Option<String>| {
        given.or_else(|| WebAddress::parse(&usual?, place.table).ok()).map(|url| url.trusting(place.ca_file.clone()))
    };
    let of_tenant = |end: &str| tenant.as_ref().map(|tenant| format!("{ENTRA}/{tenant}/oauth2/v2.0/{end}"));
    let needs = |key: &str, remedy: String| {
        section.fault(&said!("there is no {key}", "il manque {key}"), &remedy);
    };
    let (flow, usual_url, usual_scopes, service_id): (Flow, Option<String>, &[&str], Option<String>) = match way {
        Way::ClientCredentials => {
            (Flow::ClientCredentials, of_tenant("token"), &["https://outlook.office365.com/.default"], None)
        }
        Way::Device => {
            let Some(device_url) = url(device_url?, of_tenant("devicecode")) else {
                needs("tenant", tenant_remedy());
                return None;
            };
            if !place.are_kept {
                needs(
                    "token_key",
                    said!(
                        "Add token_key_file = \"secrets/tokens\" to [store], and a line of at least 32 random characters to that file, which its owner alone can read (umask 077; openssl rand -base64 32).",
                        "Ajoutez token_key_file = \"secrets/tokens\" à [store], et une ligne d’au moins 32 caractères tirés au sort à ce fichier, que seul son propriétaire peut lire (umask 077; openssl rand -base64 32)."
                    ),
                );
                return None;
            }
            let scopes = &[
                "https://outlook.office.com/IMAP.AccessAsUser.All",
                "https://outlook.office.com/SMTP.Send",
                "offline_access",
            ];
            (Flow::Device { device_url, sign_in_as: sign_in_as? }, of_tenant("token"), scopes, None)
        }
        Way::RefreshToken => {
            let Some(token) = refresh_token? else {
                needs(
                    "refresh_token",
                    said!(
                        "Add refresh_token_file, refresh_token or refresh_token_env.",
                        "Ajoutez refresh_token_file, refresh_token ou refresh_token_env."
                    ),
                );
                return None;
            };
            (Flow::RefreshToken(token), of_tenant("token").or_else(|| Some(GOOGLE.to_owned())), &[], None)
        }
        Way::ServiceAccount => {
            let Some(file) = key_file else {
                needs(
                    "key_file",
                    said!(
                        "Add key_file = \"secrets/google.json\": the key of a service account, as Google hands it out.",
                        "Ajoutez key_file = \"secrets/google.json\"\u{a0}: la clé d’un compte de service, telle que Google la remet."
                    ),
                );
                return None;
            };
            let (account, signer) = service_account(section, &file)?;
            let ServiceAccount { client_email, client_id, token_uri, .. } = account;
            let flow = Flow::ServiceAccount { signer, issuer: client_email, subject: place.user.to_owned() };
            let url = token_uri.unwrap_or_else(|| GOOGLE.to_owned());
            (flow, Some(url), &["https://mail.google.com/"], Some(client_id))
        }
    };
    let Some(token_url) = url(token_url?, usual_url) else {
        needs("tenant", tenant_remedy());
        return None;
    };
    let Some(client_id) = client_id?.or(service_id) else {
        needs(
            "client_id",
            said!(
                "Add client_id: the application’s id, as the provider registered it.",
                "Ajoutez client_id\u{a0}: l’identifiant de l’application, tel que le fournisseur l’a inscrit."
            ),
        );
        return None;
    };
    let client = match (client_secret?, certificate) {
        (Some(_), Some(_)) => {
            section.fault_of(
                "certificate_file",
                &said!("and client_secret exclude one another", "et client_secret s’excluent"),
                &said!("Keep one of them.", "Gardez-en un."),
            );
            return None;
        }
        (Some(secret), None) => ClientProof::Secret(secret),
        (None, Some(file)) => ClientProof::Certificate(certificate_of(section, &file)?),
        (None, None) if way == Way::ClientCredentials => {
            needs(
                "client_secret",
                said!(
                    "Add client_secret_file, client_secret or client_secret_env; or certificate_file.",
                    "Ajoutez client_secret_file, client_secret ou client_secret_env; ou certificate_file."
                ),
            );
            return None;
        }
        (None, None) => ClientProof::Public,
    };
    let scopes = scopes?.unwrap_or_else(|| usual_scopes.iter().map(ToString::to_string).collect());
    let (name, secret_expires) = (place.name.to_owned(), secret_expires?);
    let opens = format!("{} {}", place.user, place.host);
    Some(Arc::new(Tokens::new(Account {
        name,
        flow,
        client_id,
        client,
        token_url,
        scopes,
        opens,
        secret_expires,
        limit: LIMIT,
    })))
}

/// The key of a service account, as Google hands it out.
#[derive(Deserialize)]
struct ServiceAccount {
    client_email: String,
    client_id: String,
    private_key: String,
    #[serde(default)]
    private_key_id: String,
    #[serde(default)]
    token_uri: Option<String>,
}

fn service_account(section: &Section<'_>, file: &str) -> Option<(ServiceAccount, Signer)> {
    let (path, text) = read(section, "key_file", file)?;
    let account = serde_json::from_slice::<ServiceAccount>(&text).ok();
    let signer = account
        .as_ref()
        .and_then(|account| Signer::of_key(account.private_key.as_bytes(), &account.private_key_id).ok());
    if let (Some(account), Some(signer)) = (account, signer) {
        return Some((account, signer));
    }
    section.fault_of(
        "key_file",
        &said!("names {}, which is no key of a service account", "nomme {}, qui n’est pas la clé d’un compte de service", path.display()),
        &said!(
            "Make a key in JSON (Google Cloud: IAM, Service accounts, Keys), and put the file there as it is.",
            "Créez une clé en JSON (Google Cloud\u{a0}: IAM, Comptes de service, Clés), et déposez-y le fichier tel quel."
        ),
    );
    None
}

fn certificate_of(section: &Section<'_>, file: &str) -> Option<Signer> {
    let (path, text) = read(section, "certificate_file", file)?;
    let bad = match Signer::of_certificate(&text) {
        Ok(signer) => return Some(signer),
        Err(bad) => bad,
    };
    let path = path.display();
    let problem = match bad {
        BadKey::NoKey => {
            said!("names {path}, which holds no private key", "nomme {path}, qui ne contient pas de clé privée")
        }
        BadKey::NotRsa => {
            said!("names {path}, whose key is no RSA key", "nomme {path}, dont la clé n’est pas une clé RSA")
        }
        BadKey::NoCertificate => {
            said!("names {path}, which holds no certificate", "nomme {path}, qui ne contient pas de certificat")
        }
    };
    let remedy = said!(
        "Put the certificate and its RSA key into that file, both in PEM.",
        "Mettez dans ce fichier le certificat et sa clé RSA, tous deux en PEM."
    );
    section.fault_of("certificate_file", &problem, &remedy);
    None
}

fn read(section: &Section<'_>, key: &'static str, file: &str) -> Option<(PathBuf, Vec<u8>)> {
    let path = section.secret_file(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some((path, bytes)),
        Err(error) => {
            section.fault_of(
                key,
                &said!("names {}: {error}", "nomme {}\u{a0}: {error}", path.display()),
                &said!(
                    "Put the file there, and let guichet’s user read it.",
                    "Déposez-y le fichier, et laissez l’utilisateur de guichet le lire."
                ),
            );
            None
        }
    }
}

/// A name or an id: what stands in a URL as it is.
fn tenant(value: &toml::de::DeValue<'_>) -> Result<String, Wrong> {
    let tenant = line(value)?;
    if tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
        return Ok(tenant);
    }
    Err(wrong(said!("= {tenant:?} is no tenant", "= {tenant:?} n’est pas un locataire"), tenant_remedy()))
}

fn tenant_remedy() -> String {
    said!(
        "Write tenant = \"example.onmicrosoft.com\", or the tenant’s id; elsewhere token_url.",
        "Écrivez tenant = \"exemple.onmicrosoft.com\", ou l’identifiant du locataire; ailleurs, token_url."
    )
}

/// An address that secrets are posted to.
fn address(table: &'static str) -> impl Fn(&toml::de::DeValue<'_>) -> Result<WebAddress, Wrong> {
    move |value| {
        let text = line(value)?;
        WebAddress::parse(&text, table).map_err(|no| match no {
            NoAddress::InClear => wrong(
                said!("= {text:?} would send secrets in clear", "= {text:?} enverrait des secrets en clair"),
                said!(
                    "Write https://; http:// is for this machine alone.",
                    "Écrivez https://; http:// n’est que pour cette machine."
                ),
            ),
            NoAddress::NamesUser => wrong(
                said!("holds a user, which is not sent", "contient un utilisateur, qui n’est pas envoyé"),
                said!("Write https://host/path.", "Écrivez https://hôte/chemin."),
            ),
            NoAddress::Unreadable => wrong(
                said!("= {text:?} is no address", "= {text:?} n’est pas une adresse"),
                said!("Write https://host/path.", "Écrivez https://hôte/chemin."),
            ),
        })
    }
}
