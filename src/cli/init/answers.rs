//! What is asked, in which order, and what counts as an answer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::arguments::Arguments;
use super::hosts::{self, Server};
use super::presets::{Preset, Way};
use super::questions::Questions;
use crate::cli::{WrongUsage, terminal};
use crate::desk::Level;
use crate::mail::{Address, Language};
use crate::said;

/// All that the configuration needs.
pub(super) struct Answers {
    pub(super) preset: Preset,
    pub(super) address: Address,
    pub(super) display_name: String,
    /// At least one.
    pub(super) languages: Vec<Language>,
    pub(super) imap: Server,
    pub(super) smtp: Server,
    /// The password is the client secret where an application signs in.
    pub(super) login: Login,
    /// Who signs in to both in the place of a person, by OAuth 2.0.
    pub(super) application: Option<Application>,
    /// `None`: the relay asks for none.
    pub(super) relay_login: Option<Login>,
    /// The name at the start of `Authentication-Results`; `None` where nothing writes any.
    pub(super) authserv_id: Option<String>,
    /// At least one at L1.
    pub(super) agents: Vec<Agent>,
    pub(super) place: Place,
}

/// A login and where its password is.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Password,
}

/// An application, as Microsoft Entra registered it.
pub(super) struct Application {
    pub(super) tenant: String,
    pub(super) client_id: String,
}

/// A password by its file, a relative one beside the configuration.
#[derive(Clone)]
pub(super) enum Password {
    /// The operator made the file.
    There(PathBuf),
    /// To be written; empty where the operator fills it in.
    New { file: PathBuf, content: String },
}

pub(super) struct Agent {
    pub(super) name: String,
    pub(super) address: Address,
    pub(super) level: Level,
}

/// Where state is kept.
pub(super) struct Place {
    /// `[store] url`, to SQLite or PostgreSQL.
    pub(super) url: String,
    /// The folder of known fixes, which the service adds drafts to; a relative one stands beside the configuration.
    pub(super) known_fixes: PathBuf,
}

pub(super) fn ask(arguments: &Arguments, questions: &mut Questions) -> Result<Answers> {
    let Some(address) = ask_address(arguments, questions)? else {
        if arguments.agent.is_empty() {
            questions.miss("--agent");
        }
        return Err(questions.missing().into());
    };
    let preset = ask_preset(arguments, questions)?;
    fit(arguments, preset)?;
    let languages = ask_languages(arguments, questions)?;
    let display_name = ask_display_name(arguments, questions, &languages)?;
    let imap = ask_imap(arguments, questions, preset, &address)?;
    let application = ask_application(arguments, questions, preset, &address)?;
    let login = ask_login(arguments, questions, preset, &address)?;
    let smtp = ask_smtp(arguments, questions, preset, &address, &imap)?;
    let relay_login = ask_relay_login(arguments, questions, preset, &login)?;
    let authserv_id = match preset {
        Preset::Own => ask_authserv_id(arguments, questions, &imap)?,
        Preset::Google => Some("mx.google.com".to_owned()),
        Preset::Microsoft365 | Preset::Exchange | Preset::Ovh | Preset::Infomaniak => None,
    };
    let agents = ask_agents(arguments, questions, &address)?;
    let place = ask_place(arguments, questions)?;
    if agents.is_empty() || (preset.is_by_application() && application.is_none()) {
        return Err(questions.missing().into());
    }
    Ok(Answers {
        preset,
        address,
        display_name,
        languages,
        imap,
        smtp,
        login,
        application,
        relay_login,
        authserv_id,
        agents,
        place,
    })
}

/// The answer to a question that has a usual one.
fn answered<T>(answer: Option<T>) -> Result<T> {
    answer.context("A question with a usual answer has none")
}

fn ask_address(arguments: &Arguments, questions: &mut Questions) -> Result<Option<Address>> {
    let question = said!("Which address do people write to?", "À quelle adresse les gens écrivent-ils?");
    questions.ask("--address", arguments.address.as_deref(), &question, None, address_of)
}

fn address_of(text: &str) -> Result<Address, String> {
    text.parse().map_err(|_| {
        said!(
            "{text:?} is no mail address: write it like support@example.com, without a name.",
            "{text:?} n’est pas une adresse de courriel : écrivez-la comme aide@exemple.com, sans nom."
        )
    })
}

