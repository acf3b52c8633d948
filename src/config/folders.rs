//! Folders that an operator fills: known fixes, and templates that replace the built-in ones.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::known_fix::{Article, ArticleFault};
use crate::letters::Templates;
use crate::said;

/// The articles of a folder, in the order of their file names, and what is wrong with the other files. Only files whose
/// name ends in `.md` are read, and no folders below.
pub fn known_fixes(folder: &Path) -> Result<(Vec<Article>, Vec<ArticleFault>)> {
    let unreadable = || {
        said!(
            "Cannot read the folder of known fixes {}",
            "Impossible de lire le dossier de solutions connues {}",
            folder.display()
        )
    };
    let (mut articles, mut faults) = (Vec::new(), Vec::new());
    for file in files(folder, "md").with_context(unreadable)? {
        let text = read(&file)?;
        match Article::parse(&file.display().to_string(), &text) {
            Ok(article) => articles.push(article),
            Err(fault) => faults.push(fault),
        }
    }
    Ok((articles, faults))
}

/// The file of a folder that holds the article with this id, and its text.
pub fn file_of_known_fix(folder: &Path, id: &str) -> Result<Option<(PathBuf, String)>> {
    let unreadable = || {
        said!(
            "Cannot read the folder of known fixes {}",
            "Impossible de lire le dossier de solutions connues {}",
            folder.display()
        )
    };
    for file in files(folder, "md").with_context(unreadable)? {
        let text = read(&file)?;
        if Article::parse("", &text).is_ok_and(|article| article.id.eq_ignore_ascii_case(id)) {
            return Ok(Some((file, text)));
        }
    }
    Ok(None)
}

/// The templates of the binary, with those of the folder in their place. Its folders are languages: `fr/answer.txt.hbs`.
///
/// # Errors
/// [`crate::letters::TemplateFaults`] where a template is wrong; else what could not be read.
pub fn templates(folder: Option<&Path>) -> Result<Templates> {
    let mut overrides = Vec::new();
    if let Some(folder) = folder {
        let unreadable = || {
            said!(
                "Cannot read the folder of templates {}",
                "Impossible de lire le dossier de gabarits {}",
                folder.display()
            )
        };
        for language in entries(folder).with_context(unreadable)?.into_iter().filter(|path| path.is_dir()) {
            for file in files(&language, "hbs").with_context(unreadable)? {
                let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                overrides.push((format!("{}/{}", name(&language), name(&file)), read(&file)?));
            }
        }
    }
    Ok(Templates::new(&overrides)?)
}

/// Files with this extension, by name.
fn files(folder: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let is_wanted = |path: &PathBuf| path.extension() == Some(OsStr::new(extension)) && path.is_file();
    Ok(entries(folder)?.into_iter().filter(is_wanted).collect())
}

fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read(file: &Path) -> Result<String> {
    let bytes =
        std::fs::read(file).with_context(|| said!("Cannot read {}", "Impossible de lire {}", file.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
