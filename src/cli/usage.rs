//! What clap says, in French: help, and what is wrong with a command line.
//!
//! The commands write their texts in English, beside what they are about; `usage.fr.toml` says each of them in French.

use std::collections::HashMap;
use std::num::ParseIntError;
use std::sync::LazyLock;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use regex::Regex;
use serde::Deserialize;

use crate::mail::NotAnAddress;
use crate::mail::pattern::pattern;

/// A text of the commands in both languages.
#[derive(Deserialize)]
struct Text {
    en: String,
    fr: String,
}

#[derive(Deserialize)]
struct Texts {
    #[serde(default)]
    text: Vec<Text>,
}

static TEXTS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let texts = toml::from_str::<Texts>(include_str!("usage.fr.toml")).map(|texts| texts.text).unwrap_or_default();
    texts.into_iter().map(|Text { en, fr }| (en, fr)).collect()
});

/// What clap itself writes into a page of help, and what stands for it.
static FURNITURE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let furniture = [
        (r"(Usage|Options|Arguments):", "$1\u{a0}:"),
        (r"Commands:", "Commandes\u{a0}:"),
        (r"Possible values:", "Valeurs possibles\u{a0}:"),
        (r"\[default:", "[défaut\u{a0}:"),
        (r"\[env:", "[variable\u{a0}:"),
        (r"\[possible(\s+)values:", "[valeurs${1}possibles\u{a0}:"),
        (r"<COMMAND>", "<COMMANDE>"),
    ];
    furniture.map(|(english, french)| (pattern(english), french)).into()
});

/// The command with its texts in French.
pub(super) fn in_french(mut command: Command) -> Command {
    // What clap adds by itself has texts, too.
    command.build();
    with_french_texts(command)
}

fn with_french_texts(command: Command) -> Command {
    let (about, long_about) = (command.get_about().map(said_of), command.get_long_about().map(said_of));
    let after_help = command.get_after_help().map(|text| examples(&text.to_string()));
    let mut command = command.mut_args(argument).mut_subcommands(with_french_texts);
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    if let Some(help) = after_help {
        command = command.after_help(help);
    }
    command
}

fn argument(mut argument: Arg) -> Arg {
    let (help, long_help) = (argument.get_help().map(said_of), argument.get_long_help().map(said_of));
    let explained: Vec<String> =
        explained_values(&argument).map(|(name, help)| format!("- {name}\u{a0}: {}", said(&help))).collect();
    let names = argument.get_value_names().unwrap_or_default().iter();
    let names: Option<Vec<&'static str>> = names.map(|name| TEXTS.get(name.as_str()).map(String::as_str)).collect();
    if let Some(help) = &help {
        argument = argument.help(help.clone());
    }
    if let Some(help) = &long_help {
        argument = argument.long_help(help.clone());
    }
    if !explained.is_empty() {
        let help = long_help.or(help).unwrap_or_default();
        argument = argument.long_help(format!("{help}\n\nValeurs possibles\u{a0}:\n{}", explained.join("\n")));
        argument = argument.hide_possible_values(true);
    }
    if let Some(names) = names.filter(|names| !names.is_empty()) {
        argument = argument.value_names(names);
    }
    argument
}

/// The values of an argument that say what they are.
fn explained_values(argument: &Arg) -> impl Iterator<Item = (String, String)> {
    let takes_one = argument.get_action().takes_values();
    let values = if takes_one { argument.get_possible_values() } else { Vec::new() };
    values.into_iter().filter_map(|value| Some((value.get_name().to_owned(), value.get_help()?.to_string())))
}

