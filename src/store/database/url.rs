//! `[store] url` of a PostgreSQL, in libpq's form: `postgres://user:password@one:5432,two/database?sslmode=require`.
//!
//! A reader of URLs takes `#`, `/` or `?` in a password for the end of what stands before it, and then asks an unknown
//! host for an unknown database. What must be encoded and is not is therefore said here, and never shown.

use std::fmt::Write;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::fault::Fault;
use crate::said;
use crate::store::prepared::STATEMENTS_KEPT;

/// What libpq knows and guichet leaves out: it does so itself, or it makes no difference.
const LEFT_OUT: [&str; 18] = [
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "ssl_min_protocol_version",
    "sslcompression",
    "sslsni",
    "statement-cache-capacity",
    "target_session_attrs",
    "tcp_user_timeout",
    "port",
];
const TAKEN_OVER: [&str; 15] = [
    "application_name",
    "dbname",
    "hostaddr",
    "options",
    "password",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// Whether it names a PostgreSQL.
pub(super) fn is_postgres(url: &str) -> bool {
    behind_scheme(url).is_some()
}

/// The same with this password, which the url must not name itself. The problem continues "url".
pub(super) fn with_password(url: &str, password: &str) -> Result<String, Fault> {
    let Some(rest) = behind_scheme(url) else {
        return Err(Fault::new(
            said!("names a file, which has no password", "nomme un fichier, qui n’a pas de mot de passe"),
            said!("Take the password out of [store].", "Retirez le mot de passe de [store]."),
        ));
    };
    let parts = Parts::read(rest)?;
    if parts.user.contains(':') {
        return Err(Fault::new(
            said!("names a password, and [store] another one", "nomme un mot de passe, et [store] un autre"),
            said!("Keep one of them.", "Gardez-en un seul."),
        ));
    }
    if parts.user.is_empty() {
        return Err(Fault::new(
            said!("names no user for the password", "ne nomme aucun utilisateur pour le mot de passe"),
            said!("Write postgres://user@host/database.", "Écrivez postgres://utilisateur@hôte/base."),
        ));
    }
    let scheme = &url[..url.len() - rest.len()];
    let rest = &rest[parts.user.len()..];
    Ok(format!("{scheme}{}:{}{rest}", parts.user, encoded(password)))
}

/// The servers in the order of their names. The problem continues "url".
pub(in crate::store) fn servers(url: &str) -> Result<Vec<PgConnectOptions>, Fault> {
    let parts = Parts::read(behind_scheme(url).unwrap_or_default())?;
    let mut kept = String::new();
    let (mut hosts, mut ports) = (parts.hosts, "");
    for (key, value) in parts.parameters() {
        match key {
            "host" => hosts = value,
            "port" => ports = value,
            "target_session_attrs" if !["any", "read-write", "primary"].contains(&value) => {
                return Err(Fault::new(
                    said!("asks for a server that can only be read", "demande un serveur en lecture seule"),
                    said!("Write target_session_attrs=read-write.", "Écrivez target_session_attrs=read-write."),
                ));
            }
            _ if LEFT_OUT.contains(&key) => {}
            _ if TAKEN_OVER.contains(&key) || key.starts_with("options") => {
                let _ = write!(kept, "&{key}={value}");
            }
            _ => return Err(unknown_parameter(key)),
        }
    }
    let ports: Vec<&str> = ports.split(',').collect();
    let ports = ports.iter().chain(ports.last().into_iter().cycle());
    hosts.split(',').zip(ports).map(|(host, port)| options(&parts, host, port, &kept)).collect()
}

fn options(parts: &Parts<'_>, host: &str, port: &str, kept: &str) -> Result<PgConnectOptions, Fault> {
    let Parts { user, path, .. } = parts;
    let at = if user.is_empty() { "" } else { "@" };
    // A folder of sockets stands in a host's place, percent-encoded or not.
    let (place, socket) = if host.starts_with('/') { ("localhost", host) } else { (host, "") };
    let place = if place.is_empty() { "localhost" } else { place };
    let port = if port.is_empty() { String::new() } else { format!("&port={port}") };
    let socket = if socket.is_empty() { String::new() } else { format!("&host={socket}") };
    let url = format!("postgres://{user}{at}{place}{path}?{}", format!("{socket}{port}{kept}").trim_start_matches('&'));
    let options = PgConnectOptions::from_str(&url).map_err(|error| {
        let reason = match error {
            sqlx::Error::Configuration(reason) => reason.to_string(),
            error => error.to_string(),
        };
        Fault::new(said!("cannot be read ({reason})", "est illisible ({reason})"), form())
    })?;
    // In brackets an IPv6 address is no name that could be looked up.
    let bare = options.get_host().trim_matches(['[', ']']).to_owned();
    let options = if options.get_socket().is_none() { options.host(&bare) } else { options };
    let name = options.get_application_name().unwrap_or("guichet").to_owned();
    // A pooler refuses what it does not know at the start of a session; no column is a float.
    let options = options.application_name(&name).extra_float_digits(None);
    Ok(sqlx::ConnectOptions::disable_statement_logging(options.statement_cache_capacity(STATEMENTS_KEPT)))
}

fn form() -> String {
    said!("Write postgres://user@host/database.", "Écrivez postgres://utilisateur@hôte/base.")
}

fn unknown_parameter(key: &str) -> Fault {
    let is_a_word = key.len() <= 40 && key.chars().all(|letter| letter.is_ascii_lowercase() || "_-".contains(letter));
    let key = if is_a_word && !key.is_empty() { format!(" {key}") } else { String::new() };
    Fault::new(
        said!("has a parameter{key} that guichet does not know", "a un paramètre{key} que guichet ne connaît pas"),
        said!(
            "Take it out; known are sslmode, sslrootcert, sslcert, sslkey, host, port, options and application_name.",
            "Retirez-le; on connaît sslmode, sslrootcert, sslcert, sslkey, host, port, options et application_name."
        ),
    )
}

fn behind_scheme(url: &str) -> Option<&str> {
    url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))
}

