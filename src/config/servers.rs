//! `[[mailbox]]`, `[smtp]`, and what they share: secrets, TLS.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::SecretPlace;
use super::section::{Placed, Section};
use super::value::{
    domains, flag, flat_duration, line, name, name_servers, one_of, server_names, text, waits, whole_number,
};
use crate::gateway::{AuthenticationBy, Watched};
use crate::imap::{self, Which};
use crate::mail::authenticity::{Border, Place, Tenant, Witnesses};
use crate::net::{Login, Tls};
use crate::{dns, said, smtp};

/// The three keys by which a secret may be given.
pub(super) struct SecretKeys {
    pub(super) plain: &'static str,
    pub(super) file: &'static str,
    pub(super) variable: &'static str,
}

pub(super) const PASSWORD: SecretKeys =
    SecretKeys { plain: "password", file: "password_file", variable: "password_env" };
const TLS: [(&str, Tls); 3] = [("implicit", Tls::Implicit), ("starttls", Tls::StartTls), ("none", Tls::None)];

/// A mailbox, and its folder for junk. `desk_domains` are those of Exchange where it is not told otherwise.
pub(super) fn mailbox(
    section: &Section<'_>,
    message_bytes_max: Option<u64>,
    desk_domains: &[String],
) -> Placed<(Watched, Option<Which>)> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"support\": logs and commands use it.",
            "Ajoutez name = \"support\"\u{a0}: le journal et les commandes s’en servent."
        ),
    );
    let host = section.needed(
        "host",
        line,
        &said!("Add host = \"imap.example.com\".", "Ajoutez host = \"imap.example.com\"."),
    );
    let tls = tls(section, host.as_deref());
    let port = port(section, if tls == Some(Tls::Implicit) { 993 } else { 143 });
    let user = section.needed(
        "user",
        line,
        &said!("Add user = \"support@example.com\".", "Ajoutez user = \"support@example.com\"."),
    );
    let password = mailbox_password(section);
    let folder = section.or("folder", line, "INBOX".to_owned());
    let processed = section.or("processed_folder", text, String::new());
    let junk = section.optional("junk_folder", text);
    let poll = section.or("poll_seconds", flat_duration(1..=600, 1), Duration::from_secs(60));
    let idle_timeout = section.or("idle_timeout_seconds", flat_duration(1..=600, 1), Duration::from_secs(300));
    let exchange_timeout = section.or("exchange_timeout_seconds", flat_duration(1..=600, 1), Duration::from_secs(30));
    let ca_file = ca_file(section);
    let authentication = authentication(section, desk_domains);
    section.finish();
    if let (Some(folder), Some(processed)) = (&folder, &processed)
        && folder.eq_ignore_ascii_case(processed)
    {
        let remedy = &said!(
            "Name another folder, or write \"\" to leave handled mail in place.",
            "Nommez un autre dossier, ou écrivez \"\" pour laisser le courriel traité à sa place."
        );
        section.fault_of(
            "processed_folder",
            &said!("is the watched folder itself", "est le dossier surveillé lui-même"),
            remedy,
        );
    }
    if let (Some(folder), Some(processed), Some(Some(junk))) = (&folder, &processed, &junk)
        && [folder, processed].into_iter().any(|other| junk.eq_ignore_ascii_case(other) && !other.is_empty())
    {
        section.fault_of(
            "junk_folder",
            &said!(
                "is the folder of other mail, or of handled mail",
                "est le dossier de l’autre courriel, ou du courriel traité"
            ),
            &said!(
                "Name the folder in which the server puts junk, or write \"\" to leave junk unwatched.",
                "Nommez le dossier où le serveur met les indésirables, ou écrivez \"\" pour ne pas les surveiller."
            ),
        );
    }
    let whole = || {
        let imap = imap::Settings {
            name: name?,
            host: host?,
            port: port?,
            tls: tls?,
            login: Login::new(user?, password?),
            folder: Which::Named(folder?),
            poll: poll?,
            idle_timeout: idle_timeout?,
            exchange_timeout: exchange_timeout?,
            message_bytes_max: message_bytes_max?,
            ca_file: ca_file?,
        };
        let processed_folder = processed?;
        let junk = match junk? {
            None => Some(Which::Junk),
            Some(none) if none.is_empty() => None,
            Some(folder) => Some(Which::Named(folder)),
        };
        let watched = Watched {
            imap,
            processed_folder: (!processed_folder.is_empty()).then_some(processed_folder),
            authentication: authentication?,
            is_junk: false,
        };
        Some((watched, junk))
    };
    section.placed(whole())
}