fn ask_preset(arguments: &Arguments, questions: &mut Questions) -> Result<Preset> {
    let question = said!(
        "Whose mail server is it: own (Postfix, a hoster), google, microsoft365, exchange (on site), ovh or infomaniak?",
        "À qui est le serveur de courriel : own (le vôtre : Postfix, un hébergeur), google, microsoft365, exchange (sur \
         place), ovh ou infomaniak?"
    );
    let preset = match arguments.preset {
        Some(preset) => preset,
        None => answered(questions.ask("--preset", None, &question, Some("own"), Preset::read)?)?,
    };
    if questions.are_answered()
        && let Some(advice) = preset.advice()
    {
        terminal::tell(&advice);
    }
    Ok(preset)
}

fn ask_languages(arguments: &Arguments, questions: &mut Questions) -> Result<Vec<Language>> {
    let question = said!(
        "Which languages does the desk write: fr, en or both? The first where nothing tells.",
        "En quelles langues le centre écrit-il : fr, en ou les deux? La première quand rien ne l’indique."
    );
    answered(questions.ask("--languages", arguments.languages.as_deref(), &question, Some("fr en"), languages_of)?)
}

/// Reads `fr en`, `fr,en`, `en`.
fn languages_of(text: &str) -> Result<Vec<Language>, String> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '+');
    let mut languages = Vec::new();
    for word in
        text.split(separates).map(|word| word.trim_matches(['"', '\'', '[', ']'])).filter(|word| !word.is_empty())
    {
        let language = word.to_lowercase().parse().ok();
        match language.filter(|language| [Language::FRENCH, Language::ENGLISH].contains(language)) {
            Some(language) if languages.contains(&language) => {}
            Some(language) => languages.push(language),
            None => {
                return Err(said!(
                    "{word:?} has no letters here: write fr, en, or both, such as fr en. Another language needs templates of \
                     yours, which can be added afterwards.",
                    "{word:?} n’a pas de lettres ici : écrivez fr, en ou les deux, comme fr en. Une autre langue demande vos \
                     propres modèles, à ajouter ensuite."
                ));
            }
        }
    }
    if languages.is_empty() {
        Err(said!("Write fr, en or both.", "Écrivez fr, en ou les deux."))
    } else {
        Ok(languages)
    }
}

fn ask_display_name(arguments: &Arguments, questions: &mut Questions, languages: &[Language]) -> Result<String> {
    let question = said!("What do letters call the desk?", "Quel nom les lettres donnent-elles au centre?");
    let usual = if languages.first() == Some(&Language::FRENCH) { "Centre de services" } else { "Service desk" };
    answered(questions.ask("--display-name", arguments.display_name.as_deref(), &question, Some(usual), one_line)?)
}

fn one_line(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(said!("Write one line of text.", "Écrivez une ligne de texte."));
    }
    Ok(text.to_owned())
}

fn ask_imap(arguments: &Arguments, questions: &mut Questions, preset: Preset, address: &Address) -> Result<Server> {
    let question = said!(
        "Which IMAP server has the mailbox? A name, or name:port",
        "Quel serveur IMAP tient la boîte? Un nom, ou nom:port"
    );
    let way = preset.imap();
    let likely = || hosts::likely_imap(address.domain(), way.port);
    ask_server(questions, "--imap-host", arguments.imap_host.as_deref(), &question, &way, likely)
}

fn ask_smtp(
    arguments: &Arguments,
    questions: &mut Questions,
    preset: Preset,
    address: &Address,
    imap: &Server,
) -> Result<Server> {
    let question = said!(
        "Which SMTP server takes its letters? A name, or name:port",
        "Quel serveur SMTP prend ses lettres? Un nom, ou nom:port"
    );
    let way = preset.smtp();
    let likely = || hosts::likely_smtp(address.domain(), &imap.host, way.port);
    ask_server(questions, "--smtp-host", arguments.smtp_host.as_deref(), &question, &way, likely)
}

