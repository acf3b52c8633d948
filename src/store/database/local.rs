//! The file system below a SQLite store: who may write there, how much room there is, who keeps the file locked.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat, statfs, statvfs};
use rustix::io::Errno;

use super::fault::Fault;
use crate::said;

/// Below so many free bytes an operator should do something: a day of a busy desk, and room to work.
pub(super) const FREE_BYTES_MIN: u64 = 500 << 20;

/// Where the file would be: whether it is there, and that nothing keeps this user from writing or making it.
pub(super) fn standing(file: &Path) -> Result<Standing, Fault> {
    if file.is_dir() {
        return Err(directory(file));
    }
    let is_there = file.symlink_metadata().is_ok();
    match unwritable(file) {
        Some(fault) => Err(fault),
        None if is_there => Ok(Standing::There),
        None => Ok(Standing::Missing),
    }
}

/// Whether there is a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    There,
    Missing,
}

fn directory(file: &Path) -> Fault {
    let name = file.display();
    Fault::new(
        said!("{name} is a folder", "{name} est un dossier"),
        said!("Name a file in it: sqlite:{name}/guichet.db.", "Nommez un fichier dedans : sqlite:{name}/guichet.db."),
    )
}

/// What keeps this user from writing the file, or from making it; `None` where nothing does.
pub(super) fn unwritable(file: &Path) -> Option<Fault> {
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    match file.metadata() {
        Ok(metadata) => no_access(file, &metadata).or_else(|| no_access_to_folder(folder, Needs::FilesBeside)),
        Err(_) => no_access_to_folder(folder, Needs::NewFile),
    }
}

/// What a folder must be writable for.
#[derive(Clone, Copy)]
enum Needs {
    /// SQLite keeps `-wal` and `-shm` beside the database.
    FilesBeside,
    NewFile,
}

fn no_access_to_folder(folder: &Path, needs: Needs) -> Option<Fault> {
    let there = folder.ancestors().find_map(|folder| Some((folder, folder.metadata().ok()?)));
    let (there, metadata) = there.map(|(there, metadata)| (nonempty(there), metadata))?;
    let name = there.display();
    if !metadata.is_dir() {
        return Some(Fault::new(
            said!("{name} is a file, not a folder", "{name} est un fichier, pas un dossier"),
            said!("Name another file in [store] url.", "Nommez un autre fichier dans [store] url."),
        ));
    }
    let errno = accessat(CWD, there, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).err()?;
    if errno == Errno::ROFS {
        return Some(read_only_system(there));
    }
    let (owner, own) = (user_name(metadata.uid()), own_name());
    Some(match needs {
        Needs::FilesBeside => Fault::new(
            said!(
                "the folder {name} belongs to {owner} and the user {own} may not write there, where SQLite keeps files beside the database",
                "le dossier {name} appartient à {owner} et l’utilisateur {own} ne peut pas y écrire, or SQLite garde des fichiers à côté de la base"
            ),
            give_to(&own, &name),
        ),
        Needs::NewFile => Fault::new(
            said!(
                "the folder {name} belongs to {owner} and the user {own} may not make the database there",
                "le dossier {name} appartient à {owner} et l’utilisateur {own} ne peut pas y créer la base"
            ),
            give_to(&own, &name),
        ),
    })
}

fn no_access(file: &Path, metadata: &Metadata) -> Option<Fault> {
    let errno = accessat(CWD, file, Access::READ_OK | Access::WRITE_OK, AtFlags::EACCESS).err()?;
    if errno == Errno::ROFS {
        return Some(read_only_system(file));
    }
    let (name, owner, own) = (file.display(), user_name(metadata.uid()), own_name());
    Some(if owner == own {
        let mode = format!("{:03o}", metadata.mode() & 0o777);
        Fault::new(
            said!(
                "the user {own} may not write {name} (mode {mode})",
                "l’utilisateur {own} ne peut pas écrire dans {name} (mode {mode})"
            ),
            said!("Give the right back: `chmod u+rw {name}`.", "Rendez-en le droit : `chmod u+rw {name}`."),
        )
    } else {
        Fault::new(
            said!(
                "{name} belongs to {owner}, and the user {own} may not write it",
                "{name} appartient à {owner}, et l’utilisateur {own} ne peut pas y écrire"
            ),
            give_to(&own, &name),
        )
    })
}

fn give_to(own: &str, name: &std::path::Display<'_>) -> String {
    said!(
        "Run guichet as its owner, or give it away: `chown -R {own} {name}`.",
        "Lancez guichet sous son propriétaire, ou donnez-le : `chown -R {own} {name}`."
    )
}

fn read_only_system(path: &Path) -> Fault {
    let name = path.display();
    Fault::new(
        said!(
            "{name} stands on a file system that can only be read",
            "{name} est sur un système de fichiers en lecture seule"
        ),
        said!(
            "Mount it writable, or name another folder in [store] url; a container needs a volume there, a systemd unit StateDirectory= or ReadWritePaths=.",
            "Montez-le en écriture, ou nommez un autre dossier dans [store] url; un conteneur y demande un volume, une unité systemd StateDirectory= ou ReadWritePaths=."
        ),
    )
}

