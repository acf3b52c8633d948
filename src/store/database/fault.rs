//! What a database says when it does not do something, as a cause and a remedy for the operator.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use sqlx::Error;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use super::local;
use crate::said;

/// Why the database did not do something, in the language of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong: a sentence without its full stop.
    pub problem: String,
    /// What to do about it: a sentence, or several.
    pub remedy: String,
    /// Who can do something about it.
    pub lies_with: LiesWith,
}

/// Where the reason of a fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiesWith {
    /// The database, or the way to it: the same statement succeeds once it is well.
    Database,
    /// The statement and its values: it never succeeds.
    Statement,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.problem, self.remedy)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// A fault of the database, or of what is configured of it.
    pub(in crate::store) fn new(problem: String, remedy: String) -> Fault {
        Fault { problem, remedy, lies_with: LiesWith::Database }
    }

    fn of_statement(problem: String, remedy: String) -> Fault {
        Fault { problem, remedy, lies_with: LiesWith::Statement }
    }

    /// The fault in an error of the store, if that is what it is about.
    pub fn within(error: &anyhow::Error) -> Option<&Fault> {
        error.chain().find_map(|cause| cause.downcast_ref::<Fault>())
    }
}

/// Whether an error says that the database could not be asked, rather than that what was asked of it cannot be.
pub fn is_unavailable(error: &anyhow::Error) -> bool {
    Fault::within(error).is_some_and(|fault| fault.lies_with == LiesWith::Database)
}

/// Where a PostgreSQL is, and as whom we go there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// `host:port`, or the folder of its socket.
    pub(super) server: String,
    pub(super) user: String,
    pub(super) database: String,
}

/// No answer came in time; `reached`: the port takes connections.
pub(super) fn silent(address: &Address, reached: Reached) -> Fault {
    let server = &address.server;
    match reached {
        Reached::Nothing => Fault::new(
            said!("no answer comes from {server}", "aucune réponse ne vient de {server}"),
            said!(
                "Look at the host and port in [store] url, and whether a firewall between here and there drops what is sent.",
                "Vérifiez l’hôte et le port dans [store] url, et si un pare-feu en chemin jette ce qui est envoyé."
            ),
        ),
        Reached::Port => Fault::new(
            said!(
                "{server} takes the connection and then says nothing",
                "{server} accepte la connexion puis ne dit rien"
            ),
            said!(
                "Look whether the PostgreSQL there (or the pooler or proxy before it) hangs, and whether the port is its own.",
                "Vérifiez si le PostgreSQL qui s’y trouve (ou le répartiteur ou mandataire devant lui) est bloqué, et si ce port est bien le sien."
            ),
        ),
    }
}

/// How far a connection came before all was silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    Nothing,
    Port,
}

/// A connection that was good a moment ago says nothing more.
pub(super) fn fell_silent(address: &Address) -> Fault {
    let server = &address.server;
    Fault::new(
        said!("PostgreSQL at {server} does not answer any more", "PostgreSQL à {server} ne répond plus"),
        said!(
            "Look whether it runs and can be reached from here; guichet tries again by itself.",
            "Vérifiez s’il fonctionne et s’il est joignable d’ici; guichet réessaie de lui-même."
        ),
    )
}

pub(super) fn all_in_use(connections: usize) -> Fault {
    Fault::new(
        said!(
            "all {connections} connections of this process are in use, and none came back in time",
            "les {connections} connexions de ce processus sont toutes occupées, et aucune ne s’est libérée à temps"
        ),
        said!(
            "Look whether the database is slow; guichet tries again by itself.",
            "Vérifiez si la base de données est lente; guichet réessaie de lui-même."
        ),
    )
}

