//! `guichet init`: a first configuration. It asks what it was not told, and never overwrites.

use std::fs::OpenOptions;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::{Answer, WrongUsage, terminal};
use crate::known_fix;
use crate::mail::{Address, Language};

/// Write a first configuration and a folder of example known fixes; nothing is ever overwritten
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet init
  guichet init --dir /etc/guichet --preset google --address support@example.com --agent marie@example.com")]
pub(super) struct Arguments {
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Whose mail server it is
    #[arg(long)]
    preset: Option<Preset>,
    /// The address that people write to
    #[arg(long)]
    address: Option<Address>,
    /// What letters call the desk [default: Service desk]
    #[arg(long)]
    display_name: Option<String>,
    /// Somebody who answers: an address, or "Marie Tremblay <marie@example.com>"; may be given several times
    #[arg(long, value_name = "AGENT")]
    agent: Vec<String>,
    /// The desk's languages, the first where nothing tells
    #[arg(long, value_delimiter = ',', default_values = ["fr", "en"])]
    languages: Vec<Language>,
    /// The IMAP server [default: as the preset has it, else mail.DOMAIN]
    #[arg(long, value_name = "HOST")]
    imap_host: Option<String>,
    /// The SMTP server [default: as the preset has it, else mail.DOMAIN]
    #[arg(long, value_name = "HOST")]
    smtp_host: Option<String>,
}

/// Mail servers that are met often.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// Your own (Postfix and Dovecot, Exchange on premises, a hoster)
    Own,
    /// Google Workspace
    Google,
    /// Microsoft 365
    #[value(name = "microsoft365")]
    Microsoft365,
}

/// All that the template needs.
struct Answers {
    preset: Preset,
    address: Address,
    display_name: String,
    agents: Vec<(String, Address)>,
    languages: Vec<Language>,
    imap_host: String,
    smtp_host: String,
}

const FILE: &str = "guichet.toml";
const FIXES: &str = "known-fixes";

pub(super) fn run(arguments: Arguments) -> Result<Answer> {
    let folder = arguments.dir.clone();
    let file = folder.join(FILE);
    if file.exists() {
        terminal::tell(&format!("{} exists already; nothing was written.", file.display()));
        return Ok(Answer::No);
    }
    let answers = ask(arguments)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("Cannot make the folder {}", folder.display()))?;
    let mut written = Vec::new();
    write_new(&file, &configuration(&answers), &mut written)?;
    write_examples(&folder.join(FIXES), &mut written)?;
    for path in written {
        terminal::print(&format!("wrote {}", path.display()))?;
    }
    let dir = if folder == Path::new(".") { String::new() } else { format!(" --config {}", file.display()) };
    terminal::tell(&format!(
        "\nNext:\n  1. Write the mailbox's password on the first line of {} and let nobody else read it.\n  \
         2. Read {FILE}: every key that you may want is there, with its default.\n  \
         3. guichet check{dir}\n  4. guichet serve{dir}",
        folder.join("password").display()
    ));
    Ok(Answer::Done)
}

fn ask(arguments: Arguments) -> Result<Answers> {
    let mut questions = Questions { interactive: io::stdin().is_terminal(), missing: Vec::new() };
    let address = match arguments.address {
        Some(address) => Some(address),
        None => questions.ask("--address", "Which address do people write to?", None, |text| {
            text.parse::<Address>().map_err(|error| error.to_string())
        })?,
    };
    let preset = match arguments.preset {
        Some(preset) => Some(preset),
        None => {
            questions.ask("--preset", "Whose mail server is it: own, google or microsoft365?", Some("own"), |text| {
                Preset::from_str(text, true)
            })?
        }
    };
    let display_name = match arguments.display_name {
        Some(name) => name,
        None if questions.interactive => questions
            .ask("--display-name", "What do letters call the desk?", Some("Service desk"), |text| Ok(text.to_owned()))?
            .unwrap_or_default(),
        None => "Service desk".to_owned(),
    };
    let mut agents = Vec::new();
    for agent in &arguments.agent {
        agents.push(agent_of(agent).map_err(|why| WrongUsage(format!("--agent: {why}")))?);
    }
    if agents.is_empty() {
        agents.extend(questions.ask("--agent", "Who answers at first? (an address)", None, agent_of)?);
    }
    let (Some(address), Some(preset), true) = (address, preset, questions.missing.is_empty()) else {
        let message = format!("Not on a terminal, so nothing can be asked: give {}.", questions.missing.join(", "));
        return Err(WrongUsage(message).into());
    };
    let (imap_host, smtp_host) = preset.hosts(&address);
    Ok(Answers {
        preset,
        display_name,
        agents,
        languages: arguments.languages,
        imap_host: arguments.imap_host.unwrap_or(imap_host),
        smtp_host: arguments.smtp_host.unwrap_or(smtp_host),
        address,
    })
}

/// Questions on a terminal; elsewhere it notes which options are missing.
struct Questions {
    interactive: bool,
    missing: Vec<&'static str>,
}

impl Questions {
    fn ask<T>(
        &mut self,
        option: &'static str,
        question: &str,
        usual: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>> {
        if !self.interactive {
            self.missing.push(option);
            return Ok(None);
        }
        loop {
            let hint = usual.map(|usual| format!(" [{usual}]")).unwrap_or_default();
            let mut stderr = io::stderr().lock();
            write!(stderr, "{question}{hint} ").and_then(|()| stderr.flush()).context("Cannot ask")?;
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line).context("Cannot read the answer")? == 0 {
                return Err(WrongUsage(format!("No answer; {option} may be given instead.")).into());
            }
            let line = line.trim();
            let answer = if line.is_empty() { usual.unwrap_or_default() } else { line };
            match read(answer) {
                Ok(answer) => return Ok(Some(answer)),
                Err(why) => terminal::tell(&why),
            }
        }
    }
}