/// The relay, the waits between attempts, and how long to try.
pub(super) fn smtp(section: &Section<'_>) -> Option<(smtp::Settings, Vec<Duration>, Duration)> {
    let host = section.needed(
        "host",
        line,
        &said!("Add host = \"smtp.example.com\".", "Ajoutez host = \"smtp.example.com\"."),
    );
    let tls = tls(section, host.as_deref());
    let port = port(
        section,
        match tls {
            Some(Tls::StartTls) => 587,
            Some(Tls::None) => 25,
            Some(Tls::Implicit) | None => 465,
        },
    );
    let user = section.optional("user", line);
    let password = secret(section, &PASSWORD);
    let login = match (user, password) {
        (Some(Some(user)), Some(Some(password))) => Some(Some(Login::new(user, password))),
        (Some(None), Some(None)) => Some(None),
        (Some(_), Some(_)) => {
            section.fault(
                &said!("user and password go together", "user et password vont ensemble"),
                &said!(
                    "Give both, or neither where the relay asks for none.",
                    "Donnez les deux, ou aucun si le relais n’en demande pas."
                ),
            );
            None
        }
        _ => None,
    };
    let timeout = section.or("timeout_seconds", flat_duration(1..=600, 1), Duration::from_secs(60));
    let usual = [60, 300, 900, 1800, 3600].map(Duration::from_secs).to_vec();
    let retry = section.or("retry_seconds", waits, usual);
    let give_up = section.or("give_up_hours", flat_duration(1..=720, 3600), Duration::from_secs(96 * 3600));
    let ca_file = ca_file(section);
    let helo = section.or("helo", line, String::new());
    section.finish();
    let settings = smtp::Settings {
        host: host?,
        port: port?,
        tls: tls?,
        login: login?,
        timeout: timeout?,
        ca_file: ca_file?,
        helo: helo?,
    };
    Some((settings, retry?, give_up?))
}

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
        if keys.plain == PASSWORD.plain || has_password(&secret) {
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
    let handed_over = credential(section, file);
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

/// Where the service manager handed a file over: `$CREDENTIALS_DIRECTORY/secrets_support` is `secrets/support`, as systemd
/// names the files of a folder (`LoadCredential=secrets:/etc/guichet/secrets`).
fn credential(section: &Section<'_>, file: &str) -> Option<PathBuf> {
    let handed_over =
        PathBuf::from(section.variable("CREDENTIALS_DIRECTORY")?).join(file.trim_start_matches("./").replace('/', "_"));
    (Path::new(file).is_relative() && handed_over.is_file()).then_some(handed_over)
}

fn mailbox_password(section: &Section<'_>) -> Option<SecretString> {
    if section.has("oauth2") {
        let remedy = &said!(
            "Give the mailbox an app password, or reach it through a proxy that speaks OAuth 2.0 for you.",
            "Donnez à la boîte un mot de passe d’application, ou passez par un mandataire qui parle OAuth 2.0 pour vous."
        );
        section.fault_of(
            "oauth2",
            &said!(
                "(signing in by OAuth 2.0) is not in this version",
                "(s’identifier par OAuth 2.0) n’est pas dans cette version"
            ),
            remedy,
        );
        return None;
    }
    match secret(section, &PASSWORD)? {
        Some(password) => Some(password),
        None => {
            section.fault(
                &said!("there is no password", "il manque un mot de passe"),
                &said!(
                    "Add password, password_file or password_env.",
                    "Ajoutez password, password_file ou password_env."
                ),
            );
            None
        }
    }
}

/// Mail and passwords in clear are for loopback, or must be asked for twice.
fn tls(section: &Section<'_>, host: Option<&str>) -> Option<Tls> {
    let tls = section.or("tls", one_of(&TLS), Tls::Implicit);
    let deliberate = section.or("tls_none_is_deliberate", flag, false);
    let (tls, host) = (tls?, host?);
    if tls == Tls::None && !deliberate? && !is_loopback(host) {
        let problem = said!(
            "= \"none\" would send password and mail to {host:?} in clear",
            "= \"none\" enverrait le mot de passe et le courriel en clair à {host:?}"
        );
        let remedy = &said!(
            "Write \"implicit\" or \"starttls\"; if you mean it, add tls_none_is_deliberate = true.",
            "Écrivez \"implicit\" ou \"starttls\"; si c’est voulu, ajoutez tls_none_is_deliberate = true."
        );
        section.fault_of("tls", &problem, remedy);
        return None;
    }
    Some(tls)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn port(section: &Section<'_>, usual: u16) -> Option<u16> {
    let port = section.or("port", whole_number(1..=65_535), u64::from(usual))?;
    u16::try_from(port).ok()
}

fn ca_file(section: &Section<'_>) -> Option<Option<PathBuf>> {
    let file = section.or("ca_file", text, String::new())?;
    Some((!file.is_empty()).then(|| section.resolve(file.as_ref())))
}

fn authentication(section: &Section<'_>, desk_domains: &[String]) -> Option<AuthenticationBy> {
    #[derive(Clone, Copy)]
    enum Way {
        Header,
        Exchange,
        Submission,
        Dns,
        Token,
    }
    let ways = [
        ("header", Way::Header),
        ("exchange", Way::Exchange),
        ("submission", Way::Submission),
        ("dns", Way::Dns),
        ("token", Way::Token),
    ];
    let way = section.or("authentication", one_of(&ways), Way::Header);
    let authserv_ids = section.or("authserv_id", server_names, Vec::new());
    let hosts = section.optional("border", server_names);
    let results = section.or("results", one_of(&[("above", Place::Above), ("below", Place::Below)]), Place::Above);
    let own_domains = section.optional("own_domains", domains);
    let sealers = section.optional("sealers", domains);
    let resolvers = section.optional("resolvers", name_servers);
    let patience = section.optional("lookup_timeout_seconds", flat_duration(1..=60, 1));
    let (way, authserv_ids, hosts, results) = (way?, authserv_ids?, hosts?, results?);
    let own_domains = own_domains?;
    let (sealers, resolvers, patience) = (sealers?, resolvers?, patience?);
    let by_exchange = ("exchange", matches!(way, Way::Exchange));
    let by_dns = ("dns", matches!(way, Way::Dns));
    for (key, is_given, (needed, is_read)) in [
        ("own_domains", own_domains.is_some(), by_exchange),
        ("sealers", sealers.is_some(), by_dns),
        ("resolvers", resolvers.is_some(), by_dns),
        ("lookup_timeout_seconds", patience.is_some(), by_dns),
    ] {
        if is_given && !is_read {
            section.fault_of(
                key,
                &said!(
                    "is read with authentication = {needed:?} alone",
                    "n’est lu qu’avec authentication = {needed:?}"
                ),
                &said!("Take the line away.", "Enlevez la ligne."),
            );
            return None;
        }
    }
    let needs_name = |problem: &str| {
        let remedy = &said!(
            "Add the name that your own mail server writes at the start of Authentication-Results, such as \
             authserv_id = \"mx.example.com\".",
            "Ajoutez le nom que votre propre serveur de courrier écrit en tête d’Authentication-Results, comme \
             authserv_id = \"mx.example.com\"."
        );
        section.fault(problem, remedy);
    };
    match way {
        Way::Header if authserv_ids.is_empty() => {
            needs_name(&said!(
                "there is no authserv_id, so no author could be authenticated",
                "il manque authserv_id, et aucun auteur ne pourrait être authentifié"
            ));
            None
        }
        Way::Header => {
            let border = Border::new(&authserv_ids).with_results(results);
            Some(AuthenticationBy::Header(match hosts {
                Some(hosts) => border.with_hosts(&hosts),
                None => border,
            }))
        }
        Way::Exchange => {
            let tenant = Tenant::of(own_domains.as_deref().unwrap_or(desk_domains));
            Some(AuthenticationBy::Exchange(match hosts {
                Some(hosts) => tenant.with_hosts(&hosts),
                None => tenant,
            }))
        }
        Way::Submission => match hosts.unwrap_or(authserv_ids) {
            hosts if hosts.is_empty() => {
                section.fault(
                    &said!(
                        "there is no border, so no author could be authenticated",
                        "il manque border, et aucun auteur ne pourrait être authentifié"
                    ),
                    &said!(
                        "Add the name of the server at which people log in to send, as its own Received has it behind by: \
                         border = \"mail.example.com\".",
                        "Ajoutez le nom du serveur où l’on s’identifie pour envoyer, comme son propre Received l’écrit après by\u{a0}: \
                         border = \"mail.example.com\"."
                    ),
                );
                None
            }
            hosts => Some(AuthenticationBy::Submission(hosts)),
        },
        Way::Token => Some(AuthenticationBy::Token),
        Way::Dns => {
            let witnesses = Witnesses::new(&hosts.unwrap_or(authserv_ids), &sealers.unwrap_or_default());
            let deadline = patience.unwrap_or(dns::Settings::DEADLINE);
            Some(AuthenticationBy::Dns(witnesses, dns::Settings { servers: resolvers.unwrap_or_default(), deadline }))
        }
    }
}
