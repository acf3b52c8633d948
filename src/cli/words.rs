//! Words that an operator gives with a command: on the command line, from stdin, or in an editor.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::{WrongUsage, terminal};
use crate::said;

/// Words, and where they are kept until they have had their effect.
pub(super) struct Written {
    pub(super) text: String,
    kept: Option<PathBuf>,
}

/// The words of `--text`: as given, from stdin where they are `-`, and without any from an editor, at a terminal.
///
/// # Errors
///
/// They are blank, or there is neither text nor terminal.
pub(super) fn required(given: Option<String>, example: &str) -> Result<Written> {
    if let Some(given) = given {
        return Ok(Written { text: spoken(given)?, kept: None });
    }
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|set| !set.is_empty()));
    match editor.filter(|_| io::stdin().is_terminal() && io::stderr().is_terminal()) {
        Some(editor) => edited(&editor, &std::env::temp_dir()),
        None => Err(WrongUsage(said!(
            "There is no text. Example: {example} --text \"…\", or --text - to read it from stdin.",
            "Il n’y a pas de texte. Exemple\u{a0}: {example} --text \"…\", ou --text - pour le lire de l’entrée standard."
        ))
        .into()),
    }
}

/// As [`required`], where a command may go without words.
pub(super) fn optional(given: Option<String>) -> Result<Option<String>> {
    given.map(spoken).transpose()
}

fn spoken(given: String) -> Result<String> {
    let text = if given == "-" { read(io::stdin().lock())? } else { given };
    if is_blank(&text) { Err(nothing_said()) } else { Ok(text) }
}

fn read(mut from: impl Read) -> Result<String> {
    let mut text = String::new();
    from.read_to_string(&mut text).with_context(|| {
        said!("Cannot read the text from stdin, in UTF-8", "Impossible de lire le texte de l’entrée standard, en UTF-8")
    })?;
    Ok(text)
}

/// Characters that nobody sees are no words.
fn is_blank(text: &str) -> bool {
    terminal::safe(text).chars().all(|c| c.is_whitespace() || c == '\u{fffd}')
}

fn nothing_said() -> anyhow::Error {
    WrongUsage(said!("The text is empty: nothing was done.", "Le texte est vide\u{a0}: rien n’a été fait.")).into()
}

/// What somebody writes in an editor. As with git, the variable is a command of the shell: it may have arguments.
fn edited(editor: &str, folder: &Path) -> Result<Written> {
    let path = folder.join(format!("guichet-{}-{}.txt", std::process::id(), Timestamp::now().as_millisecond()));
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(b"\n"))
        .with_context(|| said!("Cannot write {}", "Impossible d’écrire {}", path.display()))?;
    let written = Written { text: String::new(), kept: Some(path.clone()) };
    let command = format!("{editor} \"$@\"");
    let ended = Command::new("sh").arg("-c").arg(command).arg(editor).arg(&path).status();
    match ended {
        Ok(status) if status.success() => {}
        Ok(status) => {
            written.keep();
            bail!(said!("The editor {editor} ended with {status}", "L’éditeur {editor} s’est terminé par {status}"))
        }
        Err(error) => {
            written.keep();
            return Err(error)
                .with_context(|| said!("Cannot start the editor {editor}", "Impossible de lancer l’éditeur {editor}"));
        }
    }
    let bytes = fs::read(&path)
        .with_context(|| said!("Cannot read {}", "Impossible de lire {}", path.display()))
        .and_then(|bytes| read(bytes.as_slice()));
    match bytes {
        Ok(text) if is_blank(&text) => {
            written.forget();
            Err(nothing_said())
        }
        Ok(text) => Ok(Written { text: text.trim_end().to_owned(), ..written }),
        Err(error) => {
            written.keep();
            Err(error)
        }
    }
}

impl Written {
    /// Deletes the file in which the words were kept: they had their effect.
    pub(super) fn forget(self) {
        if let Some(path) = self.kept {
            let _ = fs::remove_file(path);
        }
    }

    /// They had none: says where they are. What holds no words is not kept.
    pub(super) fn keep(self) {
        let Some(path) = self.kept else { return };
        if fs::read_to_string(&path).is_ok_and(|text| is_blank(&text)) {
            let _ = fs::remove_file(path);
            return;
        }
        let path = path.display();
        terminal::tell(&said!("Your text is kept in {path}.", "Votre texte est conservé dans {path}."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An editor that writes these words.
    fn editor(folder: &Path, script: &str) -> String {
        let path = folder.join("editor.sh");
        fs::write(&path, script).unwrap();
        format!("sh {}", path.display())
    }

    fn kept(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|e| e == "txt"))
            .map(|p| fs::read_to_string(p).unwrap())
            .collect()
    }

    #[test]
    fn what_was_written_in_an_editor_is_kept_until_it_had_its_effect() {
        let folder = tempfile::tempdir().unwrap();
        let written = edited(&editor(folder.path(), "echo 'Le câble est changé.' > \"$1\""), folder.path()).unwrap();
        assert_eq!((written.text.as_str(), kept(folder.path()).len()), ("Le câble est changé.", 1));
        written.forget();
        assert!(kept(folder.path()).is_empty());
    }

    #[test]
    fn an_editor_that_fails_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(edited(&editor(folder.path(), "echo 'à moitié' > \"$1\"; exit 3"), folder.path()).is_err());
        assert_eq!(kept(folder.path()), ["à moitié\n"]);
    }

    #[test]
    fn an_editor_that_was_left_without_words_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(edited("true", folder.path()).is_err_and(|error| error.is::<WrongUsage>()));
        assert!(edited("false", folder.path()).is_err());
        assert!(kept(folder.path()).is_empty());
    }

    #[test]
    fn what_nobody_can_see_is_no_text() {
        for blank in ["", " \n\t", "\u{200b}\u{feff}", "\u{a0}"] {
            assert!(spoken(blank.to_owned()).is_err(), "{blank:?}");
        }
        assert!(spoken(" é ".to_owned()).is_ok());
    }
}