impl Preset {
    fn hosts(self, address: &Address) -> (String, String) {
        match self {
            Preset::Own => (format!("mail.{}", address.domain()), format!("mail.{}", address.domain())),
            Preset::Google => ("imap.gmail.com".to_owned(), "smtp.gmail.com".to_owned()),
            Preset::Microsoft365 => ("127.0.0.1".to_owned(), "127.0.0.1".to_owned()),
        }
    }

    /// What the provider takes from one account without refusing.
    fn letters_per_minute(self) -> &'static str {
        match self {
            Preset::Own => "#letters_per_minute = 600",
            Preset::Google => "letters_per_minute = 60",
            Preset::Microsoft365 => "letters_per_minute = 30",
        }
    }

    fn servers(self) -> &'static str {
        match self {
            Preset::Own => include_str!("own.toml"),
            Preset::Google => include_str!("google.toml"),
            Preset::Microsoft365 => include_str!("microsoft365.toml"),
        }
    }
}

/// Reads `marie.tremblay@example.com` or `Marie Tremblay <marie@example.com>`.
fn agent_of(text: &str) -> Result<(String, Address), String> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address),
        None => ("", text),
    };
    let address: Address = address.parse().map_err(|error: crate::mail::NotAnAddress| error.to_string())?;
    let name = if name.is_empty() { name_of(address.local()) } else { name.to_owned() };
    Ok((name, address))
}

/// `marie.tremblay` is probably Marie Tremblay.
fn name_of(local: &str) -> String {
    let words = local.split(['.', '_', '-']).filter(|word| !word.is_empty());
    let capitalised = words.map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    capitalised.collect::<Vec<_>>().join(" ")
}

fn configuration(answers: &Answers) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let languages: Vec<_> = answers.languages.iter().map(|language| quoted(language.code())).collect();
    let agents: Vec<_> = answers
        .agents
        .iter()
        .map(|(name, address)| {
            format!("[[agent]]\naddress = {}\nname = {}\nlevel = \"L1\"\n", quoted(address.as_str()), quoted(name))
        })
        .collect();
    let sub_addressing = if answers.preset == Preset::Google { "true" } else { "false" };
    let values = [
        ("DISPLAY_NAME", quoted(&answers.display_name)),
        ("ADDRESS", quoted(answers.address.as_str())),
        ("LANGUAGES", languages.join(", ")),
        ("SUB_ADDRESSING", sub_addressing.to_owned()),
        ("IMAP_HOST", quoted(&answers.imap_host)),
        ("SMTP_HOST", quoted(&answers.smtp_host)),
        ("AUTHSERV_ID", quoted(&answers.imap_host)),
        ("AGENTS", agents.join("\n")),
        ("LETTERS_PER_MINUTE", answers.preset.letters_per_minute().to_owned()),
    ];
    let template = include_str!("guichet.toml").replace("{{SERVERS}}", answers.preset.servers());
    values.iter().fold(template, |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value))
}

fn write_examples(folder: &Path, written: &mut Vec<PathBuf>) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("Cannot make the folder {}", folder.display()))?;
    for (name, text) in known_fix::examples() {
        let file = folder.join(name);
        if file.exists() {
            terminal::tell(&format!("{} exists already; it stays as it is.", file.display()));
        } else {
            write_new(&file, text, written)?;
        }
    }
    Ok(())
}

/// Writes a file that does not exist yet.
fn write_new(file: &Path, text: &str, written: &mut Vec<PathBuf>) -> Result<()> {
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    let write = created.and_then(|mut open| open.write_all(text.as_bytes()).and_then(|()| open.sync_all()));
    match write {
        Ok(()) => {
            written.push(file.to_owned());
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            terminal::tell(&format!("{} exists already; it stays as it is.", file.display()));
            Ok(())
        }
        Err(error) => Err(error).with_context(|| format!("Cannot write {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Surroundings};

    fn answers(preset: Preset) -> Answers {
        let address: Address = "aide@bureau.test".parse().unwrap();
        let (imap_host, smtp_host) = preset.hosts(&address);
        Answers {
            preset,
            address,
            display_name: "Centre \"Assistance\"\\".to_owned(),
            agents: vec![agent_of("aline.roy@bureau.test").unwrap(), agent_of("Denis <denis@bureau.test>").unwrap()],
            languages: vec![Language::FRENCH, Language::ENGLISH],
            imap_host,
            smtp_host,
        }
    }

    #[test]
    fn every_preset_writes_a_configuration_that_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "x\n").unwrap();
        let surroundings = Surroundings { folder: folder.path(), variable: &|_| None };
        for preset in Preset::value_variants() {
            let text = configuration(&answers(*preset));
            let config = Config::read(&text, &surroundings).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
            assert_eq!(config.policy.desks[0].display_name, "Centre \"Assistance\"\\");
            let names: Vec<_> = config.policy.agents.iter().map(|agent| agent.name.as_str()).collect();
            assert_eq!(names, ["Aline Roy", "Denis"]);
            assert!(!text.contains("{{"), "{text}");
        }
    }

    #[test]
    fn every_key_of_the_template_that_is_commented_out_is_known() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "x\n").unwrap();
        let surroundings = Surroundings { folder: folder.path(), variable: &|_| None };
        let text = configuration(&answers(Preset::Own));
        let keys = text.lines().map(|line| match line.strip_prefix("#") {
            Some(rest) if rest.starts_with('[') || rest.split(" = ").next().is_some_and(is_key) => rest,
            _ => line,
        });
        let text = keys.collect::<Vec<_>>().join("\n");
        Config::read(&text, &surroundings).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    }

    fn is_key(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    }
}
