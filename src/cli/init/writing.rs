//! The files: a configuration, secrets that nobody else can read, articles that only agents are shown.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::answers::{Agent, Answers, Application, Login, Password};
use super::hosts::Server;
use super::presets::{Preset, Way};
use crate::cli::{WrongUsage, terminal};
use crate::known_fix;
use crate::mail::Language;
use crate::said;

/// What was made.
pub(super) struct Written {
    pub(super) files: Vec<PathBuf>,
    /// Secrets that are still empty.
    pub(super) to_fill: Vec<PathBuf>,
    /// The folder of articles.
    pub(super) known_fixes: PathBuf,
}

/// Tries whether the folder can be made and written to, before anybody answers questions in vain. Nothing is left behind.
pub(super) fn try_folder(folder: &Path) -> Result<()> {
    let there = folder.ancestors().find(|folder| folder.exists()).filter(|folder| !folder.as_os_str().is_empty());
    let trial = there.unwrap_or(Path::new(".")).join(format!(".guichet-init-{}", std::process::id()));
    let tried = OpenOptions::new().write(true).create_new(true).open(&trial).and_then(|_| fs::remove_file(&trial));
    tried.map_err(|error| {
        WrongUsage(said!(
            "Nothing can be written into {}: {error}. Run it as root, or name another folder by --dir.",
            "Rien ne peut être écrit dans {} : {error}. Exécutez-le comme root, ou nommez un autre dossier par --dir.",
            folder.display()
        ))
        .into()
    })
}

/// Secrets first and the configuration last: where it is, all that it names is there.
pub(super) fn write(file: &Path, answers: &Answers) -> Result<Written> {
    let folder = file.parent().unwrap_or(Path::new("."));
    make_folder(folder, 0o755)?;
    let known_fixes = folder.join(&answers.place.known_fixes);
    let mut written = Written { files: Vec::new(), to_fill: Vec::new(), known_fixes };
    for login in [Some(&answers.login), answers.relay_login.as_ref()].into_iter().flatten() {
        write_password(folder, &login.password, &mut written)?;
    }
    write_examples(answers, &mut written)?;
    write_new(file, &configuration(answers), 0o644, &mut written.files)?;
    Ok(written)
}

fn write_password(folder: &Path, password: &Password, written: &mut Written) -> Result<()> {
    let Password::New { file, content } = password else { return Ok(()) };
    let path = folder.join(file);
    if written.files.contains(&path) {
        return Ok(());
    }
    make_folder(path.parent().unwrap_or(folder), 0o700)?;
    let text = if content.is_empty() { String::new() } else { format!("{content}\n") };
    write_new(&path, &text, 0o600, &mut written.files)?;
    if fs::metadata(&path).is_ok_and(|file| file.len() == 0) {
        written.to_fill.push(path);
    }
    Ok(())
}

/// The articles in the desk's languages. They belong to whom the state belongs to: the service adds drafts to them.
fn write_examples(answers: &Answers, written: &mut Written) -> Result<()> {
    let folder = written.known_fixes.clone();
    let state = folder.parent().unwrap_or(Path::new("/"));
    make_folder(state, 0o755)?;
    let owner = fs::metadata(state)
        .with_context(|| said!("Cannot look at {}", "Impossible de consulter {}", state.display()))?;
    make_folder(&folder, 0o755)?;
    let mut made = vec![folder.clone()];
    for (name, text) in known_fix::examples() {
        if let Some(text) = unread(text, &answers.languages) {
            write_new(&folder.join(name), &text, 0o644, &mut made)?;
        }
    }
    for path in &made {
        chown(path, Some(owner.uid()), Some(owner.gid()))
            .with_context(|| said!("Cannot hand over {}", "Impossible de remettre {}", path.display()))?;
    }
    written.files.push(folder);
    Ok(())
}

/// The article as agents alone see it; `None` where it is in another language than the desk's.
fn unread(text: &str, languages: &[Language]) -> Option<String> {
    let language = *languages.iter().find(|of| text.contains(&format!("\nlanguage = \"{}\"\n", of.code())))?;
    let remark = match language {
        Language::FRENCH => "les agents seuls le voient; une fois lu : \"suggest\", \"auto\"",
        _ => "agents alone see it; once it is read: \"suggest\", \"auto\"",
    };
    let lines = text.lines().filter(|line| languages.len() > 1 || !line.starts_with("translation_of = "));
    let lines = lines.map(|line| match line.starts_with("answer = ") {
        true => format!("answer = \"never\"   # {remark}\n"),
        false => format!("{line}\n"),
    });
    Some(lines.collect())
}

