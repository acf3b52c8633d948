//! The folders of known fixes: drafts are written into them, and they are read again when they change, so that what an
//! operator mends is in use without a restart.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use tokio_util::sync::CancellationToken;

use super::Gateway;
use crate::known_fix::{Article, ArticleFault, Library};
use crate::store::Draft;

/// Folders are looked at that often.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Reads the articles of a folder, and what is wrong with the other files.
pub type ReadFolder = fn(&Path) -> Result<(Vec<Article>, Vec<ArticleFault>)>;

/// The known fixes of all desks, and what was learnt from them.
#[derive(Debug)]
pub struct Shelf {
    /// The name of each desk that has a folder, and the folder.
    folders: Vec<(String, PathBuf)>,
    read: ReadFolder,
    suggest_from: f64,
    library: RwLock<Arc<Library>>,
    seen: Mutex<Files>,
}

/// Files with the time of their last change and their size in bytes; `None`: the folder could not be listed.
type Files = Option<BTreeMap<PathBuf, (SystemTime, u64)>>;

impl Shelf {
    /// Reads the folders, each named with its desk. A file that cannot be used is said and left out: the others still help.
    /// A known fix is suggested from this probability on, 0 to 1.
    pub fn open(folders: Vec<(String, PathBuf)>, read: ReadFolder, suggest_from: f64) -> Result<Shelf> {
        let seen = Mutex::new(files(&folders));
        let library = learn(&folders, read)?.with_threshold(suggest_from);
        Ok(Shelf { folders, read, suggest_from, library: RwLock::new(Arc::new(library)), seen })
    }

    /// Known fixes that stand in no folder.
    pub fn of(library: Library) -> Shelf {
        Shelf {
            folders: Vec::new(),
            read: |_| Ok((Vec::new(), Vec::new())),
            suggest_from: 1.0,
            library: RwLock::new(Arc::new(library)),
            seen: Mutex::new(files(&[])),
        }
    }

    /// All known fixes, as their folders were last read.
    pub fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the folders again if a file came, went or changed: how many articles there are then. What cannot be read leaves
    /// everything as it was, and is an error once.
    fn read_again(&self) -> Result<Option<usize>> {
        let now = files(&self.folders);
        let before = std::mem::replace(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner), now.clone());
        if now == before {
            return Ok(None);
        }
        let library = learn(&self.folders, self.read)?.with_threshold(self.suggest_from);
        let articles = library.articles().len();
        *self.library.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(library);
        Ok(Some(articles))
    }

    /// Writes a draft into its desk's folder, under a number where its name is taken. One that is there already, because the
    /// last run ended right behind it, is not written twice.
    fn put(&self, draft: &Draft) -> Result<()> {
        let folder = self.folders.iter().find(|(desk, _)| *desk == draft.desk);
        let Some((_, folder)) = folder else { bail!("Desk {:?} has no folder of known fixes", draft.desk) };
        let mut article = Article::parse(&draft.known_fix, &draft.file)?;
        for number in 2.. {
            let (path, text) = (folder.join(format!("{}.md", article.id)), article.file());
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    return file.write_all(text.as_bytes()).with_context(|| format!("Cannot write {}", path.display()));
                }
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(error).with_context(|| format!("Cannot write {}", path.display()));
                }
                Err(_) if std::fs::read_to_string(&path).is_ok_and(|there| there == text) => return Ok(()),
                Err(_) => article.id = format!("{}-{number}", draft.known_fix),
            }
        }
        Ok(())
    }
}

impl Gateway {
    /// Keeps the known fixes as their files are, until `stop`.
    pub(super) async fn keep_shelf(&self, stop: &CancellationToken) -> Result<()> {
        let mut said = String::new();
        while !stop.is_cancelled() {
            let fault = self.tend_shelf().await.err().map(|error| format!("{error:#}")).unwrap_or_default();
            if !fault.is_empty() && fault != said {
                tracing::warn!(
                    error = fault,
                    "The known fixes stay as they were: look at known_fixes of the [[desk]] and at the rights of the folder"
                );
            }
            said = fault;
            self.hints.drafted.wait(LOOK_AGAIN, stop).await;
        }
        Ok(())
    }