/// A person is offered the likely server that is there, and told where nobody answers at the one that was written.
fn ask_server(
    questions: &mut Questions,
    option: &'static str,
    given: Option<&str>,
    question: &str,
    way: &Way,
    likely: impl Fn() -> Vec<Server>,
) -> Result<Server> {
    let (usual_port, of_preset) = (way.port, way.server());
    let is_looked_for = given.is_none() && of_preset.is_none() && questions.are_of_a_person();
    let found = if is_looked_for { hosts::first_there(&likely()) } else { None };
    let guess = found.clone().or(of_preset).or_else(|| likely().into_iter().next());
    let usual = guess.map(|server| server.written(usual_port));
    let read = |text: &str| Server::read(text, usual_port);
    let server = answered(questions.ask(option, given, question, usual.as_deref(), read)?)?;
    if questions.are_of_a_person()
        && found.as_ref() != Some(&server)
        && let Some(why) = server.silence()
    {
        let Server { host, port } = &server;
        terminal::tell(&said!(
            "  (Nobody answers at {host}, port {port}: {why}. It is written down all the same.)",
            "  (Personne ne répond à {host}, port {port} : {why}. C’est noté tout de même.)"
        ));
    }
    Ok(server)
}

/// Options that the preset does not ask for would be lost.
fn fit(arguments: &Arguments, preset: Preset) -> Result<()> {
    let by_application = [
        ("--tenant", arguments.tenant.is_some()),
        ("--client-id", arguments.client_id.is_some()),
        ("--client-secret-file", arguments.client_secret_file.is_some()),
    ];
    let by_password = [("--password-file", arguments.password_file.is_some())];
    let word = preset.word();
    let (of_others, its_own): (&[(&str, bool)], _) = match preset.is_by_application() {
        true => (&by_password, "--client-id, --client-secret-file"),
        false => (&by_application, "--password-file"),
    };
    match of_others.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((option, _)) => Err(WrongUsage(said!(
            "{option} is not for {word}, which signs in by {its_own}.",
            "{option} n’est pas pour {word}, qui s’identifie par {its_own}."
        ))
        .into()),
    }
}

/// Who signs in, where that is an application; also `None` where nobody said, which is noted.
fn ask_application(
    arguments: &Arguments,
    questions: &mut Questions,
    preset: Preset,
    address: &Address,
) -> Result<Option<Application>> {
    if !preset.is_by_application() {
        return Ok(None);
    }
    let question = said!(
        "Which tenant is it? Its name or id (Entra: Directory (tenant) ID)",
        "De quel locataire s’agit-il? Son nom ou son identifiant (Entra : ID de l’annuaire (locataire))"
    );
    let tenant = questions.ask("--tenant", arguments.tenant.as_deref(), &question, Some(address.domain()), id)?;
    let question = said!(
        "Which application signs in? Its id (Entra: Application (client) ID)",
        "Quelle application s’identifie? Son identifiant (Entra : ID d’application (client))"
    );
    let client_id = questions.ask("--client-id", arguments.client_id.as_deref(), &question, None, id)?;
    Ok(tenant.zip(client_id).map(|(tenant, client_id)| Application { tenant, client_id }))
}

fn id(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
        return Ok(text.to_owned());
    }
    Err(said!(
        "{text:?} is no id: Entra shows one such as 2f1f5a1c-0000-4000-8000-000000000000.",
        "{text:?} n’est pas un identifiant : Entra en montre un comme 2f1f5a1c-0000-4000-8000-000000000000."
    ))
}

fn ask_login(arguments: &Arguments, questions: &mut Questions, preset: Preset, address: &Address) -> Result<Login> {
    let question = said!("With which login does it open the mailbox?", "Avec quel identifiant ouvre-t-il la boîte?");
    let user = questions.ask("--user", arguments.user.as_deref(), &question, Some(address.as_str()), one_line)?;
    let given = if preset.is_by_application() { &arguments.client_secret_file } else { &arguments.password_file };
    let password = match given {
        // A name in the configuration counts from where that stands, one on the command line from here.
        Some(file) => Password::There(std::path::absolute(file)?),
        None => ask_password(arguments, questions, preset, "support")?,
    };
    Ok(Login { user: answered(user)?, password })
}

