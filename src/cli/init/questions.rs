//! The dialogue: on a terminal, or with the lines that stand on stdin.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};

use crate::cli::{WrongUsage, terminal};
use crate::said;

/// Who answers, and what nobody answered.
pub(super) struct Questions {
    source: Source,
    missing: Vec<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Terminal,
    /// Lines on stdin; when they end, defaults hold.
    Lines,
    Nobody,
}

impl Questions {
    pub(super) fn new(takes_defaults: bool) -> Questions {
        let source = match (takes_defaults, io::stdin().is_terminal()) {
            (true, _) => Source::Nobody,
            (false, true) => Source::Terminal,
            (false, false) => Source::Lines,
        };
        Questions { source, missing: Vec::new() }
    }

    /// Whether a person sits there, who may be told of what is found and waits for a look.
    pub(super) fn are_of_a_person(&self) -> bool {
        self.source == Source::Terminal
    }

    /// Whether anybody still answers.
    pub(super) fn are_answered(&self) -> bool {
        self.source != Source::Nobody
    }

    /// What an option gave, else what is answered; an empty answer is the usual one. What `read` refuses is asked again,
    /// with its reason. `None`: nobody answered and there is no usual answer, which is noted.
    pub(super) fn ask<T>(
        &mut self,
        option: &'static str,
        given: Option<&str>,
        question: &str,
        usual: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>> {
        if let Some(given) = given {
            return read(given.trim()).map(Some).map_err(|why| WrongUsage(format!("{option}: {why}")).into());
        }
        let hint = usual.map(|usual| format!(" [{usual}]")).unwrap_or_default();
        loop {
            let line = self.line(option, &format!("{question}{hint} "))?;
            let answer = match (line, usual) {
                (Some(line), Some(usual)) if line.is_empty() => usual.to_owned(),
                (Some(line), _) => line,
                (None, Some(usual)) => usual.to_owned(),
                (None, None) => {
                    self.missing.push(option);
                    return Ok(None);
                }
            };
            match read(&answer) {
                Ok(answer) => return Ok(Some(answer)),
                Err(why) if self.are_answered() => terminal::tell(&why),
                Err(why) => return Err(WrongUsage(format!("{option}: {why}")).into()),
            }
        }
    }

    /// A password; it is not shown while it is typed. Empty where none is given.
    pub(super) fn password(&mut self, option: &'static str, question: &str) -> Result<String> {
        if self.source == Source::Terminal {
            return rpassword::prompt_password(format!("{question} "))
                .with_context(|| said!("Cannot read the password", "Impossible de lire le mot de passe"));
        }
        self.line(option, &format!("{question} ")).map(Option::unwrap_or_default)
    }

    /// Notes an option that was needed and nobody gave.
    pub(super) fn miss(&mut self, option: &'static str) {
        self.missing.push(option);
    }

    /// The error that names every option that is missing.
    pub(super) fn missing(&self) -> WrongUsage {
        let options = self.missing.join(", ");
        WrongUsage(said!(
            "Nothing was written: there is no answer to {options}. Give it as an option, or on stdin, one answer a line.",
            "Rien n’a été écrit : il manque la réponse à {options}. Donnez-la en option, ou sur l’entrée standard, une \
             réponse par ligne."
        ))
    }

    /// The next line; `None` where nobody answers any more. At a terminal the end of the answers is the end of `init`.
    pub(super) fn line(&mut self, option: &'static str, prompt: &str) -> Result<Option<String>> {
        if self.source == Source::Nobody {
            return Ok(None);
        }
        let end = if self.source == Source::Lines { "\n" } else { "" };
        let mut stderr = io::stderr().lock();
        write!(stderr, "{prompt}{end}")
            .and_then(|()| stderr.flush())
            .with_context(|| said!("Cannot ask", "Impossible de poser la question"))?;
        let mut line = String::new();
        let length = io::stdin()
            .read_line(&mut line)
            .with_context(|| said!("Cannot read the answer", "Impossible de lire la réponse"))?;
        match (length, self.source) {
            (0, Source::Terminal) => {
                self.missing.push(option);
                Err(self.missing().into())
            }
            (0, _) => {
                self.source = Source::Nobody;
                Ok(None)
            }
            _ => Ok(Some(line.trim().to_owned())),
        }
    }
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "oui" | "o" => Ok(true),
        "no" | "n" | "non" => Ok(false),
        _ => Err(said!("Write yes or no.", "Écrivez oui ou non.")),
    }
}
