//! `[[mailbox]]`, `[smtp]`, and what they share: who we are to them, TLS.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::oauth::{Place as TokenPlace, oauth2};
use super::secret::{PASSWORD, secret};
use super::section::{Placed, Section};
use super::value::{
    domains, either_text_or_table, flag, flat_duration, line, name, name_servers, one_of, server_names, text, waits,
    whole_number,
};
use crate::gateway::{AuthenticationBy, Unwatched, Watched};
use crate::imap::{self, Which};
use crate::mail::authenticity::{Border, Place, Tenant, Witnesses};
use crate::net::{Login, Tls, is_loopback};
use crate::oauth::Tokens;
use crate::{dns, said, smtp};

const TLS: [(&str, Tls); 3] = [("implicit", Tls::Implicit), ("starttls", Tls::StartTls), ("none", Tls::None)];

const MAILBOX_OAUTH2: &str = "[mailbox.oauth2]";
/// What tokens of the relay, and of the one for alarms, are called, and the tables that speak of them.
pub(super) const SMTP_TOKENS: (&str, &str) = ("smtp", "[smtp.oauth2]");
pub(super) const ALARM_TOKENS: (&str, &str) = ("alarm", "[alarm.smtp.oauth2]");

/// A `[[mailbox]]`.
pub(super) enum Mailbox {
    /// A folder of it is watched.
    Watched(Box<Folder>),
    /// Its mail is handed over.
    Unwatched(Unwatched),
}

/// A mailbox of which a folder is watched.
pub(super) struct Folder {
    pub(super) watched: Watched,
    /// How the one for junk is found, where that is watched too.
    pub(super) junk: Option<Which>,
    /// What it is opened with, where that is no password.
    pub(super) tokens: Option<Arc<Tokens>>,
}

impl Mailbox {
    pub(super) fn name(&self) -> &str {
        match self {
            Mailbox::Watched(folder) => &folder.watched.imap.name,
            Mailbox::Unwatched(unwatched) => &unwatched.name,
        }
    }

    pub(super) fn watched(&self) -> Option<&Watched> {
        match self {
            Mailbox::Watched(folder) => Some(&folder.watched),
            Mailbox::Unwatched(_) => None,
        }
    }

    /// The folders of it that are watched.
    pub(super) fn folders(&self) -> Option<Vec<imap::Settings>> {
        match self {
            Mailbox::Watched(folder) => {
                let junk = folder.junk.clone().map(|junk| folder.watched.junk(junk).imap);
                Some([Some(folder.watched.imap.clone()), junk].into_iter().flatten().collect())
            }
            Mailbox::Unwatched(_) => None,
        }
    }

    /// What opens it, where that is no password.
    fn tokens(&self) -> Option<&Arc<Tokens>> {
        match self {
            Mailbox::Watched(folder) => folder.tokens.as_ref(),
            Mailbox::Unwatched(_) => None,
        }
    }
}

/// Who we are to a server, and the tokens behind it.
struct Signed {
    login: Login,
    tokens: Option<Arc<Tokens>>,
}

/// A mailbox. `desk_domains` are those of Exchange where it is not told otherwise.
pub(super) fn mailbox(
    section: &Section<'_>,
    message_bytes_max: Option<u64>,
    desk_domains: &[String],
    are_tokens_kept: bool,
) -> Placed<Mailbox> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"support\": logs and commands use it.",
            "Ajoutez name = \"support\"\u{a0}: le journal et les commandes s’en servent."
        ),
    );
    if section.or("watch", flag, true) == Some(false) {
        return unwatched(section, name, desk_domains);
    }
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
    let signed = mailbox_login(section, (name.as_deref(), user.as_deref(), host.as_deref()), are_tokens_kept);
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
        let Signed { login, tokens } = signed?;
        let imap = imap::Settings {
            name: name?,
            host: host?,
            port: port?,
            tls: tls?,
            login,
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
        Some(Mailbox::Watched(Box::new(Folder { watched, junk, tokens })))
    };
    section.placed(whole())
}