/// What stands behind the scheme.
struct Parts<'u> {
    /// With its password, still encoded; empty where there is none.
    user: &'u str,
    hosts: &'u str,
    /// The name of the database, with its slash.
    path: &'u str,
    query: &'u str,
}

impl<'u> Parts<'u> {
    fn read(rest: &'u str) -> Result<Parts<'u>, Fault> {
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let parts = match authority.split_once('@') {
            Some((user, hosts)) => Parts { user, hosts, path, query },
            None => Parts { user: "", hosts: authority, path, query },
        };
        if rest.contains('#') || parts.seem_cut() || !is_well_encoded(parts.user) {
            return Err(not_encoded(rest));
        }
        Ok(parts)
    }

    /// Whether a password was taken for something else.
    fn seem_cut(&self) -> bool {
        let names_no_port = self.user.is_empty()
            && self.hosts.rsplit_once(':').is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit()));
        let names_no_value =
            self.user.is_empty() && self.query.split_once('@').is_some_and(|(before, _)| !before.contains('='));
        self.hosts.contains('@')
            || self.path.contains('@')
            || names_no_value
            || (names_no_port && !self.hosts.ends_with(']') && self.query.contains('@'))
    }

    fn parameters(&self) -> impl Iterator<Item = (&'u str, &'u str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }
}

/// Whether each `%` begins an encoded byte (RFC 3986 §2.1).
fn is_well_encoded(text: &str) -> bool {
    text.split('%')
        .skip(1)
        .all(|behind| behind.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)))
}

/// Says which characters of the password must be encoded, and nothing else of it.
fn not_encoded(rest: &str) -> Fault {
    let before_host = rest.rsplit_once('@').map_or(rest, |(before, _)| before);
    let password = before_host.split_once(':').map_or(before_host, |(_, password)| password);
    let mut wrong: Vec<char> = ['#', '/', '?', '@'].into_iter().filter(|sign| password.contains(*sign)).collect();
    if !is_well_encoded(password) {
        wrong.push('%');
    }
    if wrong.is_empty() {
        wrong.push('#');
    }
    let listed = |show: &dyn Fn(&char) -> String| wrong.iter().map(show).collect::<Vec<_>>().join(", ");
    let signs = listed(&char::to_string);
    let codes = listed(&|sign| format!("%{:02X}", u32::from(*sign)));
    Fault::new(
        said!(
            "has {signs} in its password, which must be percent-encoded there",
            "a {signs} dans son mot de passe, à encoder avec % à cet endroit"
        ),
        said!(
            "Write {codes} instead, or give the password alone by [store] password_file or password_env.",
            "Écrivez plutôt {codes}, ou donnez le mot de passe à part par [store] password_file ou password_env."
        ),
    )
}