fn configuration(answers: &Answers) -> String {
    let languages: Vec<_> = answers.languages.iter().map(|language| quoted(language.code())).collect();
    let agents: Vec<_> = answers.agents.iter().map(agent).collect();
    let sub_addressing = if answers.preset == Preset::Google { "true" } else { "false" };
    let values = [
        ("STORE_URL", quoted(&answers.place.url)),
        ("KNOWN_FIXES", quoted(&answers.place.known_fixes.display().to_string())),
        ("DISPLAY_NAME", quoted(&answers.display_name)),
        ("ADDRESS", quoted(answers.address.as_str())),
        ("LANGUAGES", languages.join(", ")),
        ("SUB_ADDRESSING", sub_addressing.to_owned()),
        ("PRESET", answers.preset.word().to_owned()),
        ("IMAP_SERVER", server(&answers.imap, 993, &answers.preset.imap())),
        ("SMTP_SERVER", server(&answers.smtp, 465, &answers.preset.smtp())),
        ("LOGIN", mailbox_login(answers)),
        (
            "OAUTH2",
            answers.application.as_ref().map(|application| oauth2(application, &answers.login)).unwrap_or_default(),
        ),
        ("RELAY_LOGIN", relay_login(answers)),
        ("AUTHENTICATION", authentication(answers.authserv_id.as_deref())),
        ("AGENTS", agents.join("\n")),
        ("LETTERS_PER_MINUTE", answers.preset.letters_per_minute()),
        ("KEPT_BY", answers.preset.kept_by().to_owned()),
    ];
    let template = include_str!("guichet.toml").replace("{{SERVERS}}", answers.preset.servers());
    let fill = |text: &str| {
        values.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value))
    };
    let lines = template.lines().map(|line| match line.split_once("  # ") {
        Some((front, remark)) => format!("{}# {remark}\n", padded(fill(front.trim_end()))),
        None => fill(line) + "\n",
    });
    lines.collect()
}

/// Remarks begin in one column, where the value in front of them leaves room.
fn padded(text: String) -> String {
    let width = text.lines().last().map_or(0, |line| line.chars().count());
    text + &" ".repeat(44_usize.saturating_sub(width).max(2))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn server(server: &Server, usual_port: u16, way: &Way) -> String {
    let sign = if server.port == usual_port { "#" } else { "" };
    format!("host = {}\n{sign}port = {}\ntls = {}", quoted(&server.host), server.port, quoted(way.tls(server)))
}

/// An application's secret stands in the table of its own.
fn mailbox_login(answers: &Answers) -> String {
    match &answers.application {
        Some(_) => format!("user = {}", quoted(&answers.login.user)),
        None => by_password(&answers.login),
    }
}

fn oauth2(Application { tenant, client_id }: &Application, login: &Login) -> String {
    format!(
        "flow = \"client_credentials\"\ntenant = {}\nclient_id = {}\nclient_secret_file = {}",
        quoted(tenant),
        quoted(client_id),
        file_of(&login.password)
    )
}

fn by_password(login: &Login) -> String {
    format!("user = {}\npassword_file = {}", quoted(&login.user), file_of(&login.password))
}

fn file_of(password: &Password) -> String {
    let (Password::There(file) | Password::New { file, .. }) = password;
    quoted(&file.display().to_string())
}

fn relay_login(answers: &Answers) -> String {
    match (&answers.relay_login, &answers.application) {
        (Some(login), Some(_)) => {
            format!(
                "user = {}\noauth2 = \"support\"                          # the login of that [[mailbox]]",
                quoted(&login.user)
            )
        }
        (Some(login), None) => by_password(login),
        (None, _) => "#user = \"\"                                 # the relay asks for no login\n\
                 #password_file = \"secrets/relay\""
            .to_owned(),
    }
}

fn authentication(authserv_id: Option<&str>) -> String {
    match authserv_id {
        Some(name) => format!(
            "authentication = \"header\"                   # \"dns\" where nothing checks SPF, DKIM and DMARC\n\
             authserv_id = {}",
            quoted(name)
        ),
        None => "# guichet asks name servers itself, as no server of yours says who wrote a mail (SPF, DKIM, DMARC).\n\
                 authentication = \"dns\"                      # \"token\" in a closed network without name servers\n\
                 #border = \"mx.example.com\"                # your server, as its own Received names it: for SPF"
            .to_owned(),
    }
}

fn agent(Agent { name, address, level }: &Agent) -> String {
    format!("[[agent]]\naddress = {}\nname = {}\nlevel = \"{level}\"\n", quoted(address.as_str()), quoted(name))
}

fn make_folder(folder: &Path, mode: u32) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(folder);
    made.with_context(|| said!("Cannot make the folder {}", "Impossible de créer le dossier {}", folder.display()))
}