/// A password for a file of that name; asked unless the file is there.
fn ask_password(arguments: &Arguments, questions: &mut Questions, preset: Preset, name: &str) -> Result<Password> {
    let file = Path::new("secrets").join(name);
    let beside = arguments.dir.join(&file);
    if std::fs::metadata(&beside).is_ok_and(|file| file.len() > 0) {
        return Ok(Password::There(file));
    }
    let there = beside.display();
    let (option, question) = if preset.is_by_application() {
        let question = said!(
            "The client secret's value, not its id, kept in {there} (empty: you write it there yourself)",
            "La valeur du secret client, et non son identifiant, gardée dans {there} (vide : vous l’y écrirez vous-même)"
        );
        ("--client-secret-file", question)
    } else {
        let question = said!(
            "Its password, kept in {there} (empty: you write it there yourself)",
            "Son mot de passe, gardé dans {there} (vide : vous l’y écrirez vous-même)"
        );
        ("--password-file", question)
    };
    Ok(Password::New { file, content: questions.password(option, &question)? })
}

fn ask_relay_login(
    arguments: &Arguments,
    questions: &mut Questions,
    preset: Preset,
    mailbox: &Login,
) -> Result<Option<Login>> {
    let question = said!(
        "With which login does it hand letters over? none where the relay asks for none",
        "Avec quel identifiant remet-il ses lettres? aucun si le relais n’en demande pas"
    );
    let given = arguments.smtp_user.as_deref();
    match answered(questions.ask("--smtp-user", given, &question, Some(&mailbox.user), one_line)?)? {
        user if is_none(&user) => Ok(None),
        user if user == mailbox.user => Ok(Some(mailbox.clone())),
        // An application has one secret for all that it may open.
        user if preset.is_by_application() => Ok(Some(Login { user, password: mailbox.password.clone() })),
        user => Ok(Some(Login { user, password: ask_password(arguments, questions, preset, "relay")? })),
    }
}

fn is_none(text: &str) -> bool {
    ["none", "aucun"].contains(&text.to_lowercase().as_str())
}

fn ask_authserv_id(arguments: &Arguments, questions: &mut Questions, imap: &Server) -> Result<Option<String>> {
    let question = said!(
        "Which name begins the Authentication-Results in mail that your server took in? none where it writes none",
        "Quel nom commence les Authentication-Results du courriel que votre serveur a reçu? aucun s’il n’en écrit pas"
    );
    let given = arguments.authserv_id.as_deref();
    let name = answered(questions.ask("--authserv-id", given, &question, Some(&imap.host), |text| {
        let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if !text.is_empty() && text.chars().all(good) {
            return Ok(text.to_owned());
        }
        Err(said!("Write the name alone, such as mx.example.com.", "Écrivez le nom seul, comme mx.exemple.com."))
    })?)?;
    Ok(Some(name).filter(|name| !is_none(name)))
}

/// Everybody who answers; empty where nobody was named, which is noted.
fn ask_agents(arguments: &Arguments, questions: &mut Questions, desk: &Address) -> Result<Vec<Agent>> {
    let mut agents: Vec<Agent> = Vec::new();
    for given in &arguments.agent {
        let agent = agent_of(given, desk, &agents).map_err(|why| WrongUsage(format!("--agent: {why}")))?;
        agents.push(agent);
    }
    let nobody_at_l1 = || {
        said!(
            "Somebody at L1 is needed: new tickets are mailed there.",
            "Il faut quelqu’un au niveau N1 : les nouveaux billets y sont envoyés."
        )
    };
    let first = said!(
        "Who answers? Such as Marie Tremblay <marie@{0}>, with L2 or L3 behind it unless it is L1",
        "Qui répond? Comme Marie Tremblay <marie@{0}>, suivi de N2 ou N3 si ce n’est pas N1",
        desk.domain()
    );
    let further = said!("Who else? (empty: nobody)", "Qui d’autre? (vide : personne)");
    while arguments.agent.is_empty() {
        let question = if agents.is_empty() { &first } else { &further };
        match questions.line("--agent", &format!("{question} "))? {
            Some(line) if line.is_empty() && has_first_level(&agents) => return Ok(agents),
            Some(line) if line.is_empty() => terminal::tell(&nobody_at_l1()),
            Some(line) => match agent_of(&line, desk, &agents) {
                Ok(agent) => agents.push(agent),
                Err(why) => terminal::tell(&why),
            },
            None => break,
        }
    }
    if agents.is_empty() {
        questions.miss("--agent");
    } else if !has_first_level(&agents) {
        return Err(WrongUsage(format!("--agent: {}", nobody_at_l1())).into());
    }
    Ok(agents)
}