/// What PostgreSQL, or the way to it, said.
pub(super) fn of_postgres(error: &Error, address: &Address) -> Fault {
    let server = &address.server;
    match error {
        Error::Database(database) => match database.try_downcast_ref::<PgDatabaseError>() {
            Some(said) => of_postgres_message(said.code(), said.message(), address),
            None => other(server, database.message()),
        },
        Error::Io(error) => of_way(error, address),
        Error::Tls(error) => of_tls(&error.to_string(), address),
        Error::Protocol(_) => Fault::new(
            said!("{server} does not speak as PostgreSQL does", "{server} ne parle pas comme PostgreSQL"),
            said!(
                "Look at the port in [store] url; a pooler there must pool by session.",
                "Vérifiez le port dans [store] url; un répartiteur à cet endroit doit répartir par session."
            ),
        ),
        Error::Configuration(error) => Fault::new(
            said!("[store] url cannot be used: {error}", "[store] url est inutilisable : {error}"),
            url_form(),
        ),
        Error::ColumnDecode { .. } | Error::Decode(_) | Error::Encode(_) | Error::RowNotFound => {
            let message = error.to_string();
            Fault::of_statement(
                said!(
                    "a row is not what it should be: {message}",
                    "une ligne n’est pas ce qu’elle devrait être : {message}"
                ),
                report(),
            )
        }
        error => other(server, &error.to_string()),
    }
}