    /// Puts drafts into their folders and looks at these once. Learning from many articles takes a while, so it is done beside
    /// everything else.
    pub async fn tend_shelf(&self) -> Result<()> {
        let put = self.put_drafts().await;
        let shelf = Arc::clone(&self.shelf);
        let read = tokio::task::spawn_blocking(move || shelf.read_again());
        if let Some(articles) = read.await.context("Cannot read the known fixes")?? {
            tracing::info!(articles, "The known fixes changed and were read again");
        }
        put
    }

    async fn put_drafts(&self) -> Result<()> {
        for draft in self.store.drafts().await? {
            self.shelf.put(&draft)?;
            self.store.draft_is_shelved(draft.id).await?;
            tracing::info!(known_fix.id = draft.known_fix, "An agent drafted a known fix: read it over in its folder");
        }
        Ok(())
    }
}

fn learn(folders: &[(String, PathBuf)], read: ReadFolder) -> Result<Library> {
    let mut articles = Vec::new();
    for (_, folder) in folders {
        let (found, faults) = read(folder)?;
        articles.extend(found);
        for fault in faults {
            tracing::warn!("A known fix is left out: {fault}");
        }
    }
    Ok(Library::new(articles))
}

fn files(folders: &[(String, PathBuf)]) -> Files {
    let mut files = BTreeMap::new();
    for (_, folder) in folders {
        for entry in std::fs::read_dir(folder).ok()? {
            // A file that is just being replaced shows at the next look.
            if let Ok(entry) = entry
                && let Ok(about) = entry.metadata()
                && let Ok(changed) = about.modified()
            {
                files.insert(entry.path(), (changed, about.len()));
            }
        }
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path) -> Result<(Vec<Article>, Vec<ArticleFault>)> {
        let mut read = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            match Article::parse(&path.display().to_string(), &std::fs::read_to_string(&path)?) {
                Ok(article) => read.0.push(article),
                Err(fault) => read.1.push(fault),
            }
        }
        Ok(read)
    }

    fn article(id: &str) -> String {
        format!(
            "+++\nid = \"{id}\"\ntitle = \"VPN\"\nlanguage = \"fr\"\nsymptoms = [\"le VPN est lent\"]\nanswer = \"auto\"\n+++\n\nAttendez.\n"
        )
    }

    #[test]
    fn a_file_that_comes_changes_or_goes_is_noticed_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vpn.md");
        std::fs::write(&file, article("vpn")).unwrap();
        let shelf = Shelf::open(vec![("support".to_owned(), folder.path().to_owned())], read, 0.5).unwrap();
        assert_eq!(shelf.read_again().unwrap(), None);
        std::fs::write(folder.path().join("wifi.md"), article("wifi")).unwrap();
        assert_eq!(shelf.read_again().unwrap(), Some(2));
        std::fs::write(&file, article("vpn-lent")).unwrap();
        assert_eq!(shelf.read_again().unwrap(), Some(2));
        assert!(shelf.library().article("vpn-lent").is_some() && shelf.library().article("vpn").is_none());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(shelf.read_again().unwrap(), Some(1));
    }

    #[test]
    fn known_fixes_that_stand_in_no_folder_stay() {
        let shelf = Shelf::of(Library::new(vec![Article::parse("vpn.md", &article("vpn")).unwrap()]));
        assert_eq!(shelf.read_again().unwrap(), None);
        assert!(shelf.library().article("vpn").is_some());
    }

    #[test]
    fn a_draft_is_written_once_and_never_over_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(vec![("support".to_owned(), folder.path().to_owned())], read, 0.5).unwrap();
        let draft = |text: &str| {
            let file = article("vpn").replace("Attendez.", text);
            Draft { id: 1, desk: "support".to_owned(), known_fix: "vpn".to_owned(), file }
        };
        shelf.put(&draft("Attendez.")).unwrap();
        shelf.put(&draft("Attendez.")).unwrap();
        shelf.put(&draft("Patientez.")).unwrap();
        assert_eq!(shelf.read_again().unwrap(), Some(2));
        assert_eq!(shelf.library().article("vpn-2").unwrap().body, "Patientez.\n");
    }

    #[test]
    fn a_folder_that_cannot_be_read_leaves_the_known_fixes_and_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vpn.md"), article("vpn")).unwrap();
        let shelf = Shelf::open(vec![("support".to_owned(), folder.path().to_owned())], read, 0.5).unwrap();
        folder.close().unwrap();
        assert!(shelf.read_again().is_err());
        assert_eq!(shelf.read_again().unwrap(), None);
        assert!(shelf.library().article("vpn").is_some());
    }
}