fn nonempty(folder: &Path) -> &Path {
    if folder == Path::new("") { Path::new(".") } else { folder }
}

fn own_name() -> String {
    user_name(rustix::process::geteuid().as_raw())
}

fn user_name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}

/// Too little room on the disk of the file; `None` where there is enough.
pub(super) fn scarce(file: &Path) -> Option<Fault> {
    let there = file.ancestors().map(nonempty).find(|folder| folder.exists())?;
    let system = statvfs(there).ok()?;
    scarce_of(file, system.f_bavail.saturating_mul(system.f_frsize))
}

fn scarce_of(file: &Path, free_bytes: u64) -> Option<Fault> {
    let (name, free) = (file.display(), free_bytes >> 20);
    (free_bytes < FREE_BYTES_MIN).then(|| {
        Fault::new(
            said!("only {free} MB are free on the disk of {name}", "il ne reste que {free} Mo sur le disque de {name}"),
            said!(
                "Make room there, or move the store to a larger disk.",
                "Faites-y de la place, ou déplacez la base sur un disque plus grand."
            ),
        )
    })
}

/// File systems over a network by their magic numbers (statfs(2)): what is locked there is not always locked, and SQLite's
/// WAL needs memory that all share.
const NETWORK_FILE_SYSTEMS: [(i64, &str); 6] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
];

/// The store stands on a file system over a network.
pub(super) fn remote(file: &Path) -> Option<Fault> {
    let there = file.ancestors().map(nonempty).find(|folder| folder.exists())?;
    let magic = statfs(there).ok()?.f_type as i64 & 0xffff_ffff;
    remote_of(file, magic)
}

fn remote_of(file: &Path, magic: i64) -> Option<Fault> {
    let (_, kind) = NETWORK_FILE_SYSTEMS.into_iter().find(|(known, _)| *known == magic)?;
    let name = file.display();
    Some(Fault::new(
        said!(
            "{name} stands on a file system over the network ({kind}), where SQLite's locks do not hold",
            "{name} est sur un système de fichiers réseau ({kind}), où les verrous de SQLite ne tiennent pas"
        ),
        said!(
            "Put the store on a disk of this machine, or use PostgreSQL.",
            "Mettez la base sur un disque de cette machine, ou utilisez PostgreSQL."
        ),
    ))
}

/// Who keeps a lock on the file or what SQLite keeps beside it, as `/proc/locks` tells: `sqlite3, process 123`.
pub(super) fn locked_by(file: &Path) -> Option<String> {
    let shared = file.as_os_str().to_owned();
    let files: Vec<PathBuf> = ["", "-shm", "-wal"].map(|end| appended(&shared, end)).into();
    let inodes: Vec<u64> = files.iter().filter_map(|file| Some(file.metadata().ok()?.ino())).collect();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let pid = locks.lines().filter_map(lock).find(|(pid, inode)| *pid != std::process::id() && inodes.contains(inode));
    let (pid, _) = pid?;
    let program = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let program = program.trim();
    Some(said!("{program}, process {pid}", "{program}, processus {pid}"))
}

fn appended(name: &OsStr, end: &str) -> PathBuf {
    let mut name = name.to_owned();
    name.push(end);
    name.into()
}

/// Process and inode of a line such as `1: POSIX ADVISORY WRITE 123 fe:01:4567 0 EOF` (proc_locks(5)) that keeps writers out.
fn lock(line: &str) -> Option<(u32, u64)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, _, _, "WRITE", pid, place, ..] = fields[..] else { return None };
    Some((pid.parse().ok()?, place.rsplit(':').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_no_store_and_neither_is_what_lies_below_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let told = standing(folder.path()).unwrap_err();
        assert!(told.problem.ends_with("is a folder") && told.remedy.contains("/guichet.db"), "{told}");
        std::fs::write(folder.path().join("file"), "").unwrap();
        let told = standing(&folder.path().join("file/guichet.db")).unwrap_err();
        assert!(told.problem.ends_with("file is a file, not a folder"), "{told}");
        assert_eq!(standing(&folder.path().join("new/guichet.db")), Ok(Standing::Missing));
        assert_eq!(standing(&folder.path().join("file")), Ok(Standing::There));
    }

    #[test]
    fn little_room_and_a_file_system_over_the_network_are_told() {
        let file = Path::new("/srv/guichet.db");
        let told = scarce_of(file, 120 << 20).unwrap();
        assert_eq!(told.problem, "only 120 MB are free on the disk of /srv/guichet.db");
        assert_eq!(scarce_of(file, FREE_BYTES_MIN), None);
        assert!(remote_of(file, 0x6969).unwrap().problem.contains("(NFS)"));
        assert_eq!(remote_of(file, 0xef53), None, "ext4");
    }

    #[test]
    fn whoever_locks_the_file_is_named() {
        assert_eq!(lock("1: POSIX  ADVISORY  WRITE 123 fe:01:4567 0 EOF"), Some((123, 4567)));
        assert_eq!(lock("1: POSIX  ADVISORY  READ  123 fe:01:4567 128 128"), None);
        assert_eq!(lock("2: -> POSIX ADVISORY WRITE 123 fe:01:4567 0 EOF"), None, "it waits for one");
    }
}