fn of_way(error: &std::io::Error, address: &Address) -> Fault {
    let Address { server, .. } = address;
    let message = error.to_string();
    match error.kind() {
        ErrorKind::ConnectionRefused => Fault::new(
            said!(
                "the connection to {server} is refused: nothing listens there",
                "la connexion à {server} est refusée : rien n’y écoute"
            ),
            said!(
                "Start PostgreSQL, or mend the host and port in [store] url; on another machine its listen_addresses must name the network.",
                "Démarrez PostgreSQL, ou corrigez l’hôte et le port dans [store] url; sur une autre machine, son listen_addresses doit nommer le réseau."
            ),
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => Fault::new(
            said!("no way leads to {server}", "aucun chemin ne mène à {server}"),
            said!(
                "Look at the network of this machine, and at the host in [store] url.",
                "Vérifiez le réseau de cette machine, et l’hôte dans [store] url."
            ),
        ),
        ErrorKind::TimedOut => silent(address, Reached::Nothing),
        ErrorKind::NotFound if !server.starts_with('/') => Fault::new(
            said!(
                "a file of TLS that [store] url names is not there ({message})",
                "un fichier TLS nommé dans [store] url est absent ({message})"
            ),
            said!("Look at sslrootcert, sslcert and sslkey in it.", "Vérifiez-y sslrootcert, sslcert et sslkey."),
        ),
        ErrorKind::NotFound => Fault::new(
            said!("there is no PostgreSQL socket at {server}", "il n’y a pas de socket PostgreSQL à {server}"),
            said!(
                "Start PostgreSQL, or name the folder of its socket in [store] url.",
                "Démarrez PostgreSQL, ou nommez le dossier de son socket dans [store] url."
            ),
        ),
        ErrorKind::PermissionDenied => Fault::new(
            said!(
                "this user may not use the socket of {server}",
                "cet utilisateur ne peut pas utiliser le socket de {server}"
            ),
            said!("Look at the rights of the socket.", "Vérifiez les droits du socket."),
        ),
        ErrorKind::InvalidData => of_tls(&message, address),
        _ if message.contains("lookup address") || message.contains("resolve to any address") => Fault::new(
            said!("the name in {server} is unknown to DNS", "le nom dans {server} est inconnu du DNS"),
            said!(
                "Mend the host in [store] url, or the name service of this machine.",
                "Corrigez l’hôte dans [store] url, ou le service de noms de cette machine."
            ),
        ),
        _ => Fault::new(
            said!(
                "the connection to {server} broke off ({message})",
                "la connexion à {server} s’est rompue ({message})"
            ),
            said!(
                "Look whether PostgreSQL runs and what its log says.",
                "Vérifiez si PostgreSQL fonctionne et ce que dit son journal."
            ),
        ),
    }
}

fn of_tls(message: &str, address: &Address) -> Fault {
    let server = &address.server;
    if message.contains("does not support TLS") {
        return Fault::new(
            said!("{server} offers no TLS", "{server} n’offre pas TLS"),
            said!(
                "Turn ssl on in its postgresql.conf; over loopback alone, sslmode=disable in [store] url does without.",
                "Activez ssl dans son postgresql.conf; sur la boucle locale seulement, sslmode=disable dans [store] url s’en passe."
            ),
        );
    }
    let name_differs = message.contains("NotValidForName") || message.contains("not valid for name");
    if name_differs {
        return Fault::new(
            said!("the certificate of {server} is for another name", "le certificat de {server} est pour un autre nom"),
            said!(
                "Write the host in [store] url as its certificate has it, or sslmode=verify-ca.",
                "Écrivez l’hôte dans [store] url comme son certificat le nomme, ou sslmode=verify-ca."
            ),
        );
    }
    if message.contains("Expired") || message.contains("expired") {
        return Fault::new(
            said!("the certificate of {server} has expired", "le certificat de {server} est expiré"),
            said!("Renew it, and look at the clocks.", "Renouvelez-le, et vérifiez les horloges."),
        );
    }
    if message.contains("UnknownIssuer") || message.contains("certificate") {
        return Fault::new(
            said!("the certificate of {server} is not trusted here", "le certificat de {server} n’est pas reconnu ici"),
            said!(
                "Name the authority that signed it with sslrootcert=/path/ca.pem in [store] url.",
                "Nommez l’autorité qui l’a signé avec sslrootcert=/chemin/ca.pem dans [store] url."
            ),
        );
    }
    Fault::new(
        said!("TLS with {server} fails ({message})", "TLS avec {server} échoue ({message})"),
        said!(
            "Look at sslmode in [store] url and at the log of PostgreSQL.",
            "Vérifiez sslmode dans [store] url et le journal de PostgreSQL."
        ),
    )
}

/// By SQLSTATE (PostgreSQL's appendix A); a pooler says 08P01 for whatever it refuses by itself.
fn of_postgres_message(code: &str, message: &str, address: &Address) -> Fault {
    let Address { server, user, database } = address;
    match code {
        "28P01" => Fault::new(
            said!("{server} refuses the password of {user}", "{server} refuse le mot de passe de {user}"),
            said!(
                "Mend the password of [store]; within the url, % is written %25. `alter role {user} password …` sets another one.",
                "Corrigez le mot de passe de [store]; dans l’url, % s’écrit %25. « alter role {user} password … » en pose un autre."
            ),
        ),
        "28000" if message.contains("pg_hba.conf") && message.contains("no encryption") => Fault::new(
            said!(
                "{server} does not let {user} into {database} without TLS (pg_hba.conf)",
                "{server} ne laisse pas {user} entrer dans {database} sans TLS (pg_hba.conf)"
            ),
            said!(
                "Write sslmode=require in [store] url, or let this machine in by a line of pg_hba.conf there.",
                "Écrivez sslmode=require dans [store] url, ou laissez entrer cette machine par une ligne de pg_hba.conf là-bas."
            ),
        ),
        "28000" if message.contains("pg_hba.conf") => Fault::new(
            said!(
                "{server} does not let {user} into {database} from this machine (pg_hba.conf)",
                "{server} ne laisse pas {user} entrer dans {database} depuis cette machine (pg_hba.conf)"
            ),
            said!(
                "Add a line for them to pg_hba.conf there and reload PostgreSQL.",
                "Ajoutez une ligne pour eux dans pg_hba.conf là-bas et rechargez PostgreSQL."
            ),
        ),
        "28000" => Fault::new(
            said!("{server} refuses {user} ({message})", "{server} refuse {user} ({message})"),
            said!(
                "Make the role with `createuser --pwprompt {user}`, or mend the user in [store] url.",
                "Créez le rôle avec `createuser --pwprompt {user}`, ou corrigez l’utilisateur dans [store] url."
            ),
        ),
        "3D000" => missing_database(address),
        "08P01" => of_pooler(message, address),
        "53300" => Fault::new(
            said!(
                "{server} is at its limit of connections ({message})",
                "{server} est à sa limite de connexions ({message})"
            ),
            said!(
                "End connections that nobody needs, or raise max_connections (of the role: connection limit); guichet uses up to 10.",
                "Fermez les connexions dont personne n’a besoin, ou augmentez max_connections (du rôle : connection limit); guichet en utilise au plus 10."
            ),
        ),
        "53100" => Fault::new(
            said!(
                "the disk of the database at {server} is full",
                "le disque de la base de données à {server} est plein"
            ),
            said!("Make room there; guichet goes on by itself.", "Faites-y de la place; guichet continue de lui-même."),
        ),
        "57P03" => Fault::new(
            said!(
                "{server} takes no connections yet ({message})",
                "{server} n’accepte pas encore de connexions ({message})"
            ),
            said!(
                "Wait until it has started; guichet tries again when it is started again.",
                "Attendez qu’il ait démarré; guichet réessaie lorsqu’on le relance."
            ),
        ),
        "57P01" | "57P02" | "57P04" | "57P05" => Fault::new(
            said!("{server} ended the connection ({message})", "{server} a mis fin à la connexion ({message})"),
            said!("guichet connects again by itself.", "guichet se reconnecte de lui-même."),
        ),
        "57014" => Fault::new(
            said!(
                "{server} took too long for a statement ({message})",
                "{server} a mis trop de temps pour une requête ({message})"
            ),
            said!(
                "Look at what loads the database; guichet tries again by itself.",
                "Voyez ce qui charge la base de données; guichet réessaie de lui-même."
            ),
        ),
        "25P03" | "25P04" => Fault::new(
            said!(
                "{server} ended a transaction that took too long",
                "{server} a mis fin à une transaction trop longue"
            ),
            said!("guichet tries again by itself.", "guichet réessaie de lui-même."),
        ),
        "25006" => read_only(address),
        "42501" => Fault::new(
            said!(
                "{user} lacks rights in {database} at {server} ({message})",
                "{user} manque de droits dans {database} à {server} ({message})"
            ),
            rights(user, database),
        ),
        "3F000" => Fault::new(
            said!("{database} has no schema for the tables", "{database} n’a pas de schéma pour les tables"),
            said!(
                "Make one (`create schema guichet authorization {user}`) and set the search_path of {user} to it.",
                "Créez-en un (« create schema guichet authorization {user} ») et mettez-y le search_path de {user}."
            ),
        ),
        "42P01" | "42703" => Fault::new(
            said!(
                "the tables in {database} at {server} are not those of this guichet ({message})",
                "les tables dans {database} à {server} ne sont pas celles de ce guichet ({message})"
            ),
            said!("Run `guichet check`: it says why.", "Lancez `guichet check` : il dit pourquoi."),
        ),
        "55P03" => Fault::new(
            said!(
                "another session holds what is needed in {database} for too long ({message})",
                "une autre session retient trop longtemps ce qu’il faut dans {database} ({message})"
            ),
            said!(
                "`select pid, state, query from pg_stat_activity` shows who; guichet tries again by itself.",
                "« select pid, state, query from pg_stat_activity » montre qui; guichet réessaie de lui-même."
            ),
        ),
        "55000" if message.contains("not accepting connections") => Fault::new(
            said!(
                "the database {database} at {server} takes no connections ({message})",
                "la base {database} à {server} n’accepte pas de connexions ({message})"
            ),
            said!(
                "`alter database … allow_connections true` lets them in.",
                "« alter database … allow_connections true » les laisse entrer."
            ),
        ),
        _ if is_of_statement(code) => Fault::of_statement(
            said!(
                "{server} refuses a statement ({message}, {code})",
                "{server} refuse une requête ({message}, {code})"
            ),
            report(),
        ),
        _ => other(server, &format!("{message}, {code}")),
    }
}

/// Data that does not fit, constraints, program limits, and what is wrong in the text of a statement.
fn is_of_statement(code: &str) -> bool {
    ["0A", "20", "21", "22", "23", "2F", "42", "44", "54", "P0"].iter().any(|class| code.starts_with(class))
}

fn of_pooler(message: &str, address: &Address) -> Fault {
    let Address { server, user, .. } = address;
    if let Some(parameter) = message.strip_prefix("unsupported startup parameter").map(|rest| {
        let name = rest.rsplit([':', ' ']).next().unwrap_or(rest);
        name.trim().to_owned()
    }) {
        return Fault::new(
            said!(
                "the pooler at {server} refuses the parameter {parameter}",
                "le répartiteur à {server} refuse le paramètre {parameter}"
            ),
            said!(
                "Write ignore_startup_parameters = {parameter} in its pgbouncer.ini, or take it out of [store] url.",
                "Écrivez ignore_startup_parameters = {parameter} dans son pgbouncer.ini, ou retirez-le de [store] url."
            ),
        );
    }
    let lower = message.to_ascii_lowercase();
    if lower.contains("no such database") {
        return missing_database(address);
    }
    if lower.contains("no such user") || lower.contains("auth") || lower.contains("password") {
        return Fault::new(
            said!(
                "the pooler at {server} refuses {user} ({message})",
                "le répartiteur à {server} refuse {user} ({message})"
            ),
            said!(
                "Mend user and password of [store], or the list of users of the pooler (auth_file).",
                "Corrigez l’utilisateur et le mot de passe de [store], ou la liste d’utilisateurs du répartiteur (auth_file)."
            ),
        );
    }
    if lower.contains("no more connections")
        || lower.contains("max_client_conn")
        || lower.contains("query_wait_timeout")
    {
        return Fault::new(
            said!(
                "the pooler at {server} is at its limit ({message})",
                "le répartiteur à {server} est à sa limite ({message})"
            ),
            pool_size(),
        );
    }
    Fault::new(
        said!("{server} says: {message}", "{server} dit : {message}"),
        said!(
            "Look at the log of the pooler or of PostgreSQL there.",
            "Voyez le journal du répartiteur ou de PostgreSQL à cet endroit."
        ),
    )
}

fn pool_size() -> String {
    said!(
        "Raise pool_size and max_client_conn there: guichet uses up to 10 connections.",
        "Augmentez-y pool_size et max_client_conn : guichet utilise au plus 10 connexions."
    )
}

/// A pooler that gives one client a connection of its own and lets the next one wait.
pub(super) fn no_second_connection(address: &Address) -> Fault {
    let server = &address.server;
    Fault::new(
        said!(
            "{server} gives a first connection and no second one",
            "{server} donne une première connexion et pas de deuxième"
        ),
        pool_size(),
    )
}

/// Each transaction goes to another session: answers of other clients' statements come back without an error.
pub(super) fn pooled_by_transaction(address: &Address) -> Fault {
    let server = &address.server;
    Fault::new(
        said!(
            "the pooler at {server} shares sessions between clients (transaction pooling), and then answers get mixed up",
            "le répartiteur à {server} partage les sessions entre clients (mode transaction), et les réponses se mêlent alors"
        ),
        said!(
            "Set pool_mode = session for this database in its pgbouncer.ini, or name PostgreSQL itself in [store] url.",
            "Mettez pool_mode = session pour cette base dans son pgbouncer.ini, ou nommez PostgreSQL lui-même dans [store] url."
        ),
    )
}

fn missing_database(address: &Address) -> Fault {
    let Address { server, user, database } = address;
    Fault::new(
        said!("there is no database {database} at {server}", "il n’y a pas de base {database} à {server}"),
        said!(
            "Make it with `createdb --owner={user} --encoding=UTF8 --template=template0 {database}`, or mend [store] url.",
            "Créez-la avec `createdb --owner={user} --encoding=UTF8 --template=template0 {database}`, ou corrigez [store] url."
        ),
    )
}

pub(super) fn wrong_encoding(address: &Address, encoding: &str) -> Fault {
    let Address { server, user, database } = address;
    Fault::new(
        said!(
            "the database {database} at {server} is in {encoding}, which cannot hold every character of a mail",
            "la base {database} à {server} est en {encoding}, qui ne peut pas contenir tous les caractères d’un courriel"
        ),
        said!(
            "Make one in UTF8: `createdb --owner={user} --encoding=UTF8 --template=template0 NAME`, and name it in [store] url.",
            "Créez-en une en UTF8 : `createdb --owner={user} --encoding=UTF8 --template=template0 NOM`, et nommez-la dans [store] url."
        ),
    )
}

/// A copy that follows another server.
pub(super) fn standby(address: &Address) -> Fault {
    let server = &address.server;
    Fault::new(
        said!(
            "{server} is a standby (in recovery): it can only be read",
            "{server} est un serveur de secours (en rattrapage) : on peut seulement le lire"
        ),
        said!(
            "Name the primary in [store] url, or all of them: postgres://user@one,two/database; guichet takes the one that can be written.",
            "Nommez le serveur primaire dans [store] url, ou tous : postgres://user@un,deux/base; guichet prend celui où l’on peut écrire."
        ),
    )
}

pub(super) fn read_only(address: &Address) -> Fault {
    let Address { server, user, database } = address;
    Fault::new(
        said!("{database} at {server} can only be read", "{database} à {server} est en lecture seule"),
        said!(
            "If nobody wants that: `alter role {user} reset default_transaction_read_only`, and the same for the database; a managed database may be full.",
            "Si personne ne le veut : « alter role {user} reset default_transaction_read_only », et de même pour la base; une base gérée est peut-être pleine."
        ),
    )
}

pub(super) fn rights(user: &str, database: &str) -> String {
    said!(
        "Let {user} own the database: `alter database {database} owner to {user}`, and its tables; or grant it what is missing.",
        "Faites de {user} le propriétaire de la base : « alter database {database} owner to {user} », et de ses tables; ou donnez-lui ce qui manque."
    )
}

fn other(server: &str, message: &str) -> Fault {
    Fault::new(
        said!("PostgreSQL at {server} says: {message}", "PostgreSQL à {server} dit : {message}"),
        said!("Look at its log.", "Voyez son journal."),
    )
}

fn url_form() -> String {
    said!(
        "Write sqlite:/path/guichet.db or postgres://user@host/database.",
        "Écrivez sqlite:/chemin/guichet.db ou postgres://utilisateur@hôte/base."
    )
}

fn report() -> String {
    said!("This is a fault of guichet; please report it.", "C’est un défaut de guichet; merci de le signaler.")
}

/// Whether the session goes on after this error.
pub(super) fn leaves_session(error: &Error) -> bool {
    let Error::Database(database) = error else {
        return matches!(error, Error::RowNotFound | Error::ColumnDecode { .. } | Error::Decode(_) | Error::Encode(_));
    };
    let severe = database
        .try_downcast_ref::<PgDatabaseError>()
        .is_none_or(|said| matches!(said.severity(), PgSeverity::Fatal | PgSeverity::Panic));
    // A server that became a standby: another one may take what is written.
    !severe && database.code().as_deref() != Some("25006")
}

/// SQLite's primary result codes (sqlite.org/rescode.html) that say something of the file rather than of the statement.
mod sqlite_code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NO_MEMORY: i32 = 7;
    pub(super) const READ_ONLY: i32 = 8;
    pub(super) const INTERRUPT: i32 = 9;
    pub(super) const IO: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANNOT_OPEN: i32 = 14;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const SCHEMA: i32 = 17;
    pub(super) const AUTH: i32 = 23;
    pub(super) const NOT_A_DATABASE: i32 = 26;
}