/// Examples, and what is said below them: the commands stay, the words beside and between them are French.
fn examples(text: &str) -> String {
    let blocks = text.split("\n\n").map(|block| match pieces(block).as_slice() {
        [only] if only.1.is_empty() && !only.0.starts_with("  ") => said(&only.0),
        lines => {
            let lines = lines.iter().map(|(kept, words)| match kept.as_str() {
                "Example:" => "Exemple\u{a0}:".to_owned(),
                "Examples:" => "Exemples\u{a0}:".to_owned(),
                _ if kept.starts_with("  ") => format!("{kept}{}", said(words)),
                words => said(words),
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// The lines of a block of examples, each with what is said beside the command; a block of prose is one piece.
fn pieces(block: &str) -> Vec<(String, String)> {
    if !block.lines().any(|line| line.starts_with("  ")) {
        return vec![(block.to_owned(), String::new())];
    }
    let line = |line: &str| match line.strip_prefix("  ").and_then(|command| command.find("   ")) {
        Some(gap) => {
            let words = line[gap + 2..].trim_start();
            (line[..line.len() - words.len()].to_owned(), words.to_owned())
        }
        None => (line.to_owned(), String::new()),
    };
    block.lines().map(line).collect()
}

fn said_of(text: &StyledStr) -> String {
    said(&text.to_string())
}

/// A text in French; one that nobody has said yet in English.
fn said(text: &str) -> String {
    TEXTS.get(text).cloned().unwrap_or_else(|| text.to_owned())
}

/// A page of help, of which clap wrote the rest in English.
pub(super) fn page_in_french(rendered: &str) -> String {
    FURNITURE
        .iter()
        .fold(rendered.to_owned(), |page, (english, french)| english.replace_all(&page, *french).into_owned())
}

/// What is wrong with a command line, and how it is used.
pub(super) fn wrong_usage_in_french(error: &clap::Error) -> String {
    let usage = error
        .get(ContextKind::Usage)
        .map(|usage| format!("\n\n{}", page_in_french(&usage.to_string())))
        .unwrap_or_default();
    format!("erreur\u{a0}: {}{usage}\n\nPour en savoir plus, essayez «\u{a0}--help\u{a0}».\n", problem_in_french(error))
}

fn problem_in_french(error: &clap::Error) -> String {
    let of = |kind: ContextKind| error.get(kind).map(listed).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let near = suggested_in_french(error, ContextKind::SuggestedArg);
            format!("l’argument «\u{a0}{argument}\u{a0}» n’existe pas ici{near}")
        }
        ErrorKind::InvalidSubcommand => {
            let name = of(ContextKind::InvalidSubcommand);
            let near = suggested_in_french(error, ContextKind::SuggestedSubcommand);
            format!("la commande «\u{a0}{name}\u{a0}» n’existe pas{near}")
        }
        ErrorKind::MissingSubcommand => {
            format!("il manque une commande\u{a0}: {}", of(ContextKind::ValidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("il manque\u{a0}: {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("il manque une valeur à «\u{a0}{argument}\u{a0}»{}", valid_values_in_french(error))
        }
        ErrorKind::InvalidValue => {
            let near = suggested_in_french(error, ContextKind::SuggestedValue);
            format!(
                "«\u{a0}{value}\u{a0}» n’est pas une valeur de «\u{a0}{argument}\u{a0}»{}{near}",
                valid_values_in_french(error)
            )
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(|why| format!("\u{a0}: {}", why_in_french(why)));
            let why = why.unwrap_or_default();
            format!("«\u{a0}{value}\u{a0}» n’est pas une valeur de «\u{a0}{argument}\u{a0}»{why}")
        }
        ErrorKind::ArgumentConflict => match of(ContextKind::PriorArg) {
            prior if prior.is_empty() || prior == argument => {
                format!("«\u{a0}{argument}\u{a0}» ne se donne qu’une fois")
            }
            prior => format!("«\u{a0}{argument}\u{a0}» ne va pas avec «\u{a0}{prior}\u{a0}»"),
        },
        ErrorKind::TooManyValues => {
            format!("«\u{a0}{value}\u{a0}» est de trop pour «\u{a0}{argument}\u{a0}»")
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("«\u{a0}{argument}\u{a0}» n’a pas le nombre de valeurs qu’il faut")
        }
        ErrorKind::NoEquals => format!("il faut un signe d’égalité derrière «\u{a0}{argument}\u{a0}»"),
        ErrorKind::InvalidUtf8 => "un argument n’est pas écrit en UTF-8".to_owned(),
        kind => kind.as_str().unwrap_or("la ligne de commande ne peut pas être lue").to_owned(),
    }
}

/// What a type below says of a text that is none of its values; most say it in the terminal's language themselves.
fn why_in_french(why: &(dyn std::error::Error + 'static)) -> String {
    if why.is::<ParseIntError>() {
        "écrivez un nombre entier".to_owned()
    } else if why.is::<NotAnAddress>() {
        "ce n’est pas une adresse de courriel (nom@domaine)".to_owned()
    } else {
        why.to_string()
    }
}

fn valid_values_in_french(error: &clap::Error) -> String {
    match error.get(ContextKind::ValidValue).map(listed) {
        Some(values) if !values.is_empty() => format!("; valeurs possibles\u{a0}: {values}"),
        _ => String::new(),
    }
}

fn suggested_in_french(error: &clap::Error, kind: ContextKind) -> String {
    let near = match error.get(kind) {
        Some(ContextValue::Strings(all)) => all.join("\u{a0}» ou «\u{a0}"),
        one => one.map(listed).unwrap_or_default(),
    };
    if near.is_empty() { String::new() } else { format!(". Vouliez-vous «\u{a0}{near}\u{a0}»?") }
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        ContextValue::None | ContextValue::Bool(_) => String::new(),
        one => one.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::command;

    fn texts_of(command: &Command, texts: &mut BTreeSet<String>) {
        let own = [command.get_about(), command.get_long_about()];
        texts.extend(own.into_iter().flatten().map(ToString::to_string));
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for (kept, words) in examples.split("\n\n").flat_map(pieces) {
            let is_furniture = kept.starts_with("  ") || matches!(kept.as_str(), "" | "Example:" | "Examples:");
            texts.extend([words, if is_furniture { String::new() } else { kept }]);
        }
        for argument in command.get_arguments() {
            let help = [argument.get_help(), argument.get_long_help()];
            texts.extend(help.into_iter().flatten().map(ToString::to_string));
            texts.extend(explained_values(argument).map(|(_, help)| help));
            if argument.get_action().takes_values() {
                texts.extend(argument.get_value_names().into_iter().flatten().map(ToString::to_string));
            }
        }
        for below in command.get_subcommands() {
            texts_of(below, texts);
        }
        texts.remove("");
    }

    #[test]
    fn every_text_of_the_command_line_is_said_in_french_and_none_is_stale() {
        let mut command = command();
        command.build();
        let mut texts = BTreeSet::new();
        texts_of(&command, &mut texts);
        assert!(texts.len() > 60, "{}", texts.len());
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let missing: Vec<String> = texts
            .iter()
            .filter(|text| !TEXTS.contains_key(*text))
            .map(|text| format!("[[text]]\nen = {}\nfr = \"\"\n", quoted(text)))
            .collect();
        assert!(missing.is_empty(), "Add to src/cli/usage.fr.toml, with the French:\n\n{}", missing.join("\n"));
        let stale: Vec<&String> = TEXTS.keys().filter(|text| !texts.contains(*text)).collect();
        assert!(stale.is_empty(), "Take out of src/cli/usage.fr.toml, nothing says this any more: {stale:#?}");
        assert!(TEXTS.iter().all(|(english, french)| !english.trim().is_empty() && !french.trim().is_empty()));
    }

    fn told(arguments: &[&str]) -> String {
        let parsed = in_french(command()).try_get_matches_from(["guichet"].iter().chain(arguments));
        let error = parsed.expect_err("wrong usage");
        if error.use_stderr() { wrong_usage_in_french(&error) } else { page_in_french(&error.render().to_string()) }
            .replace('\u{a0}', " ")
    }

    #[test]
    fn help_is_french_from_top_to_bottom() {
        let help = told(&["--help"]);
        for words in
            ["Usage : guichet", "Commandes :", "Options :", "Afficher l’aide", "Exemples :", "Afficher la version"]
        {
            assert!(help.contains(words), "{words}: {help}");
        }
        let help = told(&["ticket", "list", "--help"]);
        for words in ["[valeurs possibles :", "[variable : GUICHET_CONFIG]"] {
            assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{words}: {help}");
        }
        let help = told(&["serve", "-h"]);
        assert!(!help.contains("Print") && !help.contains("possible values"), "{help}");
        assert!(told(&["help", "outbox"]).contains("Usage : guichet outbox"));
    }

    #[test]
    fn what_is_wrong_is_told_in_french_with_what_would_be_right() {
        for (arguments, words) in [
            (&["outbx"][..], "erreur : la commande « outbx » n’existe pas. Vouliez-vous « outbox »?"),
            (&["check", "--jsn"], "erreur : l’argument « --jsn » n’existe pas ici. Vouliez-vous « --json »?"),
            (&["ticket", "show"], "erreur : il manque : <RÉFÉRENCE>"),
            (
                &["ticket", "list", "--status", "opn"],
                "« opn » n’est pas une valeur de « --status <ÉTAT> »; valeurs possibles : new, open",
            ),
            (&["ticket", "list", "--status"], "il manque une valeur à « --status <ÉTAT> »"),
            (&["status", "now"], "l’argument « now » n’existe pas ici"),
            (&["check", "--json", "--json"], "« --json » ne se donne qu’une fois"),
            (&["outbox", "retry", "x"], "« x » n’est pas une valeur de « [ID]... » : écrivez un nombre entier"),
            (&["ticket", "list", "--owner", "alice"], ": ce n’est pas une adresse de courriel (nom@domaine)"),
        ] {
            let told = told(arguments);
            assert!(told.contains(words), "{words}: {told}");
            assert!(told.ends_with("Pour en savoir plus, essayez « --help ».\n"), "{told}");
        }
    }
}