/// Writes a file that does not exist yet.
fn write_new(file: &Path, text: &str, mode: u32, written: &mut Vec<PathBuf>) -> Result<()> {
    let created = OpenOptions::new().write(true).create_new(true).mode(mode).open(file);
    let write = created.and_then(|mut open| open.write_all(text.as_bytes()).and_then(|()| open.sync_all()));
    match write {
        Ok(()) => {
            written.push(file.to_owned());
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            terminal::tell(&said!(
                "{} exists already; it stays as it is.",
                "{} existe déjà; il reste tel quel.",
                file.display()
            ));
            Ok(())
        }
        Err(error) => Err(error).with_context(|| said!("Cannot write {}", "Impossible d’écrire {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::super::answers::Place;
    use super::*;
    use crate::config::{Config, Surroundings};
    use crate::desk::Level;
    use crate::known_fix::{Answer, Article};

    fn answers(preset: Preset) -> Answers {
        let password = Password::New { file: "secrets/support".into(), content: String::new() };
        let login = Login { user: "aide".to_owned(), password };
        let agent = |name: &str, address: &str, level| Agent {
            name: name.to_owned(),
            address: address.parse().unwrap(),
            level,
        };
        Answers {
            preset,
            address: "aide@bureau.test".parse().unwrap(),
            display_name: "Centre \"Assistance\"\\".to_owned(),
            agents: vec![
                agent("Aline Roy", "aline@bureau.test", Level::L1),
                agent("Denis", "denis@bureau.test", Level::L2),
            ],
            languages: vec![Language::FRENCH, Language::ENGLISH],
            application: preset.is_by_application().then(|| Application {
                tenant: "bureau.test".to_owned(),
                client_id: "2f1f5a1c-0000-4000-8000-000000000000".to_owned(),
            }),
            imap: preset.imap().server().unwrap_or(Server::new("mail.bureau.test", 993)),
            smtp: preset.smtp().server().unwrap_or(Server::new("mail.bureau.test", 587)),
            relay_login: Some(login.clone()),
            login,
            authserv_id: Some("mx.bureau.test".to_owned()),
            place: Place { url: "sqlite:guichet.db".to_owned(), known_fixes: "known-fixes".into() },
        }
    }

    fn read(text: &str) -> Config {
        let variable = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| "/nowhere".to_owned());
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("secrets")).unwrap();
        for secret in ["support", "relay"] {
            std::fs::write(folder.path().join("secrets").join(secret), "x\n").unwrap();
        }
        let surroundings = Surroundings { folder: folder.path(), variable: &variable };
        Config::read(text, &surroundings).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
    }

    #[test]
    fn every_preset_writes_a_configuration_that_is_accepted() {
        for preset in Preset::value_variants() {
            for (relay_login, authserv_id) in [(true, true), (false, true), (true, false)] {
                let mut answers = answers(*preset);
                answers.relay_login = answers.relay_login.filter(|_| relay_login);
                answers.authserv_id = answers.authserv_id.filter(|_| authserv_id);
                let text = configuration(&answers);
                assert!(!text.contains("{{"), "{text}");
                let config = read(&text);
                assert_eq!(config.policy.desks[0].display_name, "Centre \"Assistance\"\\");
                let names: Vec<_> = config.policy.agents.iter().map(|agent| agent.name.as_str()).collect();
                assert_eq!(names, ["Aline Roy", "Denis"]);
                assert_eq!(config.smtp.login.is_some(), relay_login);
                assert_eq!(config.mailboxes[0].imap.port, answers.imap.port);
            }
        }
    }

    #[test]
    fn every_key_of_the_template_that_is_commented_out_is_known() {
        let text = configuration(&answers(Preset::Own));
        let keys = text.lines().map(|line| match line.strip_prefix("#") {
            Some(rest) if rest.starts_with('[') || rest.split(" = ").next().is_some_and(is_key) => rest,
            _ => line,
        });
        read(&keys.collect::<Vec<_>>().join("\n"));
    }

    fn is_key(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    }

    #[test]
    fn an_example_is_for_agents_alone_and_in_a_language_of_the_desk() {
        let mut seen = 0;
        for (name, text) in known_fix::examples() {
            let read =
                |languages: &[Language]| unread(text, languages).map(|text| Article::parse(name, &text).unwrap());
            let of_both = read(&[Language::FRENCH, Language::ENGLISH]).expect("every example is in one of them");
            assert_eq!(of_both.answer, Answer::Never);
            let alone = read(&[of_both.language]).expect("its own language");
            assert_eq!((alone.translation_of, alone.body), (None, of_both.body));
            let other = if of_both.language == Language::FRENCH { Language::ENGLISH } else { Language::FRENCH };
            assert_eq!(read(&[other]), None);
            seen += 1;
        }
        assert!(seen > 0);
    }
}