/// What SQLite said of its file; `None` for a store in memory.
pub(super) fn of_sqlite(error: &Error, file: Option<&Path>) -> Fault {
    let name = file.map_or_else(|| ":memory:".to_owned(), |file| file.display().to_string());
    let Error::Database(database) = error else {
        let message = error.to_string();
        return match error {
            Error::ColumnDecode { .. } | Error::Decode(_) | Error::Encode(_) | Error::RowNotFound => {
                Fault::of_statement(
                    said!(
                        "a row is not what it should be: {message}",
                        "une ligne n’est pas ce qu’elle devrait être : {message}"
                    ),
                    report(),
                )
            }
            Error::PoolTimedOut => Fault::new(
                said!(
                    "{name} is busy, and did not become free in time",
                    "{name} est occupé et ne s’est pas libéré à temps"
                ),
                said!(
                    "Look whether the disk is slow; guichet tries again by itself.",
                    "Vérifiez si le disque est lent; guichet réessaie de lui-même."
                ),
            ),
            _ => Fault::new(
                said!("{name} cannot be used ({message})", "{name} est inutilisable ({message})"),
                said!("Look at the file and its disk.", "Vérifiez le fichier et son disque."),
            ),
        };
    };
    let extended: i32 = database.code().and_then(|code| code.parse().ok()).unwrap_or(0);
    of_sqlite_code(extended & 0xff, database.message(), &name, file)
}