fn has_first_level(agents: &[Agent]) -> bool {
    agents.iter().any(|agent| agent.level == Level::L1)
}

/// Reads `marie.tremblay@example.com`, `Marie Tremblay <marie@example.com>`, `Marie Tremblay <marie@example.com> L2`.
fn agent_of(text: &str, desk: &Address, others: &[Agent]) -> Result<Agent, String> {
    let (text, level) = level_behind(text.trim());
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
        None => ("", text),
    };
    let address: Address = address.parse().map_err(|_| {
        said!(
            "{text:?} is nobody with an address: write one person, such as Marie Tremblay <marie@example.com>.",
            "{text:?} n’est personne avec une adresse : écrivez une personne, comme Marie Tremblay <marie@exemple.com>."
        )
    })?;
    if address.is_within(desk) {
        return Err(said!(
            "{address} is the desk's own address: agents have addresses of their own.",
            "{address} est l’adresse du centre : les agents ont leurs propres adresses."
        ));
    }
    if others.iter().any(|other| other.address.is(&address)) {
        return Err(said!("{address} is named already.", "{address} est déjà nommée."));
    }
    let name = if name.is_empty() { name_of(address.local()) } else { one_line(name)? };
    Ok(Agent { name, address, level })
}

/// The text in front of a level, and the level; L1 where none stands there.
fn level_behind(text: &str) -> (&str, Level) {
    if let Some(at) = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)) {
        let (front, behind) = text.split_at(at);
        if let (Ok(level), true) = (behind.parse(), front.ends_with([' ', '\t', ',', ';', '>'])) {
            return (front.trim_end_matches([' ', '\t', ',', ';']), level);
        }
    }
    (text, Level::L1)
}

/// `marie.tremblay` is probably Marie Tremblay.
fn name_of(local: &str) -> String {
    let words = local.split(['.', '_', '-', '"']).filter(|word| !word.is_empty());
    let capitalised = words.map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    let name = capitalised.collect::<Vec<_>>().join(" ");
    if name.is_empty() { local.to_owned() } else { name }
}

fn ask_place(arguments: &Arguments, questions: &mut Questions) -> Result<Place> {
    let question = said!(
        "Where are tickets kept? A folder, or postgres://user@host/database",
        "Où garder les billets? Un dossier, ou postgres://utilisateur@serveur/base"
    );
    let folder = std::path::absolute(&arguments.dir)
        .with_context(|| said!("Cannot tell where {} is", "Impossible de situer {}", arguments.dir.display()))?;
    let usual = state_folder(&folder, std::env::var("STATE_DIRECTORY").ok().as_deref());
    let read = |text: &str| place_of(text, &folder, &usual);
    answered(questions.ask(
        "--store",
        arguments.store.as_deref(),
        &question,
        Some(&usual.display().to_string()),
        read,
    )?)
}

/// Where the system keeps state: where it says so, and for what is configured in /etc; else beside the configuration.
fn state_folder(configuration: &Path, told: Option<&str>) -> PathBuf {
    match told.and_then(|told| told.split(':').next()).filter(|told| !told.is_empty()) {
        Some(told) => told.into(),
        None if configuration.starts_with("/etc") => "/var/lib/guichet".into(),
        None => configuration.to_owned(),
    }
}