/// Percent-encoded (RFC 3986 §2.1), all but letters and digits.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(url: &str) -> String {
        let fault = servers(url).expect_err(url);
        assert!(!fault.to_string().contains("sec"), "{fault} shows a part of the password");
        fault.to_string()
    }

    fn hosts(url: &str) -> Vec<(String, u16)> {
        let servers = servers(url).unwrap_or_else(|fault| panic!("{url}: {fault}"));
        servers.iter().map(|server| (server.get_host().to_owned(), server.get_port())).collect()
    }

    #[test]
    fn what_must_be_encoded_in_a_password_is_named_and_the_password_is_not_shown() {
        for (sign, code) in [('#', "%23"), ('/', "%2F"), ('?', "%3F"), ('@', "%40"), ('%', "%25")] {
            for password in
                [format!("sec{sign}sec"), format!("{sign}sec"), format!("12{sign}sec"), format!("sec{sign}")]
            {
                for place in ["db.test/desk", "db.test:6432/desk?sslmode=require", "db.test", "one,two/desk"] {
                    let fault = told(&format!("postgres://desk:{password}@{place}"));
                    assert!(fault.contains(&format!("has {sign} in")) && fault.contains(code), "{password}: {fault}");
                }
            }
        }
        assert!(told("postgres://desk:s/e#c?r@t@db.test/desk").contains("has #, /, ?, @ in its password"));
    }

    #[test]
    fn several_servers_each_have_a_port() {
        let wanted =
            |pairs: &[(&str, u16)]| pairs.iter().map(|(host, port)| ((*host).to_owned(), *port)).collect::<Vec<_>>();
        assert_eq!(hosts("postgres://desk@one,two/desk"), wanted(&[("one", 5432), ("two", 5432)]));
        let url = "postgres://desk:x@one:5433,[fd00::2]:5434/desk?target_session_attrs=read-write&connect_timeout=3";
        assert_eq!(hosts(url), wanted(&[("one", 5433), ("fd00::2", 5434)]));
        assert_eq!(hosts("postgres://desk@/desk?host=one,two&port=1,2"), wanted(&[("one", 1), ("two", 2)]));
        assert_eq!(hosts("postgres://desk@/desk?host=one,two&port=7"), wanted(&[("one", 7), ("two", 7)]));
    }

    #[test]
    fn a_socket_is_named_as_host() {
        for url in ["postgres://desk@%2Frun%2Fpostgresql/desk", "postgres://desk@/desk?host=/run/postgresql"] {
            let servers = servers(url).unwrap();
            assert_eq!(servers[0].get_socket().unwrap().to_str(), Some("/run/postgresql"), "{url}");
            assert_eq!(servers[0].get_database(), Some("desk"));
        }
    }

    #[test]
    fn parameters_that_nobody_knows_or_that_cannot_be_served_are_refused() {
        assert!(told("postgres://desk@db/desk?sslmod=require").contains("parameter sslmod that"));
        assert!(told("postgres://desk@db/desk?target_session_attrs=standby").contains("can only be read"));
        assert!(told("postgres://desk@db/desk?sslmode=maybe").contains("cannot be read"));
        assert!(!told("postgres://desk@db/desk?S%20ecret!").contains("ecret"));
    }

    proptest! {
        #[test]
        fn a_password_given_apart_is_the_same_at_the_server(password in "[ -~éà€]{1,20}") {
            let url = with_password("postgres://desk@db.test:6000/desk?sslmode=disable", &password).unwrap();
            let servers = servers(&url).unwrap();
            let options = sqlx::ConnectOptions::to_url_lossy(&servers[0]);
            prop_assert_eq!(options.password().unwrap(), encoded(&password));
            prop_assert_eq!(servers[0].get_host(), "db.test");
        }
    }

    #[test]
    fn a_password_is_given_once_and_to_a_user() {
        assert!(with_password("postgres://desk:a@db/desk", "b").unwrap_err().problem.contains("another one"));
        assert!(with_password("postgres://db/desk", "b").unwrap_err().problem.contains("no user"));
        assert!(with_password("sqlite:/srv/guichet.db", "b").unwrap_err().problem.contains("names a file"));
    }
}