/// A mailbox whose mail is handed over: what an IMAP server would be asked with says nothing there.
fn unwatched(section: &Section<'_>, name: Option<String>, desk_domains: &[String]) -> Placed<Mailbox> {
    const OF_IMAP: [&str; 16] = [
        "host",
        "port",
        "tls",
        "tls_none_is_deliberate",
        "user",
        "password",
        "password_file",
        "password_env",
        "oauth2",
        "folder",
        "processed_folder",
        "junk_folder",
        "poll_seconds",
        "idle_timeout_seconds",
        "exchange_timeout_seconds",
        "ca_file",
    ];
    let needless: Vec<&str> = OF_IMAP.into_iter().filter(|key| section.has(key)).collect();
    for key in &needless {
        section.fault_of(
            key,
            &said!("is read where a folder is watched alone", "n’est lu que si un dossier est surveillé"),
            &said!("Take the line away, or watch = false.", "Enlevez la ligne, ou watch = false."),
        );
    }
    let authentication = authentication(section, desk_domains);
    section.finish();
    let whole = || Some(Mailbox::Unwatched(Unwatched { name: name?, authentication: authentication? }));
    section.placed(if needless.is_empty() { whole() } else { None })
}

/// The relay, and how letters are handed to it.
pub(super) struct Relay {
    pub(super) settings: smtp::Settings,
    pub(super) tokens: Option<Arc<Tokens>>,
    /// The waits between attempts.
    pub(super) retry: Vec<Duration>,
    /// How long to try.
    pub(super) give_up: Duration,
}

/// The relay, whose own tokens have that name and table; it may use those of a mailbox.
pub(super) fn smtp(
    section: &Section<'_>,
    named: (&'static str, &'static str),
    mailboxes: &[Placed<Mailbox>],
    are_tokens_kept: bool,
) -> Option<Relay> {
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
    let signed = smtp_login(section, named, host.as_deref(), mailboxes, are_tokens_kept);
    let timeout = section.or("timeout_seconds", flat_duration(1..=600, 1), Duration::from_secs(60));
    let usual = [60, 300, 900, 1800, 3600].map(Duration::from_secs).to_vec();
    let retry = section.or("retry_seconds", waits, usual);
    let give_up = section.or("give_up_hours", flat_duration(1..=720, 3600), Duration::from_secs(96 * 3600));
    let ca_file = ca_file(section);
    let helo = section.or("helo", line, String::new());
    section.finish();
    let (login, tokens) = signed?.map_or((None, None), |Signed { login, tokens }| (Some(login), tokens));
    let settings = smtp::Settings {
        host: host?,
        port: port?,
        tls: tls?,
        login,
        timeout: timeout?,
        ca_file: ca_file?,
        helo: helo?,
    };
    Some(Relay { settings, tokens, retry: retry?, give_up: give_up? })
}

/// What shows the mailbox's server who we are; and the tokens, where it is they.
fn mailbox_login(
    section: &Section<'_>,
    (name, user, host): (Option<&str>, Option<&str>, Option<&str>),
    are_kept: bool,
) -> Option<Signed> {
    let password = secret(section, &PASSWORD);
    let is_taken = [SMTP_TOKENS.0, ALARM_TOKENS.0].contains(&name.unwrap_or_default());
    if is_taken && section.has("oauth2") {
        section.fault_of(
            "name",
            &said!("is what the relay's own tokens are called", "est le nom des jetons du relais lui-même"),
            &said!("Give the mailbox another name.", "Donnez un autre nom à la boîte."),
        );
    }
    let tokens = section.has("oauth2").then(|| {
        let within = section.table_within("oauth2", MAILBOX_OAUTH2);
        oauth2(
            &within,
            &TokenPlace {
                name: name.unwrap_or_default(),
                table: MAILBOX_OAUTH2,
                user: user.unwrap_or_default(),
                host: host.unwrap_or_default(),
                ca_file: ca_file(&within)?,
                are_kept,
            },
        )
    });
    match (password?, tokens) {
        (Some(_), Some(_)) => {
            section.fault(
                &said!("password and oauth2 exclude one another", "password et oauth2 s’excluent"),
                &said!("Keep one of them.", "Gardez-en un."),
            );
            None
        }
        (None, Some(tokens)) => Some(Signed::by(user?, &tokens?)),
        (Some(password), None) => Some(Signed { login: Login::new(user?, password), tokens: None }),
        (None, None) => {
            section.fault(
                &said!("there is no password", "il manque un mot de passe"),
                &said!(
                    "Add password, password_file or password_env; or, to sign in by OAuth 2.0, [mailbox.oauth2].",
                    "Ajoutez password, password_file ou password_env; ou, pour s’identifier par OAuth 2.0, [mailbox.oauth2]."
                ),
            );
            None
        }
    }
}