fn of_sqlite_code(code: i32, message: &str, name: &str, file: Option<&Path>) -> Fault {
    use sqlite_code as is;
    match code {
        is::FULL => Fault::new(
            said!("the disk that holds {name} is full", "le disque qui porte {name} est plein"),
            said!("Make room there; guichet goes on by itself.", "Faites-y de la place; guichet continue de lui-même."),
        ),
        is::BUSY | is::LOCKED => locked(name, file),
        is::NOT_A_DATABASE => Fault::new(
            said!("{name} is no SQLite database", "{name} n’est pas une base SQLite"),
            said!(
                "Name another file in [store] url; guichet makes it where there is none.",
                "Nommez un autre fichier dans [store] url; guichet le crée s’il n’existe pas."
            ),
        ),
        is::CORRUPT => Fault::new(
            said!("{name} is damaged ({message})", "{name} est endommagé ({message})"),
            said!(
                "Put the last backup back in its place, and keep the damaged file.",
                "Remettez la dernière sauvegarde à sa place, et gardez le fichier endommagé."
            ),
        ),
        is::READ_ONLY | is::CANNOT_OPEN | is::PERM | is::AUTH => {
            file.and_then(local::unwritable).unwrap_or_else(|| {
                Fault::new(
                    said!("{name} cannot be written ({message})", "impossible d’écrire dans {name} ({message})"),
                    said!(
                        "Look at the rights of the file and its folder.",
                        "Vérifiez les droits du fichier et de son dossier."
                    ),
                )
            })
        }
        is::IO | is::PROTOCOL | is::NO_MEMORY | is::INTERRUPT => Fault::new(
            said!(
                "reading or writing {name} fails ({message})",
                "la lecture ou l’écriture de {name} échoue ({message})"
            ),
            said!(
                "Look at the disk, and what the system's log says of it.",
                "Vérifiez le disque, et ce qu’en dit le journal du système."
            ),
        ),
        is::SCHEMA => Fault::new(
            said!("the tables of {name} changed meanwhile", "les tables de {name} ont changé entre-temps"),
            said!("guichet tries again by itself.", "guichet réessaie de lui-même."),
        ),
        _ => Fault::of_statement(
            said!("SQLite refuses a statement ({message})", "SQLite refuse une requête ({message})"),
            report(),
        ),
    }
}