/// Reads a folder or the address of a database. What stands beside the configuration is named by its name alone.
fn place_of(text: &str, configuration: &Path, usual: &Path) -> Result<Place, String> {
    let within = |folder: &Path, name: &str| {
        let path = folder.join(name);
        path.strip_prefix(configuration).map(Path::to_owned).unwrap_or(path)
    };
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let user = text.split("://").nth(1).and_then(|rest| rest.rsplit_once('@')).map_or("", |(user, _)| user);
        if user.contains(':') {
            return Err(said!(
                "The configuration is no place for a password: leave it out here, write the whole address into a file that \
                 guichet alone can read, and name that file afterwards by url_file in [store].",
                "La configuration n’est pas un endroit pour un mot de passe : omettez-le ici, écrivez l’adresse complète dans \
                 un fichier que seul guichet peut lire et nommez ensuite ce fichier par url_file dans [store]."
            ));
        }
        return Ok(Place { url: text.to_owned(), known_fixes: within(usual, "known-fixes") });
    }
    let folder = configuration.join(text);
    let names_file = folder.is_file() || folder.extension().is_some_and(|ending| ending == "db");
    if text.is_empty() || text.contains("://") || text.starts_with("sqlite:") || names_file {
        return Err(said!(
            "{text:?} is no folder: name one, such as /var/lib/guichet, or a database by postgres://user@host/database.",
            "{text:?} n’est pas un dossier : nommez-en un, comme /var/lib/guichet, ou une base par \
             postgres://utilisateur@serveur/base."
        ));
    }
    let store = within(&folder, "guichet.db");
    Ok(Place { url: format!("sqlite:{}", store.display()), known_fixes: within(&folder, "known-fixes") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn languages_are_separated_as_people_do() {
        for text in ["fr en", "fr,en", "FR, en", "fr;en", "fr fr en", "[\"fr\", \"en\"]"] {
            assert_eq!(languages_of(text), Ok(vec![Language::FRENCH, Language::ENGLISH]), "{text}");
        }
        assert_eq!(languages_of("en"), Ok(vec![Language::ENGLISH]));
        for wrong in ["", " , ", "français", "fr de", "xx"] {
            assert!(languages_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_agent_is_named_by_a_name_or_by_the_address() {
        let desk = address("aide@bureau.test");
        let read = |text| {
            let agent = agent_of(text, &desk, &[]).unwrap_or_else(|why| panic!("{why}"));
            (agent.name, agent.address.to_string(), agent.level)
        };
        let aline = |level| ("Aline Roy".to_owned(), "aline.roy@bureau.test".to_owned(), level);
        assert_eq!(read("aline.roy@bureau.test"), aline(Level::L1));
        assert_eq!(read("\"Aline Roy\" <aline.roy@bureau.test>"), aline(Level::L1));
        assert_eq!(read("Aline Roy <aline.roy@bureau.test>, L2"), aline(Level::L2));
        assert_eq!(read("Aline Roy <aline.roy@bureau.test>L3"), aline(Level::L3));
        assert_eq!(read("aline.roy@bureau.test l1"), aline(Level::L1));
        let refused = |text, others: &[Agent]| agent_of(text, &desk, others).is_err();
        assert!(refused("Aline", &[]) && refused("", &[]) && refused("AIDE+1@bureau.test", &[]));
        assert!(refused("a@bureau.test, d@bureau.test", &[]), "one at a time");
        let aline = agent_of("aline@bureau.test", &desk, &[]).unwrap();
        assert!(refused("Autre <Aline@Bureau.test>", &[aline]));
    }

    #[test]
    fn state_lies_where_the_system_keeps_it() {
        let folder = |configuration: &str, told| state_folder(Path::new(configuration), told).display().to_string();
        assert_eq!(folder("/etc/guichet", None), "/var/lib/guichet");
        assert_eq!(folder("/etc/guichet", Some("/state:/other")), "/state");
        assert_eq!(folder("/home/aline/essai", None), "/home/aline/essai");
    }

    #[test]
    fn a_place_is_a_folder_or_a_database_without_its_password() {
        let (here, state) = (Path::new("/etc/guichet"), Path::new("/var/lib/guichet"));
        let place =
            |text| place_of(text, here, state).map(|place| (place.url, place.known_fixes.display().to_string()));
        let both = |url: &str, fixes: &str| Ok((url.to_owned(), fixes.to_owned()));
        assert_eq!(
            place("/var/lib/guichet"),
            both("sqlite:/var/lib/guichet/guichet.db", "/var/lib/guichet/known-fixes")
        );
        assert_eq!(place("/etc/guichet"), both("sqlite:guichet.db", "known-fixes"));
        assert_eq!(place("state"), both("sqlite:state/guichet.db", "state/known-fixes"));
        assert_eq!(
            place("postgres://guichet@db.test/guichet"),
            both("postgres://guichet@db.test/guichet", "/var/lib/guichet/known-fixes")
        );
        for wrong in ["postgres://guichet:secret@db.test/guichet", "mysql://db.test/x", "sqlite:x.db", "/etc/hostname"]
        {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