/// The same for the relay: `oauth2` is a table, or the name of a mailbox whose tokens do.
fn smtp_login(
    section: &Section<'_>,
    (name, table): (&'static str, &'static str),
    host: Option<&str>,
    mailboxes: &[Placed<Mailbox>],
    are_kept: bool,
) -> Option<Option<Signed>> {
    let user = section.optional("user", line);
    let password = secret(section, &PASSWORD);
    let tokens = match section.optional("oauth2", either_text_or_table) {
        Some(Some(Some(name))) => Some(tokens_of(section, mailboxes, &name)),
        Some(Some(None)) => {
            let within = section.table_within("oauth2", table);
            let user = user.as_ref().and_then(Option::as_deref).unwrap_or_default();
            Some(oauth2(
                &within,
                &TokenPlace { name, table, user, host: host.unwrap_or_default(), ca_file: ca_file(&within)?, are_kept },
            ))
        }
        Some(None) => None,
        None => return None,
    };
    match (user?, password?, tokens) {
        (Some(user), Some(password), None) => Some(Some(Signed { login: Login::new(user, password), tokens: None })),
        (Some(user), None, Some(tokens)) => Some(Some(Signed::by(&user, &tokens?))),
        (None, None, None) => Some(None),
        (_, Some(_), Some(_)) => {
            section.fault(
                &said!("password and oauth2 exclude one another", "password et oauth2 s’excluent"),
                &said!("Keep one of them.", "Gardez-en un."),
            );
            None
        }
        _ => {
            section.fault(
                &said!("user goes together with password, or with oauth2", "user va avec password, ou avec oauth2"),
                &said!(
                    "Give both, or neither where the relay asks for none.",
                    "Donnez les deux, ou aucun si le relais n’en demande pas."
                ),
            );
            None
        }
    }
}

fn tokens_of(section: &Section<'_>, mailboxes: &[Placed<Mailbox>], name: &str) -> Option<Arc<Tokens>> {
    let named = |mailbox: &&Mailbox| mailbox.name() == name;
    let found =
        mailboxes.iter().filter_map(|mailbox| mailbox.value.as_ref()).find(named).and_then(Mailbox::tokens).cloned();
    if mailboxes.iter().any(|mailbox| mailbox.value.is_none()) {
        // Whatever is wrong with it is told there.
        return found;
    }
    if found.is_none() {
        section.fault_of(
            "oauth2",
            &said!("= {name:?} names no [[mailbox]] with oauth2", "= {name:?} ne nomme aucun [[mailbox]] avec oauth2"),
            &said!(
                "Write the name of a mailbox that has [mailbox.oauth2], or a table [smtp.oauth2].",
                "Écrivez le nom d’une boîte qui a [mailbox.oauth2], ou une table [smtp.oauth2]."
            ),
        );
    }
    found
}

impl Signed {
    fn by(user: &str, tokens: &Arc<Tokens>) -> Signed {
        Signed { login: Login::by_token(user, Arc::new(Arc::clone(tokens))), tokens: Some(Arc::clone(tokens)) }
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