fn locked(name: &str, file: Option<&Path>) -> Fault {
    let who = file.and_then(local::locked_by).map(|who| format!(" ({who})")).unwrap_or_default();
    Fault::new(
        said!("another process{who} keeps {name} locked", "un autre processus{who} garde {name} verrouillé"),
        said!(
            "End what works on that file besides guichet; a copy while it runs is made by `guichet backup`.",
            "Arrêtez ce qui travaille sur ce fichier en plus de guichet; `guichet backup` en fait une copie pendant le service."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address { server: "db.test:5432".to_owned(), user: "desk".to_owned(), database: "tickets".to_owned() }
    }

    #[test]
    fn what_lies_with_the_database_is_told_from_what_lies_with_the_statement() {
        let of_database = [
            ("53100", "could not extend file", "disk of the database at db.test:5432 is full"),
            ("53300", "sorry, too many clients already", "limit of connections"),
            ("57P03", "the database system is starting up", "takes no connections yet"),
            ("57P03", "the database system is shutting down", "takes no connections yet"),
            ("57P01", "terminating connection due to administrator command", "ended the connection"),
            ("57014", "canceling statement due to statement timeout", "took too long"),
            ("40001", "could not serialize access", "could not serialize access, 40001"),
            ("40P01", "deadlock detected", "deadlock detected"),
            ("55P03", "canceling statement due to lock timeout", "for too long"),
            ("25006", "cannot execute INSERT in a read-only transaction", "can only be read"),
            ("25P03", "terminating connection due to idle-in-transaction timeout", "took too long"),
            ("42501", "permission denied for table ticket", "lacks rights"),
            ("42P01", "relation \"ticket\" does not exist", "not those of this guichet"),
            ("58030", "could not write", "could not write"),
            ("XX001", "invalid page in block 7", "invalid page"),
        ];
        let of_statement = [("23505", "duplicate key"), ("22021", "invalid byte sequence"), ("54000", "too large")];
        for (code, message, told) in of_database {
            let fault = of_postgres_message(code, message, &address());
            assert!(fault.lies_with == LiesWith::Database && fault.problem.contains(told), "{code}: {fault}");
        }
        for (code, message) in of_statement {
            let fault = of_postgres_message(code, message, &address());
            assert_eq!(fault.lies_with, LiesWith::Statement, "{code}: {fault}");
        }
        for code in [5, 6, 7, 8, 10, 11, 13, 14, 26] {
            assert_eq!(of_sqlite_code(code, "", "guichet.db", None).lies_with, LiesWith::Database, "{code}");
        }
        for code in [1, 18, 19, 20] {
            assert_eq!(of_sqlite_code(code, "", "guichet.db", None).lies_with, LiesWith::Statement, "{code}");
        }
    }

    #[test]
    fn a_fault_of_the_store_is_found_below_what_was_being_done() {
        let fault = of_sqlite_code(13, "", "guichet.db", None);
        let error = anyhow::Error::from(fault.clone()).context("Cannot commit");
        assert!(is_unavailable(&error) && Fault::within(&error) == Some(&fault));
        assert!(!is_unavailable(&anyhow::anyhow!("the program failed")));
    }
}
