//! A folder of known fixes.

use std::path::Path;

use anyhow::{Context, Result};

use crate::known_fix::{Article, ArticleFault};

/// The articles of a folder, in the order of their file names, and what is wrong with the other files. Only files whose
/// name ends in `.md` are read, and no folders below.
pub fn known_fixes(folder: &Path) -> Result<(Vec<Article>, Vec<ArticleFault>)> {
    let unreadable = || format!("Cannot read the folder of known fixes {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "md") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let (mut articles, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("Cannot read {}", file.display()))?;
        match Article::parse(&file.display().to_string(), &String::from_utf8_lossy(&bytes)) {
            Ok(article) => articles.push(article),
            Err(fault) => faults.push(fault),
        }
    }
    Ok((articles, faults))
}
